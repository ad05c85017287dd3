"""What the process says of itself while it works: one JSON object a line in `events.jsonl`."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etabli.engine_contract.training import Event, Stage

HEARTBEAT_S = 1.0
COUNTED_SHARE = 0.6
"""Of a part with steps; the rest is what a library does with all of them at once."""
MIN_SCALE_S = 5.0


class Progress:
    """Appends whole lines, each flushed at once, so that the hub can read while we write."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def tell(self, stage: Stage, fraction: float, **values: Any) -> None:
        self._file.write(Event(datetime.now(UTC), stage, fraction, values).as_line())
        self._file.flush()

    @contextmanager
    def during(
        self, stage: Stage, begins: float, ends: float, steps: int = 0, **values: Any
    ) -> Iterator["Part"]:
        """Tell at the start and once a second, and how far the part between `begins` and `ends` is.

        `steps`: how many times the block will call `advance` of what it is given. What it does
        then, or without steps, inside a library, can only be estimated: it moves, ever slower.
        """
        part = Part(begins, ends, steps)
        started = time.monotonic()
        self.tell(stage, begins, **values)
        finished = threading.Event()

        def beat() -> None:
            while not finished.wait(HEARTBEAT_S):
                elapsed_s = round(time.monotonic() - started, 1)
                self.tell(stage, part.fraction(elapsed_s), **values, elapsed_s=elapsed_s)

        heart = threading.Thread(target=beat, daemon=True)
        heart.start()
        try:
            yield part
        finally:
            finished.set()
            heart.join()

    def close(self) -> None:
        self._file.close()


class Part:
    """How far one part of the work is: counted where it can be, estimated where it cannot."""

    def __init__(self, begins: float, ends: float, steps: int = 0) -> None:
        self._begins, self._ends, self._steps = begins, ends, steps
        self._done = 0
        self._counted_s = 0.0

    def advance(self) -> None:
        """One of the steps is done."""
        self._done += 1

    def fraction(self, elapsed_s: float) -> float:
        """Of the whole work, between where this part begins and where it ends."""
        counted = COUNTED_SHARE * min(1.0, self._done / self._steps) if self._steps else 0.0
        if self._steps and self._done < self._steps:
            self._counted_s = elapsed_s
            return self._begins + (self._ends - self._begins) * counted
        # The rest is taken to last as long as what was counted: half of it is then behind.
        scale_s = max(self._counted_s, MIN_SCALE_S)
        rest = (elapsed_s - self._counted_s) / (elapsed_s - self._counted_s + scale_s)
        return self._begins + (self._ends - self._begins) * (counted + (1 - counted) * rest)

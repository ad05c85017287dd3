"""What the process says of itself while it works: one JSON object a line in `events.jsonl`."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Event, Thread
from typing import Any

HEARTBEAT_S = 1.0


class Stage(StrEnum):
    READING = "reading"
    CHECKING = "checking"
    LEARNING = "learning"
    CALIBRATING = "calibrating"
    EXAMINING = "examining"
    SAVING = "saving"
    DONE = "done"


class Progress:
    """Appends whole lines, each flushed at once, so that the hub can read while we write."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")

    def tell(self, stage: Stage, fraction: float, **values: Any) -> None:
        line = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "stage": stage.value,
            "fraction": round(fraction, 3),
            "values": values,
        }
        self._file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self._file.flush()

    @contextmanager
    def during(self, stage: Stage, fraction: float, **values: Any) -> Iterator[None]:
        """Tell at the start and once a second: a long step inside a library looks alive."""
        started = time.monotonic()
        self.tell(stage, fraction, **values)
        finished = Event()

        def beat() -> None:
            while not finished.wait(HEARTBEAT_S):
                elapsed_s = round(time.monotonic() - started, 1)
                self.tell(stage, fraction, **values, elapsed_s=elapsed_s)

        heart = Thread(target=beat, daemon=True)
        heart.start()
        try:
            yield
        finally:
            finished.set()
            heart.join()

    def close(self) -> None:
        self._file.close()

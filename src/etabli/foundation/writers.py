"""Who writes to the database: one after the other on SQLite, and how long each of them took."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from etabli.foundation.errors import UnavailableError
from etabli.foundation.file_turns import FileTurns
from etabli.foundation.i18n.messages import msg

WAIT_S = 30
"""How long a writer waits for those before it."""
KEPT_TURNS = 1_000
"""So many turns are looked back at."""

doing: ContextVar[str] = ContextVar("doing", default="")
"""What this thread or task is at, for whoever looks at the figures: a route, or a job."""


class WriterBusyError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(msg("The database of this hub is busy writing. Try again in a moment."))


@dataclass(frozen=True)
class Turn:
    """One transaction that wrote."""

    doing: str
    waited_s: float
    held_s: float


@dataclass(frozen=True)
class WriterFigures:
    """What the last turns of one process took."""

    turns: int
    """All since the process started."""
    held_p50_ms: float
    held_p99_ms: float
    waited_p99_ms: float
    longest: Turn | None
    """The longest of them all, since the process started."""


class Writers:
    """A fair queue before the database's one writer: in this process, and then among processes.

    SQLite itself lets writers in by chance: each tries again after a pause of its own, and one can
    be overtaken until it gives up.
    """

    def __init__(self, *, one_at_a_time: bool, among: FileTurns | None = None) -> None:
        """`among`: the turns of all processes that write to this database."""
        self._one_at_a_time = one_at_a_time
        self._among = among
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._is_taken = False
        self._turns: deque[Turn] = deque(maxlen=KEPT_TURNS)
        self._count = self._told = 0
        self._longest: Turn | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One writer's turn, from its first statement to its commit.

        Raises:
            WriterBusyError: those before it took half a minute.
        """
        asked_at_s = time.monotonic()
        if self._one_at_a_time:
            self._take()
        began_at_s = time.monotonic()
        try:
            yield
        finally:
            if self._one_at_a_time:
                self._give_on()
            ended_at_s = time.monotonic()
            self._note(Turn(doing.get(), began_at_s - asked_at_s, ended_at_s - began_at_s))

    def news(self) -> WriterFigures | None:
        """The figures, if a turn has ended since this was asked before."""
        with self._lock:
            is_known, self._told = self._told == self._count, self._count
        return None if is_known else self.figures()

    def figures(self) -> WriterFigures:
        with self._lock:
            turns, count, longest = list(self._turns), self._count, self._longest
        held = sorted(turn.held_s * 1000 for turn in turns)
        waited = sorted(turn.waited_s * 1000 for turn in turns)
        return WriterFigures(
            count, _quantile(held, 0.5), _quantile(held, 0.99), _quantile(waited, 0.99), longest
        )

    def close(self) -> None:
        """Idempotent."""
        if self._among:
            self._among.close()

    def _take(self) -> None:
        began_at_s = time.monotonic()
        self._take_here()
        left_s = max(0.0, WAIT_S - (time.monotonic() - began_at_s))
        is_ours = False
        try:
            is_ours = self._among is None or self._among.take(left_s)
        finally:
            if not is_ours:
                self._give_on_here()
        if not is_ours:
            raise WriterBusyError

    def _give_on(self) -> None:
        if self._among:
            self._among.give_on()
        self._give_on_here()

    def _take_here(self) -> None:
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return
            ours = threading.Event()
            self._waiting.append(ours)
        if ours.wait(WAIT_S):
            return
        with self._lock:
            if not ours.is_set():
                self._waiting.remove(ours)
                raise WriterBusyError
        # It was given just as the wait ended: it is ours.

    def _give_on_here(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False

    def _note(self, turn: Turn) -> None:
        with self._lock:
            self._count += 1
            self._turns.append(turn)
            if self._longest is None or turn.held_s > self._longest.held_s:
                self._longest = turn


def _quantile(ordered: list[float], share: float) -> float:
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0

"""One at a time among the processes of a machine, in about the order in which they came."""

import fcntl
import os
import time
import weakref
from contextlib import suppress
from functools import cached_property
from pathlib import Path

LOOK_AGAIN_AFTER_S = 0.002
SUFFIXES = ("-next", "-turn")
"""Of the two files, which hold nothing."""


class FileTurns:
    """Two locks on files: whoever is next holds one while it waits for the other.

    So whoever has had its turn stands behind those that waited meanwhile, and nobody is passed by
    one process again and again. The system lets go of both, however a process ends.
    """

    def __init__(self, path: Path) -> None:
        """For one thread at a time. Files are made beside `path`, at the first turn."""
        self._path = path

    def take(self, within_s: float) -> bool:
        """Whether the turn came within so many seconds.

        Where no file can be opened it comes at once: what is wrong, the database says better.
        """
        until_s = time.monotonic() + within_s
        try:
            next_one, turn = self._next, self._turn
        except OSError:
            return True
        if not _when_free(next_one, until_s):
            return False
        try:
            return _when_free(turn, until_s)
        finally:
            fcntl.flock(next_one, fcntl.LOCK_UN)

    def give_on(self) -> None:
        """Idempotent."""
        turn: _Lock | None = self.__dict__.get("_turn")
        if turn is not None:
            fcntl.flock(turn, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the files. Idempotent; the next turn opens them again."""
        for name in ("_next", "_turn"):
            self.__dict__.pop(name, None)

    @cached_property
    def _next(self) -> "_Lock":
        return self._open(SUFFIXES[0])

    @cached_property
    def _turn(self) -> "_Lock":
        return self._open(SUFFIXES[1])

    def _open(self, suffix: str) -> "_Lock":
        return _Lock(self._path.with_name(f"{self._path.name}{suffix}"))


class _Lock:
    """A file that is open for as long as this is known."""

    def __init__(self, path: Path) -> None:
        # To read is enough to lock: an operator's command may have made it, as another user.
        self._descriptor = os.open(path, os.O_RDONLY | os.O_CREAT, 0o644)
        weakref.finalize(self, os.close, self._descriptor)

    def fileno(self) -> int:
        return self._descriptor


def _when_free(lock: _Lock, until_s: float) -> bool:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= until_s:
            return False
        time.sleep(LOOK_AGAIN_AFTER_S)

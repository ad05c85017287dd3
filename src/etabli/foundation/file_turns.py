"""One at a time among the processes of a machine, in about the order in which they came."""

import fcntl
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import IO

LOOK_AGAIN_AFTER_S = 0.002


class FileTurns:
    """Two locks on files: whoever is next holds one while it waits for the other.

    So whoever has had its turn stands behind those that waited meanwhile, and nobody is passed by
    one process again and again. The system lets go of both, however a process ends.
    """

    def __init__(self, path: Path) -> None:
        """For one thread at a time. Files are made beside `path`, at the first turn."""
        self._path = path

    def take(self, within_s: float) -> bool:
        """Whether the turn came within so many seconds."""
        until_s = time.monotonic() + within_s
        if not _when_free(self._next, until_s):
            return False
        try:
            return _when_free(self._turn, until_s)
        finally:
            fcntl.flock(self._next, fcntl.LOCK_UN)

    def give_on(self) -> None:
        fcntl.flock(self._turn, fcntl.LOCK_UN)

    def close(self) -> None:
        """Idempotent."""
        for name in ("_next", "_turn"):
            lock = self.__dict__.pop(name, None)
            if lock is not None:
                lock.close()

    @cached_property
    def _next(self) -> IO[bytes]:
        return self._open("next")

    @cached_property
    def _turn(self) -> IO[bytes]:
        return self._open("turn")

    def _open(self, name: str) -> IO[bytes]:
        return self._path.with_name(f"{self._path.name}-{name}").open("ab")


def _when_free(lock: IO[bytes], until_s: float) -> bool:
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= until_s:
            return False
        time.sleep(LOOK_AGAIN_AFTER_S)

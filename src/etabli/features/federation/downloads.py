"""Files on their way from an upstream: one download of each, and all who want it follow that one.

A lock on a file says that a download is under way, between processes too, and the system lets go of
it however a process ends. Beside it lies a word on where the bytes are being written, and in the
end what became of them. Whoever follows reads the same file, and gets the last bytes of what it
asked for once all of the file has proved right: never before.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any

from etabli.foundation.durable_files import full_disk_named

HELD_BACK_BYTES = 65_536
"""Of what was asked for. What is no larger than this is sent when it is known to be right."""
PIECE_BYTES = 1 << 20
LEFTOVER_AGE_S = 3600
_TRIES, _BETWEEN_TRIES_S = 20, 0.005
"""Whoever looks whether a download has ended holds its lock for a moment."""


class State(StrEnum):
    WAITING = "waiting"
    UNDER_WAY = "under-way"
    KEPT = "kept"
    """It proved right, and is where all files are."""
    DIFFERENT = "different"
    CUT = "cut"


class Download:
    """A download, as the one who does it sees it. Others see what it says."""

    def __init__(self, word: Path, descriptor: int) -> None:
        self._word = word
        self._descriptor = descriptor
        self._path = ""

    def say(self, state: State, written_to: Path | None = None) -> None:
        """What becomes of it is said last, before the end."""
        self._path = str(written_to or self._path)
        said = {"state": state, "path": self._path}
        draft = self._word.with_suffix(f".{os.getpid()}.draft")
        with full_disk_named():
            draft.write_text(json.dumps(said))
            os.replace(draft, self._word)

    def say_kept_before(self) -> None:
        """There is nothing to download. Those who follow the one before may not have seen its end
        yet: what it said stays."""
        if _read_word(self._word)["state"] != State.KEPT:
            self.say(State.KEPT)

    def end(self) -> None:
        os.close(self._descriptor)


class Follower:
    """Somebody who wants the file: it is read as it arrives."""

    def __init__(self, lock: Path, word: Path) -> None:
        self._lock = lock
        self._word = word
        self._path = ""
        self._descriptor: int | None = None
        self.state = State.WAITING
        """KEPT, DIFFERENT and CUT are final."""

    @property
    def has_ended(self) -> bool:
        return self.state in (State.KEPT, State.DIFFERENT, State.CUT)

    def look(self) -> None:
        """See what has become of it."""
        if self.has_ended:
            return
        is_free = self._is_free()  # first: what is said in the end is said before it
        said = _read_word(self._word)
        state, path = State(said["state"]), said["path"]
        if self._path and path != self._path:
            self.state = State.CUT  # another one has begun: this one had no end
        elif is_free:
            self.state = State.CUT if state in (State.WAITING, State.UNDER_WAY) else state
        elif state is State.UNDER_WAY and self._descriptor is None:
            self._open(path)

    def piece(self, start: int, stop: int) -> bytes | None:
        """The next bytes of this span that may be sent on now; None when there are none yet.

        After the end, as `state` says it, nothing comes of what was not kept.
        """
        found = self._read(start, stop)
        if found is None:
            self.look()
            found = self._read(start, stop)
        return found

    def close(self) -> None:
        """Idempotent."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _read(self, start: int, stop: int) -> bytes | None:
        if self._descriptor is None or self.state in (State.DIFFERENT, State.CUT):
            return None
        until = stop
        if self.state is not State.KEPT:
            arrived = os.fstat(self._descriptor).st_size
            until = min(arrived, stop - HELD_BACK_BYTES)
        if start >= until:
            return None
        return os.pread(self._descriptor, min(until - start, PIECE_BYTES), start)

    def _open(self, path: str) -> None:
        try:
            self._descriptor = os.open(path, os.O_RDONLY)
        except FileNotFoundError:
            return  # it ends in this moment
        self._path = path
        self.state = State.UNDER_WAY

    def _is_free(self) -> bool:
        descriptor = os.open(self._lock, os.O_RDONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True


def _read_word(word: Path) -> dict[str, Any]:
    try:
        said: dict[str, Any] = json.loads(word.read_text())
    except FileNotFoundError:
        return {"state": State.WAITING, "path": ""}
    return said


class Downloads:
    """All that are under way at this site, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self, name: str) -> Download | None:
        """A new download, which says so next; None when one of that name is under way.

        Args:
            name: of letters and digits: a key and a hash.
        """
        with full_disk_named():
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._lock(name), os.O_RDONLY | os.O_CREAT, 0o600)
        for _ in range(_TRIES):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_BETWEEN_TRIES_S)
            else:
                return Download(self._word(name), descriptor)
        os.close(descriptor)
        return None

    def follow(self, name: str) -> Follower:
        """Call it when a download of that name has begun."""
        return Follower(self._lock(name), self._word(name))

    @contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """One at a time of this name, among all processes."""
        with full_disk_named():
            self._folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._lock(name), os.O_RDONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def clear(self) -> None:
        """Remove what was said of downloads that ended long ago."""
        before = time.time() - LEFTOVER_AGE_S
        for word in self._folder.glob("*.json"):
            if word.stat().st_mtime < before and not self._is_under_way(word.stem):
                word.unlink(missing_ok=True)

    def _is_under_way(self, name: str) -> bool:
        download = self.begin(name)
        if download is not None:
            download.end()
        return download is None

    def _lock(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def _word(self, name: str) -> Path:
        return self._folder / f"{name}.json"

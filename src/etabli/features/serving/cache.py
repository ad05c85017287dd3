"""Models as folders on disk, copied out of git for the processes that answer."""

import hashlib
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from etabli.features.git import Entry
from etabli.foundation.durable_files import full_disk_named, sync_folder

MAX_CACHE_BYTES = 2_000_000_000
RECENT_S = 60.0
"""What was asked for so lately stays, whichever process of this site asked."""
ABANDONED_S = 3600.0
"""A copy takes minutes at most: one begun so long ago was cut short with its process."""

_DRAFT = "tmp_"

Pieces = Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class ModelFolder:
    """Where the files of a model lie, or will, and how to get those that are not there."""

    path: Path
    files: Mapping[str, Pieces] = field(default_factory=dict)
    """Each file by its name, to be read outside the unit of work that found it; none when the
    folder is there."""
    encoder: "ModelFolder | None" = None
    """What the model stands on; itself in no need of another."""

    @property
    def is_missing(self) -> bool:
        return bool(self.files)


class ModelCache:
    """One folder for each set of model files. Can be deleted at any time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._held: Counter[Path] = Counter()
        self._lock = threading.Lock()

    def path(self, entries: Sequence[Entry]) -> Path:
        """Where these files lie, or will. A commit that leaves them alone changes nothing."""
        names = "\n".join(f"{entry.sha} {entry.path}" for entry in entries)
        return self._root / hashlib.sha256(names.encode()).hexdigest()[:40]

    def has(self, path: Path) -> bool:
        """Whether it is there, whole; and if so, that it is wanted now."""
        with suppress(FileNotFoundError):
            os.utime(path)
            return True
        return False

    @contextmanager
    def hold(self, path: Path) -> Iterator[None]:
        """Keep a folder while its model answers."""
        with self._lock:
            self._held[path] += 1
        try:
            yield
        finally:
            with self._lock:
                self._held[path] -= 1
                self._held += Counter()  # forgets what is at zero

    def fill(self, folder: ModelFolder) -> None:
        """Copy what is not there, all of it or nothing. Takes long: needs no unit of work.

        Idempotent, in several threads and processes.

        Raises:
            DiskFullError: there is no room.
            LostBytesError: the repository's own files are not all there.
        """
        if self.has(folder.path):
            return
        draft = self._root / f"{_DRAFT}{uuid4().hex}"
        try:
            with full_disk_named():
                draft.mkdir(parents=True)
                for name, pieces in folder.files.items():
                    _write(draft / name, pieces())
                sync_folder(draft)
                self._publish(draft, folder.path)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._make_room(folder.path)

    def _publish(self, draft: Path, path: Path) -> None:
        try:
            os.replace(draft, path)
        except OSError:
            if not self.has(path):  # another process was quicker
                raise

    def _make_room(self, newest: Path) -> None:
        now_s = time.time()
        kept_bytes = _size_bytes(newest)
        for path, used_at_s in self._others(newest):
            if path.name.startswith(_DRAFT):
                if used_at_s < now_s - ABANDONED_S:
                    shutil.rmtree(path, ignore_errors=True)
                continue
            kept_bytes += _size_bytes(path)
            is_wanted = self._held[path] > 0 or used_at_s > now_s - RECENT_S
            if kept_bytes > MAX_CACHE_BYTES and not is_wanted:
                shutil.rmtree(path, ignore_errors=True)

    def _others(self, newest: Path) -> Sequence[tuple[Path, float]]:
        """The other folders and when each was last used, the latest first."""
        found: dict[Path, float] = {}
        for path in self._root.iterdir():
            with suppress(FileNotFoundError):  # another process makes room too
                found[path] = path.stat().st_mtime
        found.pop(newest, None)
        return sorted(found.items(), key=lambda item: item[1], reverse=True)


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())  # the folder is published by its name: it must never hold less


def _size_bytes(folder: Path) -> int:
    total = 0
    with suppress(FileNotFoundError, NotADirectoryError):
        for path in folder.iterdir():
            total += path.stat().st_size
    return total

"""Models as folders on disk, copied out of git for the process that answers."""

import hashlib
import os
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from etabli.features.repos import Entry, Snapshot

MOST_BYTES = 2_000_000_000


class ModelCache:
    """One folder for each set of model files. Can be deleted at any time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()

    def folder(self, snapshot: Snapshot, entries: Sequence[Entry]) -> Path:
        """Where these files of a snapshot lie. A commit that leaves them alone changes nothing."""
        names = "\n".join(f"{entry.sha} {entry.path}" for entry in entries)
        folder = self._root / hashlib.sha256(names.encode()).hexdigest()[:40]
        if not folder.exists():
            with self._lock:
                if not folder.exists():
                    self._fill(folder, snapshot, entries)
        return folder

    def _fill(self, folder: Path, snapshot: Snapshot, entries: Sequence[Entry]) -> None:
        draft = self._root / f"tmp_{uuid4().hex}"
        draft.mkdir(parents=True)
        for entry in entries:
            with (draft / entry.name).open("wb") as file:
                file.writelines(snapshot.pieces(entry))
        os.replace(draft, folder)
        self._make_room(folder)

    def _make_room(self, newest: Path) -> None:
        folders = [path for path in self._root.iterdir() if path.is_dir() and path != newest]
        folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        kept_bytes = _size_bytes(newest)
        for folder in folders:
            kept_bytes += _size_bytes(folder)
            if kept_bytes > MOST_BYTES:
                shutil.rmtree(folder, ignore_errors=True)


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())

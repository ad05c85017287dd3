"""Bytes in a folder of this machine."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from etabli.features.blobs.backends import (
    PIECE_BYTES,
    StagedFile,
    StoredObject,
    new_key,
    place_in_quarantine,
    staged_in,
)
from etabli.features.blobs.errors import LostBytesError
from etabli.foundation.durable_files import full_disk_named

STAGING = "staging"


class FolderStore:
    """`<kind>/<first two letters>/<name>-<random>`, and `staging/` for what is being received.

    `quarantine/` is made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._staging = folder / STAGING
        self._staging.mkdir(parents=True, exist_ok=True)

    def stage(self, *, hashed: bool = True) -> AbstractContextManager[StagedFile]:
        return staged_in(self._staging, hashed=hashed)

    def publish(self, staged: StagedFile, kind: str, name: str) -> str:
        if staged.key is None:
            key = new_key(kind, name)
            path = self._folder / key
            staged.require_sealed()
            with full_disk_named():
                _make_folder(path.parent)
                os.rename(staged.path, path)
                _sync(path.parent)
            staged.key = key
        return staged.key

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        try:
            file = (self._folder / key).open("rb", buffering=0)
        except FileNotFoundError as error:
            raise LostBytesError(key) from error
        with file:
            while start < end:
                piece = os.pread(file.fileno(), min(PIECE_BYTES, end - start), start)
                if not piece:
                    raise LostBytesError(key)
                start += len(piece)
                yield piece

    def delete(self, key: str) -> None:
        (self._folder / key).unlink(missing_ok=True)

    def set_aside(self, key: str) -> str:
        place = place_in_quarantine(key)
        source, target = self._folder / key, self._folder / place
        if not source.exists():
            return ""
        with full_disk_named():
            _make_folder(target.parent)
            os.replace(source, target)
            _sync(target.parent)
            _sync(source.parent)
        return place

    def is_there(self) -> bool:
        return any(path.name != STAGING for path in self._folder.iterdir())

    def list(self) -> Iterator[StoredObject]:
        for path in self._folder.glob("*/*/*"):
            stat = path.stat()
            modified_at = datetime.fromtimestamp(stat.st_mtime, UTC)
            yield StoredObject(str(path.relative_to(self._folder)), stat.st_size, modified_at)

    def clear_staging(self, older_than: datetime) -> int:
        left = [p for p in self._staging.iterdir() if p.stat().st_mtime < older_than.timestamp()]
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)

    def local_path(self, key: str) -> Path | None:
        return self._folder / key

    def url(
        self, key: str, lifetime: timedelta, span: range | None = None, filename: str | None = None
    ) -> str | None:
        return None


def _make_folder(folder: Path) -> None:
    """Make it and what is above, each safe from a power cut before anything is put in it."""
    if not folder.exists():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)

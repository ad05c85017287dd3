"""Uploads in parts: each is kept when it arrives, and all of them become one file at the end."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from etabli.features.blobs.backends import PIECE_BYTES, BlobStore, StagedFile
from etabli.features.blobs.errors import PartMissingError
from etabli.foundation.disk import full_disk_named

_UPLOAD = re.compile(r"[0-9a-f]{32}")


class PartStore:
    """A folder for each upload, on this machine. Parts may come in any order, and again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> str:
        """The name of a new upload."""
        return uuid4().hex

    @contextmanager
    def receive(self, upload: str, number: int) -> Iterator[StagedFile]:
        """A file to receive one part in; it counts once `keep` says so."""
        folder = self._of(upload)
        with full_disk_named():
            folder.mkdir(parents=True, exist_ok=True)
            part = StagedFile(folder / f"tmp_{uuid4().hex}", hashed=False)
        try:
            yield part
        finally:
            part.close()

    def keep(self, upload: str, number: int, part: StagedFile) -> None:
        with full_disk_named():
            os.replace(part.path, self._of(upload) / str(number))

    @contextmanager
    def joined(self, upload: str, count: int, store: BlobStore) -> Iterator[StagedFile]:
        """All parts as one file, which the caller finishes.

        Raises:
            PartMissingError: one has not arrived.
        """
        with store.stage() as whole:
            for number in range(1, count + 1):
                for piece in self._pieces(upload, number):
                    whole.write(piece)
            yield whole

    def delete(self, upload: str) -> None:
        """Bears a repetition."""
        shutil.rmtree(self._of(upload), ignore_errors=True)

    def clear(self, older_than: datetime) -> int:
        """Remove the parts of uploads that never ended; how many uploads that was."""
        folders = self._folder.iterdir() if self._folder.exists() else iter(())
        left = [path for path in folders if path.stat().st_mtime < older_than.timestamp()]
        for path in left:
            shutil.rmtree(path, ignore_errors=True)
        return len(left)

    def _pieces(self, upload: str, number: int) -> Iterator[bytes]:
        try:
            file = (self._of(upload) / str(number)).open("rb", buffering=0)
        except FileNotFoundError as error:
            raise PartMissingError(number) from error
        with file:
            while piece := file.read(PIECE_BYTES):
                yield piece

    def _of(self, upload: str) -> Path:
        assert _UPLOAD.fullmatch(upload)  # noqa: S101 - it is ours, and signed
        return self._folder / upload

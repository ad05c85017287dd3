"""Uploads in parts: each is written at its place in the whole, which is never copied."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from etabli.features.blobs.backends import StagedFile
from etabli.features.blobs.errors import PartMissingError
from etabli.foundation.disk import full_disk_named


class PartStore:
    """Parts may come in any order, and again. What never became a whole goes with the staging."""

    def __init__(self, staging: Path) -> None:
        self._staging = staging

    def open(self) -> str:
        """The name of a new upload."""
        return uuid4().hex

    @contextmanager
    def receive(self, upload: str, number: int, start: int) -> Iterator[StagedFile]:
        """A file to receive one part in, from byte `start` of the whole on.

        It counts once `keep` says so; one that was kept before does no longer.
        """
        self._mark(upload, number).unlink(missing_ok=True)
        with full_disk_named():
            path = self._whole(upload)
            path.touch()
            part = StagedFile(path, hashed=False, start=start)
        try:
            yield part
        finally:
            part.let_go()

    def keep(self, upload: str, number: int) -> None:
        with full_disk_named():
            self._mark(upload, number).touch()

    @contextmanager
    def joined(self, upload: str, count: int) -> Iterator[StagedFile]:
        """The whole, for the caller to finish and publish; else it stays as it is.

        Raises:
            PartMissingError: a part has not arrived.
        """
        for number in range(1, count + 1):
            if not self._mark(upload, number).exists():
                raise PartMissingError(number)
        try:
            whole = StagedFile(self._whole(upload), hashed=True, start=0)
        except FileNotFoundError as error:
            raise PartMissingError(1) from error
        try:
            whole.take_in()
            yield whole
        finally:
            whole.let_go()

    def delete(self, upload: str) -> None:
        """Bears a repetition."""
        for path in self._staging.glob(f"{self._whole(upload).name}*"):
            path.unlink(missing_ok=True)

    def _whole(self, upload: str) -> Path:
        return self._staging / f"parts-{upload}"

    def _mark(self, upload: str, number: int) -> Path:
        return self._staging / f"parts-{upload}.{number}"

"""Uploads in parts: each is written at its place in the whole, which is never copied.

Nothing holds the whole open while it waits for a sender: each write opens it, under a lock shared
by all who write to it in that moment, and lets go of it. To join is to take its name away, so that
nobody opens it any more, and to wait for those who have it open. Whoever still sends then is told
so; a connection that hangs since before can write to nothing.
"""

import fcntl
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from etabli.features.blobs.backends import PIECE_BYTES, StagedFile
from etabli.features.blobs.errors import PartMissingError, PartsJoiningError, WrongSizeError
from etabli.foundation.durable_files import full_disk_named

WRITERS_DONE_WITHIN_S = 10.0
"""How long to wait for those in the act of writing `PIECE_BYTES`, or of syncing them."""
_LOOK_AGAIN_S = 0.02


class Part:
    """One part on its way in. It has no file open between two calls."""

    def __init__(self, whole: Path, start: int) -> None:
        """`start`: its first byte's place in the whole."""
        self.size_bytes = 0
        self._whole = whole
        self._end = start
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0

    def write(self, data: bytes) -> None:
        """Kept in memory up to `PIECE_BYTES`, then written.

        Raises:
            PartsJoiningError: the whole is being put together, or was.
            DiskFullError: there is no room.
        """
        self._pieces.append(data)
        self._waiting_bytes += len(data)
        self.size_bytes += len(data)
        if self._waiting_bytes >= PIECE_BYTES:
            with _opened(self._whole) as descriptor:
                self._write_waiting(descriptor)

    def finish(self, expected_size: int) -> None:
        """Write what is left, and make it safe from a power cut.

        Raises:
            WrongSizeError: it is not as long as was announced.
            PartsJoiningError, DiskFullError: see `write`.
        """
        if expected_size != self.size_bytes:
            raise WrongSizeError(expected_size, self.size_bytes)
        with _opened(self._whole) as descriptor:
            self._write_waiting(descriptor)
            os.fsync(descriptor)

    def _write_waiting(self, descriptor: int) -> None:
        for piece in self._pieces:
            view = memoryview(piece)
            while view:
                written = os.pwrite(descriptor, view, self._end)
                view, self._end = view[written:], self._end + written
        self._pieces, self._waiting_bytes = [], 0


class PartStore:
    """Parts may come in any order, and again. What never became a whole goes with the staging."""

    def __init__(self, staging: Path) -> None:
        self._staging = staging

    def open(self) -> str:
        """The name of a new upload."""
        return uuid4().hex

    def receive(self, upload: str, number: int, start: int) -> Part:
        """A place to receive one part in, from byte `start` of the whole on.

        It counts once `keep` says so; one that was kept before does no longer.

        Raises:
            PartsJoiningError: the whole is being put together.
        """
        if self._joining(upload).exists():
            raise PartsJoiningError
        self._mark(upload, number).unlink(missing_ok=True)
        with full_disk_named():
            self._whole(upload).touch()
        return Part(self._whole(upload), start)

    def keep(self, upload: str, number: int) -> None:
        with full_disk_named():
            self._mark(upload, number).touch()

    @contextmanager
    def joined(self, upload: str, count: int) -> Iterator[StagedFile]:
        """The whole, which nobody can write to any more, for the caller to finish and publish.

        When it is not published, its parts stay and can be sent again.

        Raises:
            PartMissingError: a part has not arrived.
            PartsJoiningError: it is being put together already.
            FileChangedError: somebody wrote to it all the same.
        """
        for number in range(1, count + 1):
            if not self._mark(upload, number).exists():
                raise PartMissingError(number)
        with self._alone(upload):
            whole = StagedFile(self._joining(upload), hashed=True, is_received=True)
            try:
                whole.hash_existing()
                yield whole
            finally:
                whole.release()
                self._open_again(upload, is_published=whole.key is not None)

    def delete(self, upload: str) -> None:
        """Idempotent."""
        for path in self._staging.glob(f"{self._whole(upload).name}*"):
            path.unlink(missing_ok=True)

    @contextmanager
    def _alone(self, upload: str) -> Iterator[None]:
        """Nobody else writes to the whole, nor joins it. It may have been left by a killed join."""
        joining = self._joining(upload)
        is_left = joining.exists()
        if not is_left and self._whole(upload).exists():
            os.rename(self._whole(upload), joining)
        try:
            descriptor = os.open(joining, os.O_RDONLY)
        except FileNotFoundError as error:
            raise PartMissingError(1) from error
        try:
            _lock(descriptor, within_s=0 if is_left else WRITERS_DONE_WITHIN_S)
            if not _names(joining, descriptor):
                raise PartsJoiningError  # and was put together while this waited
            yield
        finally:
            os.close(descriptor)

    def _open_again(self, upload: str, *, is_published: bool) -> None:
        """After a join: what is published elsewhere goes, and the rest waits for more parts."""
        joining = self._joining(upload)
        if is_published:
            joining.unlink(missing_ok=True)
        elif joining.exists():
            joining.chmod(joining.stat().st_mode | stat.S_IWUSR)
            os.rename(joining, self._whole(upload))

    def _whole(self, upload: str) -> Path:
        return self._staging / f"parts-{upload}"

    def _joining(self, upload: str) -> Path:
        return self._staging / f"parts-{upload}.joining"

    def _mark(self, upload: str, number: int) -> Path:
        return self._staging / f"parts-{upload}.{number}"


@contextmanager
def _opened(whole: Path) -> Iterator[int]:
    """The whole, open to write to: only as long as it has its name, and nobody joins it.

    Raises:
        PartsJoiningError: it is not so.
    """
    try:
        descriptor = os.open(whole, os.O_WRONLY)
    except (FileNotFoundError, PermissionError) as error:
        raise PartsJoiningError from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PartsJoiningError from error
        # Its name may have been taken away between the two.
        if not _names(whole, descriptor):
            raise PartsJoiningError
        with full_disk_named():
            yield descriptor
    finally:
        os.close(descriptor)


def _names(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(descriptor))
    except FileNotFoundError:
        return False


def _lock(descriptor: int, *, within_s: float) -> None:
    """
    Raises:
        PartsJoiningError: somebody else still has it.
    """
    until = time.monotonic() + within_s
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() > until:
                raise PartsJoiningError from error
            time.sleep(_LOOK_AGAIN_S)
        else:
            return

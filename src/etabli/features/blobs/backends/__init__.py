"""Where the bytes lie: a folder on this machine, or S3.

Owns: the one interface of a store of bytes; staging, which receives bytes until they are checked.
May use: the foundation.
Words: a *key* names stored bytes and is used once, ever: what it names never changes, and two
uploads of the same content get two keys, of which the database keeps the first; to *stage* is to
receive bytes where nobody reads them; to *publish* is to give staged bytes their key; to *set
aside* is to put damaged bytes in quarantine, where no key leads. What is published is read-only,
and nobody can write to it any more: what could not be shown to be so is refused.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import uuid4

from etabli.features.blobs.errors import WrongSha256Error, WrongSizeError
from etabli.foundation.durable_files import (
    FileChangedError,
    FileState,
    full_disk_named,
    make_read_only,
    require_unchanged,
)

PIECE_BYTES = 1 << 20
QUARANTINE = "quarantine"
"""The place beside the kinds where damaged bytes lie."""


@dataclass(frozen=True)
class StoredObject:
    """What a store says of one of its keys."""

    key: str
    size_bytes: int
    modified_at: datetime


class StagedFile:
    """A file being received, on this machine, where nobody reads it. Made by `BlobStore.stage`.

    This object holds the only handle that can write to it, and gives it up in `finish`.
    """

    def __init__(self, path: Path, *, hashed: bool, is_received: bool = False) -> None:
        """`is_received`: it is there already, for `hash_existing`, and nothing is written to it."""
        self.path = path
        self.size_bytes = 0
        self.sha256 = ""
        """Known once it is finished, if it is hashed at all."""
        self.key: str | None = None
        """Where it was published."""
        self._hash = hashlib.sha256() if hashed else None
        self._file = path.open("rb" if is_received else "xb", buffering=0)
        self._state: FileState | None = None
        """As it was when its hash was known."""

    def write(self, data: bytes) -> None:
        """
        Raises:
            DiskFullError: there is no room.
        """
        if self._hash is not None:
            self._hash.update(data)
        view = memoryview(data)
        with full_disk_named():
            while view:
                view = view[self._file.write(view) :]
        self.size_bytes += len(data)

    def hash_existing(self) -> None:
        """Count and hash what the file held before.

        Raises:
            FileChangedError: somebody wrote to it meanwhile.
        """
        before = FileState.of(self._file.fileno())
        while piece := self._file.read(PIECE_BYTES):
            if self._hash is not None:
                self._hash.update(piece)
            self.size_bytes += len(piece)
        if FileState.of(self._file.fileno()) != before:
            raise FileChangedError

    @contextmanager
    def read_back(self) -> Iterator[BinaryIO]:
        """What was written so far, to be checked, before it is finished.

        Raises:
            FileChangedError: when the block ends, the file is not the one that was read.
        """
        before = FileState.of(self._file.fileno())
        with self.path.open("rb", buffering=PIECE_BYTES) as file:
            yield file
            now = FileState.of(self._file.fileno())
            if not before == now == FileState.of(file.fileno()):
                raise FileChangedError

    def truncate(self, size_bytes: int) -> None:
        """Let go of what follows the first so many bytes. Not for one that is hashed."""
        if size_bytes < self.size_bytes:
            os.ftruncate(self._file.fileno(), size_bytes)
            self.size_bytes = size_bytes

    def finish(self, expected_sha256: str | None = None, expected_size: int | None = None) -> None:
        """Check it, make it safe from a power cut, and let nobody write to it any more.

        Raises:
            WrongSizeError, WrongSha256Error: it is not what was announced.
            DiskFullError: there is no room.
        """
        self.sha256 = self._hash.hexdigest() if self._hash else ""
        if expected_size is not None and expected_size != self.size_bytes:
            raise WrongSizeError(expected_size, self.size_bytes)
        if expected_sha256 is not None and expected_sha256 != self.sha256:
            raise WrongSha256Error(expected_sha256, self.sha256)
        with full_disk_named():
            os.fsync(self._file.fileno())
        make_read_only(self._file.fileno())
        self._state = FileState.of(self._file.fileno())
        self._file.close()

    def require_sealed(self) -> None:
        """For stores, before they publish it, and after where they read it once more.

        Raises:
            FileChangedError: it was not finished, it changed since, or somebody can write to it.
        """
        if self._state is None:
            raise FileChangedError
        require_unchanged(self.path, self._state)

    def release(self) -> None:
        """Touch it no more. It stays."""
        self._file.close()

    def close(self) -> None:
        """Let go of it; it is deleted unless it was published."""
        self.release()
        self.path.unlink(missing_ok=True)


@contextmanager
def staged_in(folder: Path, *, hashed: bool) -> Iterator[StagedFile]:
    """See `BlobStore.stage`: every store receives on this machine first."""
    with full_disk_named():
        staged = StagedFile(folder / uuid4().hex, hashed=hashed)
    try:
        yield staged
    finally:
        staged.close()


class BlobStore(Protocol):
    """Bytes under keys. What is published is there after a power cut, and never changes."""

    def stage(self, *, hashed: bool = True) -> AbstractContextManager[StagedFile]:
        """A file to receive bytes in. It is gone when the block ends, unless published.

        Args:
            hashed: whether to hash it by SHA-256 as it is written.
        """

    def publish(self, staged: StagedFile, kind: str, name: str) -> str:
        """Store a finished file under a new key, which this returns. Safe once this returns.

        Raises:
            DiskFullError: there is no room.
            FileChangedError: it is not what was hashed, or somebody can still write to it.
        """

    def read(self, key: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to before `end`, in pieces of at most `PIECE_BYTES`.

        Raises:
            LostBytesError: they are not all there.
        """

    def delete(self, key: str) -> None:
        """Idempotent."""

    def set_aside(self, key: str) -> str:
        """Put damaged bytes in quarantine, where they are read by nobody; their place there.

        From then on the key names nothing. Idempotent: empty when there was nothing any more.
        """

    def is_there(self) -> bool:
        """False when nothing of the store is: a disk that is not mounted, a bucket's empty copy."""

    def list(self) -> Iterator[StoredObject]:
        """All that is stored, in no order; not what is in quarantine."""

    def clear_staging(self, older_than: datetime) -> int:
        """Remove what uploads that were cut have left; how many files that was."""

    def local_path(self, key: str) -> Path | None:
        """The file on this machine; None where the bytes are elsewhere."""

    def url(
        self, key: str, lifetime: timedelta, span: range | None = None, filename: str | None = None
    ) -> str | None:
        """An address to read the bytes at, good for `span` alone if it is given.

        None where the bytes can only be had through the hub.
        """


def new_key(kind: str, name: str) -> str:
    """A key that was never used: `xorbs/ab/abcdef…-0123456789abcdef`."""
    return f"{kind}/{name[:2]}/{name}-{secrets.token_hex(8)}"


def place_in_quarantine(key: str) -> str:
    """One for each key, which tells it: to put the bytes back is to name them so again."""
    return f"{QUARANTINE}/{key.replace('/', '_')}"

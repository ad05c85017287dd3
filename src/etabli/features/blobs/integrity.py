"""Whether the bytes are what the rows say: every one of them is read and hashed again.

What is lost or changed is said so in its row: nobody is told that it is here, and whoever sends it
again heals it. Its key stays in the row, and names the place where a copy of it can be put back.
"""

import errno
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from etabli.features.blobs.backends import BlobStore
from etabli.features.blobs.errors import BadXorbError, LostBytesError
from etabli.features.blobs.gc_queries import SweepRows
from etabli.features.blobs.xet.hashing import from_hex
from etabli.features.blobs.xet.xorbs import check_stored
from etabli.foundation.unit_of_work import UnitOfWork

AT_ONCE = 50


class Kind(StrEnum):
    BLOB = "blobs"
    XORB = "xorbs"


class Damage(StrEnum):
    LOST = "lost"
    CHANGED = "changed"


@dataclass(frozen=True)
class StoredBytes:
    """What a row says of some bytes."""

    kind: Kind
    name: str
    """The SHA-256 of a blob; the hash of a xorb."""
    key: str
    size_bytes: int
    index: bytes = b""
    """Of a xorb: where each of its chunks is."""
    is_lost: bool = False
    """Whether they were found to be lost before."""


@dataclass(frozen=True)
class Fault:
    """One piece of stored bytes that is not what it was."""

    stored: StoredBytes
    damage: Damage
    place: str
    """Where what was changed lies now; empty when there is nothing left of it."""
    files: Sequence[str]
    """The SHA-256 of the files that cannot be read until it is healed."""
    repos: Sequence[str] = ()
    """The full names of some of the repositories that hold them."""
    is_noted: bool = True
    """False: nothing was changed in the database, since nothing of the whole store is there."""

    @property
    def key(self) -> str:
        return self.stored.key


class Checker:
    """The rows of what is stored."""

    def __init__(self, work: UnitOfWork) -> None:
        self._now = work.now
        self._rows = SweepRows(work.db)

    def stored_after(self, kind: Kind, name: str) -> list[StoredBytes]:
        """The next ones in the order of their names; none at the end."""
        if kind is Kind.XORB:
            return [
                StoredBytes(kind, x.hash, x.key, x.stored_bytes, x.chunks, x.lost_at is not None)
                for x in self._rows.next_xorbs(name, AT_ONCE)
            ]
        return [
            StoredBytes(kind, blob.sha256, blob.key, blob.size_bytes, is_lost=not blob.is_whole)
            for blob in self._rows.next_blobs(name, AT_ONCE)
            if blob.key is not None
        ]

    def is_current(self, stored: StoredBytes) -> bool:
        """False when the row names other bytes by now, or has gone."""
        return self._rows.has_key(stored.kind is Kind.XORB, stored.name, stored.key)

    def mark_lost(self, stored: StoredBytes) -> list[str]:
        """Have it sent again. Idempotent.

        Returns: the SHA-256 of the files that cannot be read until then.
        """
        if stored.kind is Kind.XORB:
            if self._rows.mark_xorb_lost(stored.name, stored.key, self._now):
                self._rows.begin_epoch()  # or clients would not send what they have sent before
            return self._rows.files_in(stored.name)
        self._rows.mark_blob_lost(stored.name, stored.key, self._now)
        self._rows.forget_if_in_chunks(stored.name)
        return [stored.name] if self.is_current(stored) else []

    def mark_found(self, stored: StoredBytes) -> None:
        """A copy of it was put back where it was."""
        self._rows.mark_found(stored.kind is Kind.XORB, stored.name, stored.key)


def damage_of(store: BlobStore, stored: StoredBytes) -> Damage | None:
    """Read all of it, which takes as long as the disk takes; in no unit of work."""
    try:
        is_same = _is_same(store, stored)
    except LostBytesError:
        return Damage.LOST
    except OSError as error:
        if error.errno != errno.EIO:
            raise
        is_same = False  # the disk cannot read it
    return None if is_same else Damage.CHANGED


def _is_same(store: BlobStore, stored: StoredBytes) -> bool:
    pieces = store.read(stored.key, 0, stored.size_bytes)
    if stored.kind is Kind.XORB:
        try:
            return check_stored(pieces, from_hex(stored.name)).packed == stored.index
        except BadXorbError:
            return False
    hasher = hashlib.sha256()
    for piece in pieces:
        hasher.update(piece)
    return hasher.hexdigest() == stored.name

"""Whether the bytes are what the rows say: every one of them is read and hashed again."""

import hashlib
from enum import StrEnum
from typing import NamedTuple

from etabli.features.blobs.backends import BlobStore
from etabli.features.blobs.errors import BadXorbError, LostBytesError
from etabli.features.blobs.models import Blob, Xorb
from etabli.features.blobs.sweep_rows import SweepRows
from etabli.features.blobs.xet.hashing import from_hex
from etabli.features.blobs.xet.xorbs import check_stored
from etabli.foundation.work import UnitOfWork

AT_ONCE = 50


class Damage(StrEnum):
    LOST = "lost"
    CHANGED = "changed"


class Fault(NamedTuple):
    """One piece of stored bytes that is not what it was."""

    name: str
    key: str
    damage: Damage


class Checker:
    """Reads all that is stored. Takes as long as reading it takes."""

    def __init__(self, work: UnitOfWork, store: BlobStore) -> None:
        self._rows = SweepRows(work.db)
        self._store = store

    def blobs_after(self, name: str) -> list[tuple[str, Fault | None]]:
        """The next blobs in the order of their hashes, each with its fault; none at the end."""
        blobs = self._rows.next_blobs(name, AT_ONCE)
        return [(blob.sha256, self._check_blob(blob)) for blob in blobs]

    def xorbs_after(self, name: str) -> list[tuple[str, Fault | None]]:
        xorbs = self._rows.next_xorbs(name, AT_ONCE)
        return [(xorb.hash, self._check_xorb(xorb)) for xorb in xorbs]

    def _check_blob(self, blob: Blob) -> Fault | None:
        if blob.key is None:
            return None
        hasher = hashlib.sha256()
        try:
            for piece in self._store.read(blob.key, 0, blob.size_bytes):
                hasher.update(piece)
        except LostBytesError:
            return Fault(blob.sha256, blob.key, Damage.LOST)
        is_same = hasher.hexdigest() == blob.sha256
        return None if is_same else Fault(blob.sha256, blob.key, Damage.CHANGED)

    def _check_xorb(self, xorb: Xorb) -> Fault | None:
        pieces = self._store.read(xorb.key, 0, xorb.stored_bytes)
        try:
            is_same = check_stored(pieces, from_hex(xorb.hash)).packed == xorb.chunks
        except LostBytesError:
            return Fault(xorb.hash, xorb.key, Damage.LOST)
        except BadXorbError:
            is_same = False
        return None if is_same else Fault(xorb.hash, xorb.key, Damage.CHANGED)

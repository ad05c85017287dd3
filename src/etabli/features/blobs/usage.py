"""What files weigh, and what they take: the difference is what was not stored twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from etabli.features.blobs.models import Blob, BlobXorb, Xorb
from etabli.foundation.db import rows_of


@dataclass(frozen=True)
class Space:
    """Of some files, measured by what the database says of each."""

    file_bytes: int
    """What they would take, each on its own and unpacked."""
    stored_bytes: int
    """What is stored for them, shared with other files or not."""

    @property
    def saved_bytes(self) -> int:
        return max(0, self.file_bytes - self.stored_bytes)


def measure(db: Session, of: Select[str] | None, values: Mapping[str, Any]) -> Space:
    """
    Args:
        of: a query of SHA-256s, made once; None: of all files.
        values: what the query is to be given.
    """
    [(file_bytes, whole_bytes, packed_bytes)] = rows_of(db, _statement(of), values)
    return Space(int(file_bytes), int(whole_bytes) + int(packed_bytes))


@lru_cache(maxsize=8)
def _statement(of: Select[str] | None) -> Select[Any]:
    blobs = select(Blob.sha256, Blob.size_bytes, Blob.key)
    chosen = (blobs if of is None else blobs.where(Blob.sha256.in_(of))).subquery()
    file_bytes = select(func.coalesce(func.sum(chosen.c.size_bytes), 0))
    whole_bytes = file_bytes.where(chosen.c.key.is_not(None))
    xorbs = select(BlobXorb.xorb_hash).join(chosen, chosen.c.sha256 == BlobXorb.sha256)
    packed_bytes = select(func.coalesce(func.sum(Xorb.stored_bytes), 0)).where(Xorb.hash.in_(xorbs))
    return select(*(one.scalar_subquery() for one in (file_bytes, whole_bytes, packed_bytes)))

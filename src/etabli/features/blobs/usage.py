"""What files weigh, and what they take: the difference is what was not stored twice."""

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from etabli.features.blobs.models import Blob, BlobXorb, Xorb


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


def measure(db: Session, of: Select[str] | None = None) -> Space:
    """
    Args:
        of: a query of SHA-256s; None: of all files.
    """
    blobs = select(Blob) if of is None else select(Blob).where(Blob.sha256.in_(of))
    chosen = blobs.subquery()
    file_bytes = select(func.coalesce(func.sum(chosen.c.size_bytes), 0))
    whole_bytes = file_bytes.where(chosen.c.key.is_not(None))
    xorbs = select(BlobXorb.xorb_hash).join(chosen, chosen.c.sha256 == BlobXorb.sha256)
    packed_bytes = select(func.coalesce(func.sum(Xorb.stored_bytes), 0)).where(Xorb.hash.in_(xorbs))
    return Space(
        file_bytes=int(db.scalar(file_bytes) or 0),
        stored_bytes=int(db.scalar(whole_bytes) or 0) + int(db.scalar(packed_bytes) or 0),
    )

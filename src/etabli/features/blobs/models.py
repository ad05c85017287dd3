"""The nouns of blobs."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from etabli.foundation.db import Table


class Blob(Table):
    """The bytes of one file: whole under a key, as a list of chunks, or both.

    Each Git LFS or Xet file of any repository is one, once. Who may read it, `repos` knows.
    """

    __tablename__ = "blobs"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str | None] = mapped_column(default=None)
    """Where all of it lies in one piece; None: only its chunks are kept."""
    file_hash: Mapped[str | None] = mapped_column(default=None, unique=True)
    """Its Xet hash, 64 hexadecimal digits; None: it was never cut into chunks."""
    created_at: Mapped[datetime]
    condemned_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    """Since when no repository needs it. It goes some days later, unless it is needed again."""
    lost_at: Mapped[datetime | None] = mapped_column(default=None)
    """Since when the bytes under its key are known to be lost or changed: whoever sends them again
    heals it."""

    @property
    def is_whole(self) -> bool:
        """Whether it can be read in one piece."""
        return self.key is not None and self.lost_at is None


class FilePlan(Table):
    """How to put a blob together from chunks: see `plans.Term`."""

    __tablename__ = "blob_plans"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("blobs.sha256", ondelete="CASCADE"), primary_key=True
    )
    terms: Mapped[bytes] = mapped_column(LargeBinary)


class BlobXorb(Table):
    """That a blob has chunks in a xorb, which must then stay."""

    __tablename__ = "blob_xorbs"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("blobs.sha256", ondelete="CASCADE"), primary_key=True
    )
    xorb_hash: Mapped[str] = mapped_column(ForeignKey("xorbs.hash"), primary_key=True, index=True)


class Xorb(Table):
    """A stored run of chunks, as one client packed them. One row for up to 8192 chunks."""

    __tablename__ = "xorbs"

    hash: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str]
    chunk_count: Mapped[int]
    raw_bytes: Mapped[int] = mapped_column(BigInteger)
    stored_bytes: Mapped[int] = mapped_column(BigInteger)
    chunks: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """Every chunk's hash, where it ends as stored, and where it ends unpacked: `xet.xorbs`."""
    created_at: Mapped[datetime]
    condemned_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    lost_at: Mapped[datetime | None] = mapped_column(default=None, index=True)
    """As `Blob.lost_at`. Nobody is told of it until somebody sends it again."""


class DedupGroup(Table):
    """The xorbs of one upload, in order: a client that meets one chunk may know all of them."""

    __tablename__ = "dedup_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    xorbs: Mapped[bytes] = mapped_column(LargeBinary)
    """Their raw hashes, 32 bytes each."""
    created_at: Mapped[datetime]


class DedupChunk(Table):
    """A chunk that clients ask for, before they send what follows it: about one in a thousand."""

    __tablename__ = "dedup_chunks"

    chunk_hash: Mapped[str] = mapped_column(primary_key=True)
    xorb_hash: Mapped[str] = mapped_column(ForeignKey("xorbs.hash", ondelete="CASCADE"), index=True)
    group_id: Mapped[int] = mapped_column(
        ForeignKey("dedup_groups.id", ondelete="CASCADE"), index=True
    )


class Epoch(Table):
    """How often xorbs were taken away. A client's memory of xorbs is good for one epoch."""

    __tablename__ = "epochs"

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    number: Mapped[int] = mapped_column(default=1)

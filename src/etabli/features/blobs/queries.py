"""The SQL of blobs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etabli.features.blobs.models import (
    Blob,
    BlobXorb,
    DedupChunk,
    DedupGroup,
    Epoch,
    FilePlan,
    Xorb,
)
from etabli.foundation.db import in_parts


class BlobRows:
    def __init__(self, db: Session) -> None:
        self._db = db

    def find(self, sha256: str) -> Blob | None:
        return self._db.get(Blob, sha256)

    def find_many(self, sha256s: Sequence[str]) -> Sequence[Blob]:
        return self._db.scalars(select(Blob).where(Blob.sha256.in_(sha256s))).all()

    def add(self, blob: Blob) -> Blob:
        """The row of that SHA-256: this one, or the one that was there first."""
        try:
            with self._db.begin_nested():
                self._db.add(blob)
        except IntegrityError:
            found = self._db.get(Blob, blob.sha256)
            assert found is not None  # noqa: S101
            return found
        return blob

    def mark_needed(self, sha256: str) -> None:
        """Take back that nobody needs it. From here on the row is this transaction's alone."""
        self._db.execute(update(Blob).where(Blob.sha256 == sha256).values(condemned_at=None))

    def lost_among(self, sha256s: Sequence[str]) -> set[str]:
        """Those of them that can be read neither in one piece nor from their chunks."""
        lost: set[str] = set()
        for some in in_parts(sha256s):
            is_whole = Blob.key.is_not(None) & Blob.lost_at.is_(None)
            is_readable = is_whole | (Blob.file_hash.is_not(None) & ~_lacks_a_xorb())
            asked = select(Blob.sha256).where(Blob.sha256.in_(some), ~is_readable)
            lost.update(self._db.scalars(asked))
        return lost

    def is_plan_lost(self, sha256: str) -> bool:
        """Whether it is in chunks, and some of them are lost."""
        asked = select(Blob.sha256).where(Blob.sha256 == sha256, _lacks_a_xorb())
        return self._db.scalar(asked) is not None

    def heal(self, blob: Blob, key: str) -> None:
        """All of it is under this key. A plan with lost chunks goes: it can be cut anew."""
        if self.is_plan_lost(blob.sha256):
            self.drop_plan(blob)
        blob.key, blob.lost_at = key, None
        self._db.flush()

    def drop_plan(self, blob: Blob) -> None:
        blob.file_hash = None
        self._db.execute(delete(FilePlan).where(FilePlan.sha256 == blob.sha256))
        self._db.execute(delete(BlobXorb).where(BlobXorb.sha256 == blob.sha256))
        self._db.flush()

    def read_again(self, blob: Blob) -> None:
        """As it is now: another transaction may have changed it just before."""
        self._db.refresh(blob)

    def forget_key(self, sha256: str) -> None:
        self._db.execute(
            update(Blob).where(Blob.sha256 == sha256, Blob.file_hash.is_not(None)).values(key=None)
        )

    # In chunks

    def find_by_file_hash(self, file_hash: str) -> Blob | None:
        return self._db.scalar(select(Blob).where(Blob.file_hash == file_hash))

    def sha256_by_file_hash(self, file_hashes: Sequence[str]) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for some in in_parts(file_hashes):
            asked = select(Blob.file_hash, Blob.sha256).where(
                Blob.file_hash.in_(some), ~_lacks_a_xorb()
            )
            found |= {str(row.file_hash): row.sha256 for row in self._db.execute(asked)}
        return found

    def terms(self, sha256: str) -> bytes | None:
        plan = self._db.get(FilePlan, sha256)
        return plan.terms if plan else None

    def add_plan(self, blob: Blob, file_hash: str, terms: bytes, xorbs: Iterable[str]) -> None:
        if blob.file_hash is not None:
            self.drop_plan(blob)
        if not blob.is_whole:
            blob.key = blob.lost_at = None  # what was lost in one piece is here in chunks
        blob.file_hash = file_hash
        self._db.add(FilePlan(sha256=blob.sha256, terms=terms))
        self._db.add_all(BlobXorb(sha256=blob.sha256, xorb_hash=xorb) for xorb in xorbs)
        self._db.flush()

    def find_xorb(self, xorb_hash: str) -> Xorb | None:
        asked = select(Xorb).where(Xorb.hash == xorb_hash, Xorb.lost_at.is_(None))
        return self._db.scalar(asked)

    def add_xorb(self, xorb: Xorb) -> bool:
        """False when it is there already: the first one stays, since plans go by its offsets.

        One that is lost does not stay: its row says from now on what arrived, under another key.
        """
        try:
            with self._db.begin_nested():
                self._db.add(xorb)
        except IntegrityError:
            return self._replace_lost(xorb)
        return True

    def _replace_lost(self, xorb: Xorb) -> bool:
        healed = self._db.execute(
            update(Xorb)
            .where(Xorb.hash == xorb.hash, Xorb.lost_at.is_not(None))
            .values(
                key=xorb.key,
                stored_bytes=xorb.stored_bytes,
                chunks=xorb.chunks,
                condemned_at=None,
                lost_at=None,
            )
            .returning(Xorb.hash)
        )
        return healed.first() is not None

    def xorbs(self, hashes: Sequence[str]) -> Sequence[tuple[str, str, bytes]]:
        """(hash, key, index) of those that there are, and are not lost."""
        asked = select(Xorb.hash, Xorb.key, Xorb.chunks).where(
            Xorb.hash.in_(hashes), Xorb.lost_at.is_(None)
        )
        return [(row.hash, row.key, row.chunks) for row in self._db.execute(asked)]

    def chunk_counts(self, hashes: Sequence[str]) -> Mapping[str, int]:
        asked = select(Xorb.hash, Xorb.chunk_count).where(Xorb.hash.in_(hashes))
        return {row.hash: row.chunk_count for row in self._db.execute(asked)}

    def need_xorbs(self, hashes: Sequence[str]) -> int:
        """Take back that nobody needs them; how many of them there are."""
        found = 0
        for some in in_parts(hashes):
            needed = self._db.execute(
                update(Xorb)
                .where(Xorb.hash.in_(some))
                .values(condemned_at=None)
                .returning(Xorb.hash)
            )
            found += len(needed.all())
        return found

    # What clients ask before they send

    def add_dedup(self, xorbs: bytes, chunks: Mapping[str, str], at: datetime) -> None:
        """The chunks that are known already stay in the group in which they were first."""
        known = self._known_chunks(list(chunks))
        new = {chunk: xorb for chunk, xorb in chunks.items() if chunk not in known}
        if not new:
            return
        group = DedupGroup(xorbs=xorbs, created_at=at)
        self._db.add(group)
        self._db.flush()
        rows = [
            DedupChunk(chunk_hash=chunk, xorb_hash=xorb, group_id=group.id)
            for chunk, xorb in new.items()
        ]
        try:
            with self._db.begin_nested():
                self._db.add_all(rows)
        except IntegrityError:
            return  # another upload of the same chunks came first: its answer is as good

    def dedup_group(self, chunk_hash: str) -> tuple[str, bytes] | None:
        """The xorb that a chunk is in, and the xorbs of the upload that it came with."""
        asked = (
            select(DedupChunk.xorb_hash, DedupGroup.xorbs)
            .join(DedupGroup, DedupGroup.id == DedupChunk.group_id)
            .where(DedupChunk.chunk_hash == chunk_hash)
        )
        row = self._db.execute(asked).first()
        return (row.xorb_hash, row.xorbs) if row else None

    def epoch(self) -> int:
        return self._db.scalar(select(Epoch.number)) or 1

    def _known_chunks(self, chunks: Sequence[str]) -> set[str]:
        known: set[str] = set()
        for some in in_parts(chunks):
            asked = select(DedupChunk.chunk_hash).where(DedupChunk.chunk_hash.in_(some))
            known.update(self._db.scalars(asked))
        return known


def _lacks_a_xorb() -> ColumnElement[bool]:
    return (
        exists()
        .where(BlobXorb.sha256 == Blob.sha256, Xorb.hash == BlobXorb.xorb_hash)
        .where(Xorb.lost_at.is_not(None))
    )

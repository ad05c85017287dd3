"""The SQL of blobs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
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

MOST_IN_ONE_STATEMENT = 500


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

    def need(self, sha256: str) -> None:
        """Take back that nobody needs it. From here on the row is this transaction's alone."""
        self._db.execute(update(Blob).where(Blob.sha256 == sha256).values(condemned_at=None))

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
        for start in range(0, len(file_hashes), MOST_IN_ONE_STATEMENT):
            some = file_hashes[start : start + MOST_IN_ONE_STATEMENT]
            asked = select(Blob.file_hash, Blob.sha256).where(Blob.file_hash.in_(some))
            found |= {str(row.file_hash): row.sha256 for row in self._db.execute(asked)}
        return found

    def terms(self, sha256: str) -> bytes | None:
        plan = self._db.get(FilePlan, sha256)
        return plan.terms if plan else None

    def add_plan(self, blob: Blob, file_hash: str, terms: bytes, xorbs: Iterable[str]) -> None:
        blob.file_hash = file_hash
        self._db.add(FilePlan(sha256=blob.sha256, terms=terms))
        self._db.add_all(BlobXorb(sha256=blob.sha256, xorb_hash=xorb) for xorb in xorbs)
        self._db.flush()

    def find_xorb(self, xorb_hash: str) -> Xorb | None:
        return self._db.get(Xorb, xorb_hash)

    def add_xorb(self, xorb: Xorb) -> bool:
        """False when it is there already: the first one stays, since plans go by its offsets."""
        try:
            with self._db.begin_nested():
                self._db.add(xorb)
        except IntegrityError:
            return False
        return True

    def xorbs(self, hashes: Sequence[str]) -> Sequence[tuple[str, str, bytes]]:
        """(hash, key, index) of those that there are."""
        asked = select(Xorb.hash, Xorb.key, Xorb.chunks).where(Xorb.hash.in_(hashes))
        return [(row.hash, row.key, row.chunks) for row in self._db.execute(asked)]

    def chunk_counts(self, hashes: Sequence[str]) -> Mapping[str, int]:
        asked = select(Xorb.hash, Xorb.chunk_count).where(Xorb.hash.in_(hashes))
        return {row.hash: row.chunk_count for row in self._db.execute(asked)}

    def need_xorbs(self, hashes: Sequence[str]) -> int:
        """Take back that nobody needs them; how many of them there are."""
        found = 0
        for start in range(0, len(hashes), MOST_IN_ONE_STATEMENT):
            some = hashes[start : start + MOST_IN_ONE_STATEMENT]
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
        for start in range(0, len(chunks), MOST_IN_ONE_STATEMENT):
            some = chunks[start : start + MOST_IN_ONE_STATEMENT]
            asked = select(DedupChunk.chunk_hash).where(DedupChunk.chunk_hash.in_(some))
            known.update(self._db.scalars(asked))
        return known

"""The SQL of what nobody needs any more."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session, undefer

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


class SweepRows:
    def __init__(self, db: Session) -> None:
        self._db = db

    def blobs(self) -> Sequence[tuple[str, datetime | None]]:
        """(SHA-256, since when it is condemned) of each."""
        rows = self._db.execute(select(Blob.sha256, Blob.condemned_at))
        return [(row.sha256, row.condemned_at) for row in rows]

    def mark_blobs(self, sha256s: Sequence[str], condemned_at: datetime | None) -> None:
        for some in in_parts(sha256s):
            self._db.execute(
                update(Blob).where(Blob.sha256.in_(some)).values(condemned_at=condemned_at)
            )

    def delete_blobs(self, sha256s: Sequence[str], condemned_before: datetime) -> list[str]:
        """The keys of what they had in one piece. Those that are needed again meanwhile stay."""
        keys: list[str] = []
        for some in in_parts(sha256s):
            gone = self._db.execute(
                delete(Blob)
                .where(Blob.sha256.in_(some), Blob.condemned_at <= condemned_before)
                .returning(Blob.key)
            )
            keys.extend(row.key for row in gone if row.key is not None)
        return keys

    def condemn_xorbs(self, created_before: datetime, at: datetime) -> list[str]:
        """Those that no blob has chunks in: they are told to nobody from now on."""
        gone = self._db.execute(
            update(Xorb)
            .where(_unused(), Xorb.created_at <= created_before, Xorb.condemned_at.is_(None))
            .values(condemned_at=at)
            .returning(Xorb.hash)
        )
        hashes = [row.hash for row in gone]
        for some in in_parts(hashes):
            self._db.execute(delete(DedupChunk).where(DedupChunk.xorb_hash.in_(some)))
        self._db.execute(delete(DedupGroup).where(_unasked()))
        return hashes

    def pardon_xorbs(self) -> None:
        """Those that a blob has chunks in, whatever was said of them."""
        self._db.execute(
            update(Xorb).where(~_unused(), Xorb.condemned_at.is_not(None)).values(condemned_at=None)
        )

    def delete_xorbs(self, condemned_before: datetime) -> list[str]:
        gone = self._db.execute(
            delete(Xorb).where(_unused(), Xorb.condemned_at <= condemned_before).returning(Xorb.key)
        )
        return [row.key for row in gone]

    def begin_epoch(self) -> None:
        epoch = self._db.get(Epoch, 1) or Epoch(id=1, number=1)
        epoch.number += 1
        self._db.add(epoch)
        self._db.flush()

    def known_keys(self, keys: Sequence[str]) -> set[str]:
        known: set[str] = set()
        for some in in_parts(keys):
            known.update(self._db.scalars(select(Xorb.key).where(Xorb.key.in_(some))))
            found = self._db.scalars(select(Blob.key).where(Blob.key.in_(some)))
            known.update(key for key in found if key is not None)
        return known

    def next_xorbs(self, after: str, count: int) -> Sequence[Xorb]:
        """In the order of their hashes, with their indexes."""
        asked = select(Xorb).options(undefer(Xorb.chunks)).where(Xorb.hash > after)
        return self._db.scalars(asked.order_by(Xorb.hash).limit(count)).all()

    def next_blobs(self, after: str, count: int) -> Sequence[Blob]:
        """Those that have a key, in the order of their SHA-256."""
        asked = select(Blob).where(Blob.sha256 > after, Blob.key.is_not(None))
        return self._db.scalars(asked.order_by(Blob.sha256).limit(count)).all()

    # What is lost

    def mark_blob_lost(self, sha256: str, key: str, at: datetime) -> None:
        row = (Blob.sha256 == sha256, Blob.key == key, Blob.lost_at.is_(None))
        self._db.execute(update(Blob).where(*row).values(lost_at=at))

    def forget_if_in_chunks(self, sha256: str) -> None:
        """Of one that is lost in one piece, and whose chunks are all here."""
        row = (Blob.sha256 == sha256, Blob.lost_at.is_not(None), Blob.file_hash.is_not(None))
        lost = exists().where(
            BlobXorb.sha256 == sha256,
            Xorb.hash == BlobXorb.xorb_hash,
            Xorb.lost_at.is_not(None),
        )
        self._db.execute(update(Blob).where(*row, ~lost).values(key=None, lost_at=None))

    def mark_xorb_lost(self, xorb_hash: str, key: str, at: datetime) -> bool:
        """False when it was marked before. Clients are told of it no more."""
        row = (Xorb.hash == xorb_hash, Xorb.key == key, Xorb.lost_at.is_(None))
        marked = self._db.execute(update(Xorb).where(*row).values(lost_at=at).returning(Xorb.hash))
        if marked.first() is None:
            return False
        self._db.execute(delete(DedupChunk).where(DedupChunk.xorb_hash == xorb_hash))
        self._db.execute(delete(DedupGroup).where(_unasked()))
        self._drop_plans_of_whole(xorb_hash)
        return True

    def _drop_plans_of_whole(self, xorb_hash: str) -> None:
        """Of files that are here in one piece too, and are read so from now on."""
        is_whole = Blob.key.is_not(None) & Blob.lost_at.is_(None)
        asked = select(BlobXorb.sha256).join(Blob, Blob.sha256 == BlobXorb.sha256)
        whole = self._db.scalars(asked.where(BlobXorb.xorb_hash == xorb_hash, is_whole)).all()
        for some in in_parts(whole):
            self._db.execute(delete(FilePlan).where(FilePlan.sha256.in_(some)))
            self._db.execute(delete(BlobXorb).where(BlobXorb.sha256.in_(some)))
            self._db.execute(update(Blob).where(Blob.sha256.in_(some)).values(file_hash=None))

    def mark_found(self, is_xorb: bool, name: str, key: str) -> None:
        if is_xorb:
            found = update(Xorb).where(Xorb.hash == name, Xorb.key == key)
        else:
            found = update(Blob).where(Blob.sha256 == name, Blob.key == key)
        self._db.execute(found.values(lost_at=None))

    def has_key(self, is_xorb: bool, name: str, key: str) -> bool:
        if is_xorb:
            row = exists().where(Xorb.hash == name, Xorb.key == key)
        else:
            row = exists().where(Blob.sha256 == name, Blob.key == key)
        return bool(self._db.scalar(select(row)))

    def files_in(self, xorb_hash: str) -> list[str]:
        """The SHA-256 of those that cannot be read without it."""
        asked = select(BlobXorb.sha256).where(BlobXorb.xorb_hash == xorb_hash)
        return list(self._db.scalars(asked))


def _unused() -> ColumnElement[bool]:
    return ~exists().where(BlobXorb.xorb_hash == Xorb.hash)


def _unasked() -> ColumnElement[bool]:
    return ~exists().where(DedupChunk.group_id == DedupGroup.id)

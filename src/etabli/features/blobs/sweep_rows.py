"""The SQL of what nobody needs any more."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, update
from sqlalchemy.orm import Session, undefer

from etabli.features.blobs.models import Blob, BlobXorb, DedupChunk, DedupGroup, Epoch, Xorb

MOST_IN_ONE_STATEMENT = 500


class SweepRows:
    def __init__(self, db: Session) -> None:
        self._db = db

    def blobs(self) -> Sequence[tuple[str, datetime | None]]:
        """(SHA-256, since when it is condemned) of each."""
        rows = self._db.execute(select(Blob.sha256, Blob.condemned_at))
        return [(row.sha256, row.condemned_at) for row in rows]

    def mark_blobs(self, sha256s: Sequence[str], condemned_at: datetime | None) -> None:
        for some in _parts(sha256s):
            self._db.execute(
                update(Blob).where(Blob.sha256.in_(some)).values(condemned_at=condemned_at)
            )

    def delete_blobs(self, sha256s: Sequence[str], condemned_before: datetime) -> list[str]:
        """The keys of what they had in one piece. Those that are needed again meanwhile stay."""
        keys: list[str] = []
        for some in _parts(sha256s):
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
        for some in _parts(hashes):
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
        for some in _parts(keys):
            known.update(self._db.scalars(select(Xorb.key).where(Xorb.key.in_(some))))
            found = self._db.scalars(select(Blob.key).where(Blob.key.in_(some)))
            known.update(key for key in found if key is not None)
        return known

    def next_xorbs(self, after: str, count: int) -> Sequence[Xorb]:
        """In the order of their hashes, with their indexes."""
        asked = select(Xorb).options(undefer(Xorb.chunks)).where(Xorb.hash > after)
        return self._db.scalars(asked.order_by(Xorb.hash).limit(count)).all()

    def next_blobs(self, after: str, count: int) -> Sequence[Blob]:
        asked = select(Blob).where(Blob.sha256 > after).order_by(Blob.sha256).limit(count)
        return self._db.scalars(asked).all()


def _unused() -> ColumnElement[bool]:
    return ~exists().where(BlobXorb.xorb_hash == Xorb.hash)


def _unasked() -> ColumnElement[bool]:
    return ~exists().where(DedupChunk.group_id == DedupGroup.id)


def _parts(values: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(values), MOST_IN_ONE_STATEMENT):
        yield values[start : start + MOST_IN_ONE_STATEMENT]

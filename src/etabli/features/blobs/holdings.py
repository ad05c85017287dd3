"""Who holds which bytes, and in whose quota they count.

A holding is the right to read a blob through its holder: a repository, or another thing that keeps
files. Knowing a hash is none. Bytes that nobody holds go, some days later.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column
from sqlalchemy.types import BigInteger

from etabli.features.blobs.quota import Quota
from etabli.foundation.db import Table, in_parts
from etabli.foundation.unit_of_work import UnitOfWork


class HolderKind(StrEnum):
    REPO = "repo"
    BUCKET = "bucket"


@dataclass(frozen=True)
class Holder:
    kind: HolderKind
    key: str

    @property
    def values(self) -> Mapping[str, str]:
        """What `SHA256S_OF_A_HOLDER` is to be given."""
        return {"holder_kind": self.kind, "holder_key": self.key}


class Holding(Table):
    """That a holder holds the bytes of one SHA-256.

    The bytes themselves are in `blobs`, once, whoever holds them. A row is made when the bytes
    arrive, before what names them; a holder that comes to name them no more lets go of them.
    """

    __tablename__ = "holdings"

    holder_kind: Mapped[HolderKind] = mapped_column(primary_key=True)
    holder_key: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True, index=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    held_at: Mapped[datetime]
    """When they arrived, or somebody who would send them was last told that they are here."""
    charged_to: Mapped[str] = mapped_column(index=True)
    """The namespace in whose quota they count: mostly the holder's own."""


SHA256S_OF_A_HOLDER = select(Holding.sha256).where(
    Holding.holder_kind == bindparam("holder_kind"), Holding.holder_key == bindparam("holder_key")
)


class Holdings:
    """Hold bytes, count them, let go of them. There is no other way to hold any."""

    def __init__(self, work: UnitOfWork, quota: Quota) -> None:
        self._db: Session = work.db
        self._work = work
        self._quota = quota

    def hold(
        self, holder: Holder, sizes: Mapping[str, int], owner: str, charged_to: str | None = None
    ) -> None:
        """Note that the holder holds these: all of them, or none. Idempotent.

        Args:
            sizes: the SHA-256 and the size of each.
            owner: the holder's own namespace.
            charged_to: in whose quota they count, if not in the owner's. Who brings what is held
                already takes nothing over; the owner does.

        Raises:
            QuotaReachedError: see `require_room`.
        """
        self.require_room(holder, sizes, owner, charged_to)
        known = self.find(holder, list(sizes)) if charged_to else {}
        for sha256, size_bytes in sizes.items():
            charge = known[sha256].charged_to if sha256 in known else charged_to or owner
            self._db.merge(
                Holding(
                    holder_kind=holder.kind,
                    holder_key=holder.key,
                    sha256=sha256,
                    size_bytes=size_bytes,
                    held_at=self._work.now,
                    charged_to=charge,
                )
            )
        self._db.flush()

    def require_room(
        self, holder: Holder, sizes: Mapping[str, int], owner: str, charged_to: str | None = None
    ) -> None:
        """
        Raises:
            QuotaReachedError: the namespace that they count for would hold more than it may.
        """
        if not self._quota.is_limited(charged_to or owner):
            return
        known = self.find(holder, list(sizes))
        # What others have counted as theirs is new to the owner's own count.
        counted = {one.sha256 for one in known.values() if charged_to or one.charged_to == owner}
        new_bytes = sum(size for sha256, size in sizes.items() if sha256 not in counted)
        namespace = charged_to or owner
        self._quota.require(namespace, self.charged_bytes(namespace), new_bytes)

    def holds(self, holder: Holder, sha256: str) -> bool:
        return self._db.get(Holding, (holder.kind, holder.key, sha256)) is not None

    def find(self, holder: Holder, sha256s: Sequence[str]) -> Mapping[str, Holding]:
        """Those of these that the holder holds, by their SHA-256."""
        found: dict[str, Holding] = {}
        for some in in_parts(sha256s):
            rows = select(Holding).where(*_of(holder), Holding.sha256.in_(some))
            found |= {row.sha256: row for row in self._db.scalars(rows)}
        return found

    def held_among(self, holder: Holder, sha256s: Sequence[str]) -> set[str]:
        """Those of these that the holder holds: the shortest way to ask of many."""
        return set(self.arrivals(holder, sha256s))

    def arrivals(self, holder: Holder, sha256s: Sequence[str]) -> Mapping[str, datetime]:
        """When those of these that it holds arrived, or were last asked for."""
        found: dict[str, datetime] = {}
        for some in in_parts(sha256s):
            rows = select(Holding.sha256, Holding.held_at).where(*_of(holder))
            asked = self._db.execute(rows.where(Holding.sha256.in_(some)))
            found |= {row.sha256: row.held_at for row in asked}
        return found

    def all_of(self, holder: Holder) -> Sequence[Holding]:
        """The newest first."""
        newest = select(Holding).where(*_of(holder))
        return self._db.scalars(newest.order_by(Holding.held_at.desc(), Holding.sha256)).all()

    def touch(self, holder: Holder, sha256: str) -> None:
        """Somebody was told that the bytes are here, and will soon name them."""
        row = update(Holding).where(*_of(holder), Holding.sha256 == sha256)
        self._db.execute(row.values(held_at=self._work.now))

    def release(
        self, holder: Holder, sha256s: Collection[str], before: datetime | None = None
    ) -> int:
        """Hold these no longer; how many they were.

        Args:
            before: only those that arrived, or were asked for, by then.
        """
        released = 0
        for some in in_parts(list(sha256s)):
            those = delete(Holding).where(*_of(holder), Holding.sha256.in_(some))
            if before is not None:
                those = those.where(Holding.held_at <= before)
            released += len(self._db.execute(those.returning(Holding.sha256)).all())
        return released

    def release_some(self, holder: Holder, at_most: int) -> int:
        """Hold so many fewer; how many they were."""
        some = select(Holding.sha256).where(*_of(holder)).limit(at_most)
        return self.release(holder, self._db.scalars(some).all())

    def release_all(self, holder: Holder) -> None:
        self._db.execute(delete(Holding).where(*_of(holder)))

    # Whose they count as

    def charged_bytes(self, namespace: str) -> int:
        """What counts in its quota: what two holders hold counts twice."""
        asked = select(func.sum(Holding.size_bytes)).where(Holding.charged_to == namespace)
        return int(self._db.scalar(asked) or 0)

    def charged_to_others(self, holder: Holder, owner: str) -> Sequence[str]:
        """The SHA-256 of what it holds and others than its owner have counted as theirs."""
        asked = select(Holding.sha256).where(*_of(holder), Holding.charged_to != owner)
        return self._db.scalars(asked).all()

    def charge(self, holder: Holder, sha256s: Sequence[str], owner: str) -> None:
        """Count these as the owner's. Whether there is room, `require_room` says before."""
        for holding in self.find(holder, sha256s).values():
            holding.charged_to = owner
        self._db.flush()

    def change_owner(self, holder: Holder, old: str, new: str) -> None:
        """What counted as the old owner's counts as the new one's. Idempotent."""
        own = update(Holding).where(*_of(holder), Holding.charged_to == old)
        self._db.execute(own.values(charged_to=new))

    # Of all holders

    def needed(self) -> set[str]:
        """The SHA-256 of all that somebody holds."""
        return set(self._db.scalars(select(Holding.sha256).distinct()))

    def holder_keys(self, kind: HolderKind, sha256s: Sequence[str], at_most: int) -> Sequence[str]:
        """Some of those of this kind that hold one of these."""
        found: dict[str, None] = {}
        for some in in_parts(sha256s):
            asked = select(Holding.holder_key).distinct().where(Holding.holder_kind == kind)
            rows = self._db.scalars(asked.where(Holding.sha256.in_(some)).limit(at_most))
            found |= dict.fromkeys(rows)
        return list(found)[:at_most]


def held_bytes_of(kind: HolderKind, key: InstrumentedAttribute[str]) -> Select[int]:
    """For the queries of features above: what each of their rows holds."""
    asked = select(func.coalesce(func.sum(Holding.size_bytes), 0))
    return asked.where(Holding.holder_kind == kind, Holding.holder_key == key)


def _of(holder: Holder) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Holding.holder_kind == holder.kind, Holding.holder_key == holder.key

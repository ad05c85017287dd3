"""The SQL of what is in buckets: all of it goes by an index, from one path to the next."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import ColumnElement, Table, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from etabli.features.blobs import HolderKind, Holding
from etabli.features.buckets.models import BucketFile, BucketFolder, Level
from etabli.features.buckets.paths import folder_of, stop_of
from etabli.foundation.db import in_parts

# The tables themselves: no session keeps a copy of rows that come and go by the thousand.
_FILES = cast(Table, BucketFile.__table__)
_FOLDERS = cast(Table, BucketFolder.__table__)


@dataclass(frozen=True)
class Shown:
    """What a path shows, before it is changed."""

    sha256: str
    size_bytes: int
    uploaded_at: datetime


class FileRows:
    def __init__(self, db: Session) -> None:
        self._db = db

    def page(self, bucket_key: str, prefix: str, after: str, limit: int) -> Sequence[BucketFile]:
        """The next files whose paths begin so."""
        beginning = prefix.encode()
        asked = select(BucketFile).where(_in(bucket_key), BucketFile.path > after)
        if beginning:
            asked = asked.where(BucketFile.path >= prefix)
        # What follows the last one ends the page here: SQL has no upper bound of a beginning.
        found = self._db.scalars(asked.order_by(BucketFile.path).limit(limit)).all()
        return [file for file in found if file.path.encode().startswith(beginning)]

    def level(self, bucket_key: str, folder: str, after: str, limit: int) -> Level:
        files = select(BucketFile).where(_in(bucket_key), BucketFile.folder == folder)
        files = files.where(BucketFile.path > after).order_by(BucketFile.path).limit(limit + 1)
        below = select(BucketFolder).where(
            BucketFolder.bucket_key == bucket_key, BucketFolder.parent == folder
        )
        below = below.where(BucketFolder.path > after).order_by(BucketFolder.path).limit(limit + 1)
        entries: list[BucketFile | BucketFolder] = [
            *self._db.scalars(files),
            *self._db.scalars(below),
        ]
        entries.sort(key=lambda entry: entry.path.encode())
        shown = entries[:limit]
        return Level(shown, shown[-1].path if len(entries) > limit else None)

    def find(self, bucket_key: str, paths: Sequence[str]) -> Mapping[str, BucketFile]:
        found: dict[str, BucketFile] = {}
        for some in in_parts(paths):
            rows = select(BucketFile).where(_in(bucket_key), BucketFile.path.in_(some))
            found |= {file.path: file for file in self._db.scalars(rows)}
        return found

    def named_among(self, bucket_key: str, sha256s: Sequence[str]) -> set[str]:
        """Those of these that some path shows."""
        named: set[str] = set()
        for some in in_parts(sha256s):
            rows = select(BucketFile.sha256).distinct()
            named.update(self._db.scalars(rows.where(_in(bucket_key), BucketFile.sha256.in_(some))))
        return named

    # Changes

    def shown(self, bucket_key: str, paths: Sequence[str]) -> Mapping[str, Shown]:
        columns = (_FILES.c.path, _FILES.c.sha256, _FILES.c.size_bytes, _FILES.c.uploaded_at)
        found: dict[str, Shown] = {}
        for some in in_parts(paths):
            rows = select(*columns).where(_in(bucket_key), BucketFile.path.in_(some))
            found |= {row.path: Shown(*row[1:]) for row in self._db.execute(rows)}
        return found

    def remove(self, bucket_key: str, paths: Sequence[str]) -> None:
        for some in in_parts(paths):
            self._db.execute(delete(_FILES).where(_in(bucket_key), BucketFile.path.in_(some)))

    def add(self, rows: Sequence[Mapping[str, object]]) -> None:
        if rows:
            self._db.execute(insert(_FILES), list(rows))

    def arrive_in(self, bucket_key: str, folders: Collection[str], at: datetime) -> None:
        """Something arrived below these folders: they are there from now on."""
        known: set[str] = set()
        for some in in_parts(sorted(folders)):
            those = BucketFolder.bucket_key == bucket_key, BucketFolder.path.in_(some)
            touched = update(_FOLDERS).where(*those).values(uploaded_at=at)
            known.update(row.path for row in self._db.execute(touched.returning(_FOLDERS.c.path)))
        new = [
            {
                "bucket_key": bucket_key,
                "path": folder,
                "stop": stop_of(folder),
                "parent": folder_of(folder),
                "uploaded_at": at,
            }
            for folder in folders
            if folder not in known
        ]
        if new:
            self._db.execute(insert(_FOLDERS), new)

    def drop_empty(self, bucket_key: str, folders: Collection[str]) -> None:
        """Of these folders, forget those that nothing is below any more."""
        is_below = exists().where(
            _in(bucket_key),
            BucketFile.path > BucketFolder.path,
            BucketFile.path < BucketFolder.stop,
        )
        for some in in_parts(sorted(folders)):
            those = BucketFolder.bucket_key == bucket_key, BucketFolder.path.in_(some)
            self._db.execute(delete(_FOLDERS).where(*those, ~is_below))

    # Of the upkeep

    def remove_some(self, bucket_key: str, at_most: int) -> int:
        """Forget what a deleted bucket had; how many files they were."""
        some = select(BucketFile.path).where(_in(bucket_key)).limit(at_most)
        paths = self._db.scalars(some).all()
        self.remove(bucket_key, paths)
        if len(paths) < at_most:
            self._db.execute(delete(_FOLDERS).where(_FOLDERS.c.bucket_key == bucket_key))
        return len(paths)

    def unnamed(self, bucket_key: str, before: datetime, at_most: int) -> Sequence[str]:
        """The SHA-256 of what it holds since before then, and no path shows."""
        is_named = exists().where(_in(bucket_key), BucketFile.sha256 == Holding.sha256)
        held = select(Holding.sha256).where(
            Holding.holder_kind == HolderKind.BUCKET,
            Holding.holder_key == bucket_key,
            Holding.held_at <= before,
            ~is_named,
        )
        return self._db.scalars(held.order_by(Holding.sha256).limit(at_most)).all()

    def without_bytes(self, at_most: int, empty: str) -> Sequence[tuple[str, str]]:
        """(bucket key, path) of files whose bytes their bucket does not hold."""
        is_held = exists().where(
            Holding.holder_kind == HolderKind.BUCKET,
            Holding.holder_key == BucketFile.bucket_key,
            Holding.sha256 == BucketFile.sha256,
        )
        lost = select(BucketFile.bucket_key, BucketFile.path).where(
            BucketFile.sha256 != empty, ~is_held
        )
        rows = self._db.execute(lost.limit(at_most))
        return [(row.bucket_key, row.path) for row in rows]


def _in(bucket_key: str) -> ColumnElement[bool]:
    return BucketFile.bucket_key == bucket_key

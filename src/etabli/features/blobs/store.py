"""The SQL of blobs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etabli.features.blobs.models import Blob


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
        """Take back that nobody needs it: waits for the sweep that may just delete it."""
        self._db.execute(update(Blob).where(Blob.sha256 == sha256).values(condemned_at=None))

    def set_key(self, sha256: str, key: str, _at: datetime) -> None:
        self._db.execute(update(Blob).where(Blob.sha256 == sha256).values(key=key))

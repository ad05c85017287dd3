"""The SQL of the workshop."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from etabli.features.workshop.models import Run


class RunStore:
    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, run: Run) -> None:
        self._db.add(run)
        self._db.flush()

    def get(self, key: str) -> Run | None:
        return self._db.get(Run, key)

    def of_owner(self, owner: str) -> Sequence[Run]:
        runs = select(Run).where(Run.owner == owner).order_by(Run.created_at.desc()).limit(100)
        return self._db.scalars(runs).all()

    def keys(self) -> Sequence[str]:
        return self._db.scalars(select(Run.key)).all()

    def delete(self, key: str) -> None:
        self._db.execute(delete(Run).where(Run.key == key))

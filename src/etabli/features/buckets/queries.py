"""The SQL of buckets themselves."""

from collections.abc import Sequence

from sqlalchemy import Select, delete, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etabli.features.accounts import Actor, Scope
from etabli.features.buckets.errors import BucketExistsError
from etabli.features.buckets.models import Bucket


class BucketStore:
    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, bucket: Bucket) -> None:
        """The unique constraint decides, not a look before the leap: two requests may race."""
        try:
            with self._db.begin_nested():
                self._db.add(bucket)
        except IntegrityError as error:
            raise BucketExistsError(f"{bucket.namespace}/{bucket.name}") from error

    def rename(self, bucket: Bucket, namespace: str, name: str) -> None:
        full_name = f"{namespace}/{name}"
        try:
            with self._db.begin_nested():
                bucket.namespace, bucket.name = namespace, name
                bucket.full_name_key = full_name.lower()
                self._db.flush()
        except IntegrityError as error:
            raise BucketExistsError(full_name) from error

    def find(self, full_name: str) -> Bucket | None:
        return self._db.scalar(select(Bucket).where(Bucket.full_name_key == full_name.lower()))

    def get(self, key: str) -> Bucket | None:
        return self._db.get(Bucket, key)

    def lock(self, key: str) -> Bucket | None:
        """The row as it is now, and nobody else's to change until the transaction ends. Who comes
        to hold bytes for it does not wait, and its deletion does."""
        row = select(Bucket).where(Bucket.key == key).with_for_update(key_share=True)
        return self._db.scalar(row.execution_options(populate_existing=True))

    def owner_while_holding(self, key: str) -> str | None:
        """The namespace of a bucket that stays until the transaction ends; None: it is gone."""
        row = select(Bucket.namespace).where(Bucket.key == key)
        return self._db.scalar(row.with_for_update(read=True, key_share=True))

    def visible_in(self, actor: Actor, namespace: str) -> Select[Bucket]:
        """The one place that decides which buckets a list may show."""
        own = Bucket.namespace.in_(actor.private_namespaces(Scope.READ))
        in_it = select(Bucket).where(Bucket.namespace == namespace)
        return in_it.where(or_(~Bucket.private, own))

    def page(
        self, actor: Actor, namespace: str, search: str, after: str, limit: int
    ) -> Sequence[Bucket]:
        asked = self.visible_in(actor, namespace).where(Bucket.full_name_key > after)
        if search:
            asked = asked.where(Bucket.name.icontains(search, autoescape=True))
        return self._db.scalars(asked.order_by(Bucket.full_name_key).limit(limit)).all()

    def keys_after(self, key: str, limit: int) -> Sequence[str]:
        later = select(Bucket.key).where(Bucket.key > key).order_by(Bucket.key).limit(limit)
        return self._db.scalars(later).all()

    def full_names(self, keys: Sequence[str]) -> Sequence[str]:
        """Of those that there are, sorted."""
        rows = self._db.execute(select(Bucket.namespace, Bucket.name).where(Bucket.key.in_(keys)))
        return sorted(f"{row.namespace}/{row.name}" for row in rows)

    def delete(self, key: str) -> None:
        self._db.execute(delete(Bucket).where(Bucket.key == key))

"""The verbs of buckets."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from etabli.features.accounts import (
    Accounts,
    Actor,
    NamespaceNotFoundError,
    Permission,
    Resource,
    can,
    is_valid_name,
)
from etabli.features.blobs import Blobs, HolderKind
from etabli.features.buckets.changes import EMPTY_SHA256, Change, Changer, Refused
from etabli.features.buckets.errors import (
    BucketFileNotFoundError,
    BucketNotFoundError,
    InvalidBucketNameError,
)
from etabli.features.buckets.events import (
    BucketCreated,
    BucketDeleted,
    BucketHidden,
    BucketMoved,
    BucketShown,
)
from etabli.features.buckets.files import FileRows
from etabli.features.buckets.models import Bucket, BucketFile, Level, holder_of
from etabli.features.buckets.queries import BucketStore
from etabli.foundation.event_log import EventLog
from etabli.foundation.unit_of_work import UnitOfWork


class Buckets:
    """Create and find buckets, list what is in them, and change it path by path."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, blobs: Blobs) -> None:
        self._work = work
        self._accounts = accounts
        self._store = BucketStore(work.db)
        self._files = FileRows(work.db)
        self._holdings = blobs.holdings
        self._changer = Changer(work, self._files, blobs.holdings)
        self._log = EventLog(work)

    # Buckets

    def create(
        self, actor: Actor, namespace: str, name: str, *, private: bool | None = None
    ) -> Bucket:
        """
        Args:
            private: None: as the namespace has its new repositories.

        Raises:
            InvalidBucketNameError: `name` breaks the naming rule, which is that of repositories.
            SignInNeededError, NotAllowedError: `actor` may not write in `namespace`.
            BucketExistsError: the name is taken.
        """
        owner = self._namespace_for(actor, namespace, name)
        if private is None:
            private = self._is_private_by_default(owner)
        bucket = Bucket(
            namespace=owner,
            name=name,
            full_name_key=f"{owner}/{name}".lower(),
            private=private,
            created_at=self._work.now,
            updated_at=self._work.now,
        )
        self._store.add(bucket)
        self._work.announce(BucketCreated(bucket.key, bucket.full_name), public=not private)
        return bucket

    def get(
        self, actor: Actor, full_name: str, permission: Permission = Permission.READ_REPO
    ) -> Bucket:
        """A bucket, for an actor who may do with it what `permission` says.

        Raises:
            BucketNotFoundError: there is none, or none that `actor` may see.
            SignInNeededError, NotAllowedError: `actor` may see it, and not do this.
        """
        bucket = self._store.find(full_name)
        if bucket is None or not can(actor, Permission.SEE_REPO, bucket.resource):
            raise BucketNotFoundError(full_name)
        self._accounts.require(actor, permission, bucket.resource)
        return bucket

    def by_key(self, key: str) -> Bucket | None:
        return self._store.get(key)

    def in_namespace(
        self, actor: Actor, namespace: str, search: str, after: str, limit: int
    ) -> Sequence[Bucket]:
        """The next that `actor` may see, by their names; after the full name in lower case."""
        return self._store.page(actor, namespace, search, after, limit)

    def set_private(self, actor: Actor, bucket: Bucket, private: bool) -> Bucket:
        """Hide a bucket from all but its namespace's members, or show it."""
        bucket = self._again(actor, bucket, Permission.ADMIN_REPO)
        if bucket.private == private:
            return bucket
        bucket.private = private
        self._work.db.flush()
        if private:
            # Whoever announces something of it has its row locked: nothing comes in between.
            self._log.hide(bucket.key)
            self._work.announce(BucketHidden(bucket.key), public=True)
        else:
            self._work.announce(BucketShown(bucket.key, bucket.full_name), public=True)
        return bucket

    def move(self, actor: Actor, bucket: Bucket, namespace: str, name: str) -> Bucket:
        """Give a bucket another full name.

        Raises:
            NotAllowedError: `actor` may not, at either end.
            InvalidBucketNameError, BucketExistsError: see `create`.
        """
        bucket = self._again(actor, bucket, Permission.ADMIN_REPO)
        old_full_name, old_owner = bucket.full_name, bucket.namespace
        self._store.rename(bucket, self._namespace_for(actor, namespace, name), name)
        if bucket.namespace != old_owner:
            self._holdings.change_owner(bucket.holder, old_owner, bucket.namespace)
        moved = BucketMoved(bucket.key, old_full_name, bucket.full_name)
        self._work.announce(moved, public=not bucket.private)
        return bucket

    def delete(self, actor: Actor, bucket: Bucket) -> None:
        """Delete a bucket at once; the rows of its files go later, in portions: see `clear`."""
        bucket = self._again(actor, bucket, Permission.ADMIN_REPO)
        deleted, public = BucketDeleted(bucket.key, bucket.full_name), not bucket.private
        self._store.delete(bucket.key)
        self._work.announce(deleted, public=public)

    def clear(self, bucket_key: str, at_most: int) -> bool:
        """Forget some files of a deleted bucket, and hold their bytes no longer; whether there may
        be more. Idempotent."""
        if self._store.get(bucket_key) is not None:
            return False
        files = self._files.remove_some(bucket_key, at_most)
        held = self._holdings.release_some(holder_of(bucket_key), at_most)
        return at_most in (files, held)

    # What is in them

    def page(
        self, bucket: Bucket, prefix: str, after: str, limit: int
    ) -> tuple[Sequence[BucketFile], str | None]:
        """The next files whose paths begin so, in the order of their bytes; after which path the
        page that follows begins, if one does."""
        found = self._files.page(bucket.key, prefix, after, limit + 1)
        shown = found[:limit]
        return shown, shown[-1].path if len(found) > limit else None

    def level(self, bucket: Bucket, folder: str, after: str, limit: int) -> Level:
        """What is directly in a folder, "" or a path that ends with a slash: the next of it."""
        return self._files.level(bucket.key, folder, after, limit)

    def find(self, bucket: Bucket, paths: Sequence[str]) -> Mapping[str, BucketFile]:
        """Those that are there, by their paths."""
        return self._files.find(bucket.key, paths)

    def file(self, bucket: Bucket, path: str) -> BucketFile:
        """
        Raises:
            BucketFileNotFoundError: there is none.
        """
        found = self.find(bucket, [path]).get(path)
        if found is None:
            raise BucketFileNotFoundError(path)
        return found

    def named_among(self, bucket: Bucket, sha256s: Sequence[str]) -> set[str]:
        """Those of these bytes that a path shows: what else it holds is nobody's to copy."""
        return self._files.named_among(bucket.key, sha256s)

    # Changing it

    def hold(self, bucket: Bucket, more: Mapping[str, int]) -> None:
        """Note that these bytes arrived for this bucket: all of them, or none. Idempotent.

        Args:
            more: the SHA-256 and the size of each.

        Raises:
            QuotaReachedError: its namespace would hold more than it may.
            BucketNotFoundError: it was deleted meanwhile.
        """
        owner = self._store.owner_while_holding(bucket.key)
        if owner is None:
            raise BucketNotFoundError(bucket.full_name)
        self._holdings.hold(bucket.holder, more, owner)

    def require_room(self, bucket: Bucket, more: Mapping[str, int]) -> None:
        """
        Raises:
            QuotaReachedError: its namespace would hold more than it may.
        """
        self._holdings.require_room(bucket.holder, more, bucket.namespace)

    def change(self, actor: Actor, bucket: Bucket, changes: Sequence[Change]) -> list[Refused]:
        """See `Changer.apply`.

        Raises:
            BucketNotFoundError, NotAllowedError: it is gone, or the actor's right is.
            TooManyFoldersError: nothing is applied.
        """
        locked = self._store.lock(bucket.key)
        if locked is None or not can(actor, Permission.SEE_REPO, locked.resource):
            raise BucketNotFoundError(bucket.full_name)
        self._accounts.require(actor, Permission.WRITE_REPO, locked.resource)
        return self._changer.apply(locked, changes)

    # Of the upkeep

    def keys_after(self, key: str, limit: int) -> Sequence[str]:
        """The next buckets in the order of their keys, for upkeep that goes batch by batch."""
        return self._store.keys_after(key, limit)

    def unnamed(self, bucket_key: str, before: datetime, at_most: int) -> Sequence[str]:
        """What a bucket holds since before then, and no path shows: an upload was given up."""
        return self._files.unnamed(bucket_key, before, at_most)

    def forget_unnamed(self, bucket_key: str, before: datetime, at_most: int) -> int:
        """Hold some of it no longer; how many they were. Nothing is named meanwhile."""
        if self._store.lock(bucket_key) is None:
            return 0
        unnamed = self.unnamed(bucket_key, before, at_most)
        return self._holdings.release(holder_of(bucket_key), unnamed, before)

    def holders(self, sha256s: Sequence[str], at_most: int) -> Sequence[str]:
        """The full names of buckets that hold one of these: for operators."""
        keys = self._holdings.holder_keys(HolderKind.BUCKET, sha256s, at_most)
        return self._store.full_names(keys)

    def without_bytes(self, at_most: int) -> Sequence[tuple[str, str]]:
        """(bucket key, path) of files whose bytes are not held: there should be none."""
        return self._files.without_bytes(at_most, EMPTY_SHA256)

    def _again(self, actor: Actor, bucket: Bucket, permission: Permission) -> Bucket:
        """The row in this unit of work, locked, and the permission as it is now."""
        found = self.get(actor, bucket.full_name, permission)
        return self._store.lock(found.key) or found

    def _namespace_for(self, actor: Actor, namespace: str, name: str) -> str:
        """A namespace in its own spelling, for an actor who may create such a name in it."""
        if not is_valid_name(name):
            raise InvalidBucketNameError(name)
        owner = actor.spelled(namespace)
        self._accounts.require(actor, Permission.CREATE_REPO, Resource(owner))
        return owner

    def _is_private_by_default(self, namespace: str) -> bool:
        try:
            return self._accounts.namespace(namespace).private_by_default
        except NamespaceNotFoundError:
            return False

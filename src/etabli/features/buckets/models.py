"""The nouns of buckets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from etabli.features.accounts import Resource
from etabli.features.blobs import Holder, HolderKind
from etabli.foundation.db import Table, TextAsBytes


class Bucket(Table):
    """One bucket. Its names may change; its `key` never does, and is never used again."""

    __tablename__ = "buckets"
    __table_args__ = (Index(None, "namespace", "full_name_key"),)

    key: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    namespace: Mapped[str]
    name: Mapped[str]
    full_name_key: Mapped[str] = mapped_column(unique=True)
    """The full name in lower case: the clients take names whatever their case."""
    private: Mapped[bool]
    file_count: Mapped[int] = mapped_column(BigInteger, default=0)
    total_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    """Of its files: what two of them share counts twice here, and once in the quota."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    @property
    def full_name(self) -> str:
        return f"{self.namespace}/{self.name}"

    @property
    def holder(self) -> Holder:
        """As which it holds the bytes of its files."""
        return holder_of(self.key)

    @property
    def resource(self) -> Resource:
        return Resource(self.namespace, self.private)


class BucketFile(Table):
    """What lies under one path, now. What lay there before is forgotten."""

    __tablename__ = "bucket_files"
    __table_args__ = (Index(None, "bucket_key", "folder", "path"),)

    # No foreign key: the files of a deleted bucket go in portions, after it.
    bucket_key: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(TextAsBytes, primary_key=True)
    folder: Mapped[str] = mapped_column(TextAsBytes)
    """The path of the folder that it is in, with a slash at its end; empty at the top."""
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mtime_ms: Mapped[int] = mapped_column(BigInteger)
    """When whoever sent it had changed it last, in milliseconds since 1970: theirs to say."""
    content_type: Mapped[str | None] = mapped_column(default=None)
    """What its sender says that it is; None: nothing."""
    uploaded_at: Mapped[datetime]

    @property
    def name(self) -> str:
        return self.path[len(self.folder) :]


# For what a bucket names of these bytes: whether to hold on to them.
Index(None, BucketFile.bucket_key, BucketFile.sha256)


class BucketFolder(Table):
    """That there are files below a path: to list one level without a look at what is below."""

    __tablename__ = "bucket_folders"
    __table_args__ = (Index(None, "bucket_key", "parent", "path"),)

    bucket_key: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(TextAsBytes, primary_key=True)
    """With a slash at its end, as that of all that is in it begins."""
    stop: Mapped[str] = mapped_column(TextAsBytes)
    """The first path, in their order, that may come after all that is in it."""
    parent: Mapped[str] = mapped_column(TextAsBytes)
    uploaded_at: Mapped[datetime]
    """When something last arrived below it."""

    @property
    def name(self) -> str:
        return self.path[len(self.parent) : -1]


@dataclass(frozen=True)
class Level:
    """A part of what is directly in one folder, folders and files in the order of their paths."""

    entries: Sequence[BucketFile | BucketFolder]
    next_after: str | None
    """After which path the next part begins; None: this is the last."""


def holder_of(bucket_key: str) -> Holder:
    return Holder(HolderKind.BUCKET, bucket_key)

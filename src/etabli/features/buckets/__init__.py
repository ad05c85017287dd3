"""Buckets: folders of files that change in place, without a history.

Owns: buckets, their names, and which bytes each of their paths shows.
May use: the foundation, accounts, blobs.
Words: a *bucket* is a list of paths, each of which shows the bytes of one blob; to *put* a file is
to have a path show other bytes; a *folder* is there while a file is below it.
"""

from etabli.features.buckets.changes import (
    EMPTY_SHA256,
    Change,
    PutFile,
    Refused,
    RemoveFile,
    refusal_of_path,
)
from etabli.features.buckets.errors import (
    BadBucketPathError,
    BucketExistsError,
    BucketFileNotFoundError,
    BucketNotFoundError,
    BytesNotHereError,
    InvalidBucketNameError,
    TooManyFoldersError,
)
from etabli.features.buckets.events import (
    BucketChanged,
    BucketCreated,
    BucketDeleted,
    BucketHidden,
    BucketMoved,
    BucketShown,
)
from etabli.features.buckets.models import Bucket, BucketFile, BucketFolder, Level
from etabli.features.buckets.service import Buckets

__all__ = [
    "EMPTY_SHA256",
    "BadBucketPathError",
    "Bucket",
    "BucketChanged",
    "BucketCreated",
    "BucketDeleted",
    "BucketExistsError",
    "BucketFile",
    "BucketFileNotFoundError",
    "BucketFolder",
    "BucketHidden",
    "BucketMoved",
    "BucketNotFoundError",
    "BucketShown",
    "Buckets",
    "BytesNotHereError",
    "Change",
    "InvalidBucketNameError",
    "Level",
    "PutFile",
    "Refused",
    "RemoveFile",
    "TooManyFoldersError",
    "refusal_of_path",
]

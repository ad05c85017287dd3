"""Changes of what a bucket's paths show: some of them at once, each true or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from etabli.features.blobs import Holdings
from etabli.features.buckets.errors import (
    BadBucketPathError,
    BytesNotHereError,
    TooManyFoldersError,
)
from etabli.features.buckets.events import BucketChanged
from etabli.features.buckets.files import FileRows, Shown
from etabli.features.buckets.models import Bucket
from etabli.features.buckets.paths import folder_of, folders_of, is_valid_path
from etabli.foundation.errors import EtabliError
from etabli.foundation.unit_of_work import UnitOfWork

MAX_FOLDERS = 4000
"""Touched at once: each is a row to write while others who write wait."""
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""Of no bytes: there is nothing to hold."""


@dataclass(frozen=True)
class PutFile:
    """Show these bytes under this path, whatever was there."""

    path: str
    sha256: str
    size_bytes: int
    mtime_ms: int
    content_type: str | None = None


@dataclass(frozen=True)
class RemoveFile:
    """Show nothing under this path. Nothing there is no error: it is so already."""

    path: str


Change = PutFile | RemoveFile
Refused = tuple[str, EtabliError]
"""A path, and why it is as it was."""


def refusal_of_path(path: str) -> EtabliError | None:
    return None if is_valid_path(path) else BadBucketPathError(path)


class Changer:
    """Applies changes, in one short transaction: rows alone, and as few statements as there are
    tables."""

    def __init__(self, work: UnitOfWork, files: FileRows, holdings: Holdings) -> None:
        self._work = work
        self._files = files
        self._holdings = holdings

    def apply(self, bucket: Bucket, changes: Sequence[Change]) -> list[Refused]:
        """In their order: of two for one path the last one is what stays.

        Args:
            bucket: locked by this transaction.

        Returns: those that were not applied. The others are.

        Raises:
            TooManyFoldersError: nothing is applied.
        """
        refused: list[Refused] = []
        final: dict[str, Change] = {}
        held = self._held(bucket, changes)
        for change in changes:
            error = refusal_of_path(change.path)
            if error is None and isinstance(change, PutFile) and change.sha256 not in held:
                error = BytesNotHereError(change.sha256)
            if error is None:
                final[change.path] = change
            else:
                refused.append((change.path, error))
        if final:
            self._write(bucket, final)
        return refused

    def _held(self, bucket: Bucket, changes: Sequence[Change]) -> set[str]:
        wanted = list({change.sha256 for change in changes if isinstance(change, PutFile)})
        return {EMPTY_SHA256, *self._holdings.held_among(bucket.holder, wanted)}

    def _write(self, bucket: Bucket, final: Mapping[str, Change]) -> None:
        puts = [change for change in final.values() if isinstance(change, PutFile)]
        before = self._files.shown(bucket.key, list(final))
        removed = [path for path in before if isinstance(final[path], RemoveFile)]
        if not puts and not removed:
            return
        arriving, leaving = folders_of(put.path for put in puts), folders_of(removed)
        if len(arriving) + len(leaving) > MAX_FOLDERS:
            raise TooManyFoldersError(MAX_FOLDERS)
        self._files.remove(bucket.key, list(before))
        self._files.add([self._row(bucket, put) for put in puts])
        self._files.arrive_in(bucket.key, arriving, self._work.now)
        self._files.drop_empty(bucket.key, leaving - arriving)
        self._let_go(bucket, before.values())
        bucket.file_count += len(puts) - len(before)
        bucket.total_bytes += sum(put.size_bytes for put in puts)
        bucket.total_bytes -= sum(shown.size_bytes for shown in before.values())
        bucket.updated_at = self._work.now
        self._work.announce(BucketChanged(bucket.key), public=not bucket.private)

    def _row(self, bucket: Bucket, put: PutFile) -> Mapping[str, object]:
        return {
            "bucket_key": bucket.key,
            "path": put.path,
            "folder": folder_of(put.path),
            "sha256": put.sha256,
            "size_bytes": put.size_bytes,
            "mtime_ms": put.mtime_ms,
            "content_type": put.content_type,
            "uploaded_at": self._work.now,
        }

    def _let_go(self, bucket: Bucket, gone: Iterable[Shown]) -> None:
        """Of what no path shows any more, and nobody has sent again since a path last did: they
        are about to name it. What stays held for nothing goes with the upkeep."""
        named_at: dict[str, datetime] = {}
        for shown in gone:
            named_at[shown.sha256] = max(named_at.get(shown.sha256, _EARLIEST), shown.uploaded_at)
        unnamed = sorted(named_at.keys() - self._files.named_among(bucket.key, list(named_at)))
        if not unnamed:
            return
        arrived = self._holdings.arrivals(bucket.holder, unnamed)
        released = [sha256 for sha256, at in arrived.items() if at <= named_at[sha256]]
        self._holdings.release(bucket.holder, released)


_EARLIEST = datetime.min.replace(tzinfo=UTC)

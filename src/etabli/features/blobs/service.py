"""The verbs of blobs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Select

from etabli.features.blobs.backends import BlobStore, StagedFile
from etabli.features.blobs.errors import BlobNotFoundError, LostBytesError
from etabli.features.blobs.file_extents import Extent, lay_out
from etabli.features.blobs.gc import Sweeper
from etabli.features.blobs.holdings import Holdings
from etabli.features.blobs.integrity import Checker
from etabli.features.blobs.models import Blob
from etabli.features.blobs.queries import BlobRows
from etabli.features.blobs.quota import Quota
from etabli.features.blobs.usage import Space, measure
from etabli.features.blobs.xet.reconstruction import read_reconstruction
from etabli.features.blobs.xet.service import Chunked
from etabli.foundation.unit_of_work import UnitOfWork

BLOBS = "blobs"
ADDRESS_LIFETIME = timedelta(hours=1)


class Blobs:
    """Keep files of any size by their SHA-256, once each, and read them back."""

    def __init__(self, work: UnitOfWork, store: BlobStore, quota: Quota) -> None:
        self._work = work
        self._store = store
        self._rows = BlobRows(work.db)
        self.chunked = Chunked(work, store)
        self.holdings = Holdings(work, quota)
        self.sweeper = Sweeper(work)
        self.checker = Checker(work)

    def find(self, sha256: str) -> Blob | None:
        return self._rows.find(sha256)

    def find_many(self, sha256s: Sequence[str]) -> Mapping[str, Blob]:
        """Those that there are, by their SHA-256."""
        return {blob.sha256: blob for blob in self._rows.find_many(sha256s)}

    def get(self, sha256: str) -> Blob:
        """
        Raises:
            BlobNotFoundError: there is none.
        """
        blob = self.find(sha256)
        if blob is None:
            raise BlobNotFoundError(sha256)
        return blob

    def lost_among(self, sha256s: Sequence[str]) -> set[str]:
        """Those of them whose bytes are known to be lost: whoever has them is to send them."""
        return self._rows.lost_among(sha256s)

    def is_lost(self, blob: Blob) -> bool:
        return not blob.is_whole and blob.sha256 in self.lost_among([blob.sha256])

    def require_readable(self, blob: Blob) -> None:
        """Before the answer begins: later, all that can be done is to cut it.

        Raises:
            LostBytesError: its bytes are known to be lost, or are not where they were.
        """
        path = self.local_path(blob)
        is_gone = path is not None and not path.exists()
        if is_gone or self.is_lost(blob):
            raise LostBytesError(blob.sha256)

    def keep(self, staged: StagedFile) -> Blob:
        """Keep a received file, which was hashed and finished. Idempotent.

        `publish` it before this unit of work begins where that takes long, as on S3. When its bytes
        are here already they stay as they are, and what arrived is let go; when they are known to
        be lost, what arrived takes their place.

        Raises:
            DiskFullError: there is no room.
        """
        blob = self._rows.find(staged.sha256)
        if blob is None:
            key = publish(self._store, staged)
            made = Blob(
                sha256=staged.sha256,
                size_bytes=staged.size_bytes,
                key=key,
                created_at=self._work.now,
            )
            blob = self._rows.add(made)
        self._rows.mark_needed(blob.sha256)
        self._rows.read_again(blob)
        if self.is_lost(blob):
            self._rows.heal(blob, publish(self._store, staged))
        if staged.key is not None and staged.key != blob.key:
            self._store.delete(staged.key)  # the same bytes came twice at the same time
        return blob

    def keep_bytes(self, content: bytes) -> Blob:
        """Keep what is in memory already. See `keep`."""
        with self._store.stage() as staged:
            staged.write(content)
            staged.finish()
            return self.keep(staged)

    def release_whole(self, sha256: str) -> None:
        """Keep the chunks alone. The file itself goes with the next sweep, so that whoever reads it
        now can read on. Nothing happens to one that has no chunks."""
        self._rows.forget_key(sha256)

    def read(self, blob: Blob, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Its bytes from `start` to before `end`, in pieces of a megabyte or so.

        The pieces may be taken after this unit of work has ended.

        Raises:
            LostBytesError: they are not all there.
        """
        end = blob.size_bytes if end is None else min(end, blob.size_bytes)
        key = self._key_of(blob)
        if key is None:
            return read_reconstruction(self._store, self.chunked.plan(blob, start, end))
        return self._store.read(key, start, end)

    def stretches(
        self, blob: Blob, start: int = 0, end: int | None = None
    ) -> Iterator[bytes | Extent]:
        """The same as `read`; what lies on this machine as it is wanted is named, and not read."""
        end = blob.size_bytes if end is None else min(end, blob.size_bytes)
        if start >= end:
            return iter(())
        path = self.local_path(blob)
        if path is not None:
            return iter([Extent(path, [range(start, end)])])
        key = self._key_of(blob)
        if key is not None:
            return self._store.read(key, start, end)
        plan = self.chunked.plan(blob, start, end)
        is_here = any(self._store.local_path(run.key) for run in plan.runs[:1])
        return lay_out(self._store, plan) if is_here else read_reconstruction(self._store, plan)

    def local_path(self, blob: Blob) -> Path | None:
        """The whole file on this machine; None when it is in chunks, or elsewhere."""
        key = self._key_of(blob)
        return self._store.local_path(key) if key else None

    def space(self, of: Select[str] | None = None, **values: str) -> Space:
        """What these files weigh and take: a query of SHA-256s, made once, and what it is to be
        given; or None for all files."""
        return measure(self._work.db, of, values)

    def redirect_url(self, blob: Blob, filename: str) -> str | None:
        """An address of the whole file outside this hub, good for an hour; None if it has none."""
        key = self._key_of(blob)
        if key is None:
            return None
        return self._store.url(key, ADDRESS_LIFETIME, filename=filename)

    def _key_of(self, blob: Blob) -> str | None:
        """What all of it can be read under."""
        return blob.key if blob.is_whole else None


def publish(store: BlobStore, staged: StagedFile) -> str:
    """Store a received file: before the unit of work that keeps it, and needing none."""
    return store.publish(staged, BLOBS, staged.sha256)

"""The verbs of blobs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Select

from etabli.features.blobs.backends import BlobStore, StagedFile
from etabli.features.blobs.checking import Checker
from etabli.features.blobs.chunked import Chunked
from etabli.features.blobs.errors import BlobNotFoundError
from etabli.features.blobs.models import Blob
from etabli.features.blobs.plans import read_plan
from etabli.features.blobs.space import Space, measure
from etabli.features.blobs.store import BlobRows
from etabli.features.blobs.stretches import Stretch, lay_out
from etabli.features.blobs.sweeping import Sweeper
from etabli.foundation.work import UnitOfWork

BLOBS = "blobs"
ADDRESS_LIFETIME = timedelta(hours=1)


class Blobs:
    """Keep files of any size by their SHA-256, once each, and read them back."""

    def __init__(self, work: UnitOfWork, store: BlobStore) -> None:
        self._work = work
        self._store = store
        self._rows = BlobRows(work.db)
        self.chunked = Chunked(work, store)
        self.sweeper = Sweeper(work)
        self.checker = Checker(work, store)

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

    def keep(self, staged: StagedFile) -> Blob:
        """Keep a received file, which was hashed and finished. Bears a repetition.

        `publish` it before this unit of work begins where that takes long, as on S3. When its bytes
        are here already they stay as they are, and what arrived is let go.

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
        if staged.key is not None and staged.key != blob.key:
            self._store.delete(staged.key)  # the same bytes came twice at the same time
        self._rows.need(blob.sha256)
        return blob

    def keep_bytes(self, content: bytes) -> Blob:
        """Keep what is in memory already. See `keep`."""
        with self._store.stage() as staged:
            staged.write(content)
            staged.finish()
            return self.keep(staged)

    def let_go_of_whole(self, sha256: str) -> None:
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
        if blob.key is None:
            return read_plan(self._store, self.chunked.plan(blob, start, end))
        return self._store.read(blob.key, start, end)

    def stretches(
        self, blob: Blob, start: int = 0, end: int | None = None
    ) -> Iterator[bytes | Stretch]:
        """The same as `read`; what lies on this machine as it is wanted is named, and not read."""
        end = blob.size_bytes if end is None else min(end, blob.size_bytes)
        if start >= end:
            return iter(())
        path = self.local_path(blob)
        if path is not None:
            return iter([Stretch(path, [range(start, end)])])
        if blob.key is not None:
            return self._store.read(blob.key, start, end)
        plan = self.chunked.plan(blob, start, end)
        is_here = any(self._store.local_path(run.key) for run in plan.runs[:1])
        return lay_out(self._store, plan) if is_here else read_plan(self._store, plan)

    def local_path(self, blob: Blob) -> Path | None:
        """The whole file on this machine; None when it is in chunks, or elsewhere."""
        return self._store.local_path(blob.key) if blob.key else None

    def space(self, of: Select[str] | None = None) -> Space:
        """What these files weigh and take: a query of SHA-256s, or None for all files."""
        return measure(self._work.db, of)

    def redirect_url(self, blob: Blob, filename: str) -> str | None:
        """An address of the whole file outside this hub, good for an hour; None if it has none."""
        if blob.key is None:
            return None
        return self._store.url(blob.key, ADDRESS_LIFETIME, filename=filename)


def publish(store: BlobStore, staged: StagedFile) -> str:
    """Store a received file: before the unit of work that keeps it, and needing none."""
    return store.publish(staged, BLOBS, staged.sha256)

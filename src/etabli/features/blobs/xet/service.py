"""The verbs of blobs that are kept in chunks: what a Xet client sends, asks and reads."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import accumulate

from etabli.features.blobs.backends import BlobStore, StagedFile
from etabli.features.blobs.errors import BadShardError, BlobNotFoundError, LostBytesError
from etabli.features.blobs.models import Blob, Xorb
from etabli.features.blobs.queries import BlobRows
from etabli.features.blobs.xet.hashing import HASH_BYTES, from_hex, to_hex
from etabli.features.blobs.xet.reconstruction import (
    XORBS_AT_ONCE,
    IndexedXorb,
    Reconstruction,
    make_reconstruction,
)
from etabli.features.blobs.xet.shards import Terms, dedup_answer
from etabli.features.blobs.xet.verification import VerifiedFile
from etabli.features.blobs.xet.xorbs import XorbIndex, XorbSize, check_xorb, measure_xorb
from etabli.foundation.i18n.messages import msg
from etabli.foundation.unit_of_work import UnitOfWork

XORBS = "xorbs"
DEDUP_LIFETIME = timedelta(days=7)
"""How long a client may go by one answer. A new epoch ends it at once."""
MAX_XORBS_IN_ANSWER = 256
MAX_CHUNKS_IN_ANSWER = 256 * 1024
"""Some 16 GB around the chunk that was asked for: a shard of 13 MB, however many chunks each xorb
has."""


class Chunked:
    """Keep files as chunks that are each stored once, and find the way back to the files."""

    def __init__(self, work: UnitOfWork, store: BlobStore) -> None:
        self._work = work
        self._store = store
        self._rows = BlobRows(work.db)

    # Xorbs

    def find_xorb(self, xorb_hash: str) -> Xorb | None:
        return self._rows.find_xorb(xorb_hash)

    def need_xorb(self, xorb_hash: str) -> None:
        """Whoever sends it again will soon say which file it is for."""
        self._rows.need_xorbs([xorb_hash])

    def keep_xorb(self, xorb_hash: str, staged: StagedFile, index: XorbIndex) -> bool:
        """Keep a xorb that was checked, and published by `publish_xorb`.

        Returns:
            False: it was here. The first one stays, whatever the bytes of this one.
        """
        assert staged.key is not None  # noqa: S101
        kept = self._rows.add_xorb(
            Xorb(
                hash=xorb_hash,
                key=staged.key,
                chunk_count=index.count,
                raw_bytes=index.raw_bytes,
                stored_bytes=index.stored_bytes,
                chunks=index.packed,
                created_at=self._work.now,
            )
        )
        if not kept:
            self._store.delete(staged.key)
            self._rows.need_xorbs([xorb_hash])
        return kept

    def load(self, hashes: Sequence[bytes]) -> Mapping[bytes, IndexedXorb]:
        """A `XorbLoader`."""
        rows = self._rows.xorbs([to_hex(raw) for raw in hashes])
        return {from_hex(name): IndexedXorb(key, XorbIndex(packed)) for name, key, packed in rows}

    # Files

    def verified_before(self, file_hashes: Sequence[str]) -> Mapping[str, str]:
        """Of these files, the SHA-256 of each that was verified: it need not be done again."""
        return self._rows.sha256_by_file_hash(file_hashes)

    def keep_files(self, files: Sequence[VerifiedFile]) -> list[Blob]:
        """Keep the files of one shard. Idempotent.

        Raises:
            BadShardError: a xorb that they need is gone meanwhile.
        """
        xorbs = list(dict.fromkeys(term.xorb for file in files for term in file.checked.terms))
        if self._rows.need_xorbs([to_hex(raw) for raw in xorbs]) < len(xorbs):
            raise BadShardError(msg("a file has chunks in a xorb that was never sent"))
        blobs = [self._keep_file(file) for file in files]
        chunks = {
            to_hex(chunk): to_hex(xorb)
            for file in files
            for chunk, xorb in file.checked.asked_for.items()
        }
        self._rows.add_dedup(b"".join(xorbs), chunks, self._work.now)
        return blobs

    def _keep_file(self, file: VerifiedFile) -> Blob:
        checked = file.checked
        blob = self._rows.find(file.sha256) or self._rows.add(
            Blob(sha256=file.sha256, size_bytes=checked.size_bytes, created_at=self._work.now)
        )
        self._rows.mark_needed(blob.sha256)
        self._rows.read_again(blob)
        # The same bytes can be cut in other chunks, and then have another Xet hash. One is enough.
        if blob.file_hash is None or self._rows.is_plan_lost(blob.sha256):
            xorbs = dict.fromkeys(to_hex(term.xorb) for term in checked.terms)
            self._rows.add_plan(blob, checked.file_hash, checked.terms.packed, xorbs)
        return blob

    def get_by_file_hash(self, file_hash: str) -> Blob:
        """
        Raises:
            BlobNotFoundError: there is none.
        """
        blob = self._rows.find_by_file_hash(file_hash)
        if blob is None:
            raise BlobNotFoundError(file_hash)
        return blob

    def plan(self, blob: Blob, start: int = 0, end: int | None = None) -> Reconstruction:
        """How to put together its bytes from `start` to before `end`.

        Raises:
            BlobNotFoundError: it is not kept in chunks.
            LostBytesError: a xorb is gone.
        """
        terms = self._rows.terms(blob.sha256)
        if terms is None and blob.lost_at is not None:
            raise LostBytesError(blob.sha256)
        if terms is None:
            raise BlobNotFoundError(blob.sha256)
        end = blob.size_bytes if end is None else min(end, blob.size_bytes)
        return make_reconstruction(Terms(terms), self.load, start, end)

    # What clients ask before they send

    def answer_dedup(self, chunk_hash: str) -> bytes | None:
        """What is here of the upload that this chunk came with; None: it is not known.

        All its xorbs, and not only the one: else a new client sends most of a file again.
        """
        found = self._rows.dedup_group(chunk_hash)
        if found is None:
            return None
        xorb_hash, packed = found
        group = [packed[at : at + HASH_BYTES] for at in range(0, len(packed), HASH_BYTES)]
        near = self._as_many(_around(group, from_hex(xorb_hash)))
        now = int(self._work.now.timestamp())
        return dedup_answer(self._indexes(near), now, now + int(DEDUP_LIFETIME.total_seconds()))

    def knows_chunk(self, chunk_hash: str) -> bool:
        """Whether `answer_dedup` has an answer: far less work than to make it."""
        return self._rows.dedup_group(chunk_hash) is not None

    def _as_many(self, hashes: Sequence[bytes]) -> Sequence[bytes]:
        """The first of them, as far as `MAX_CHUNKS_IN_ANSWER` goes."""
        counts = self._rows.chunk_counts([to_hex(raw) for raw in hashes])
        totals = accumulate(counts.get(to_hex(raw), 0) for raw in hashes)
        return [
            raw for raw, total in zip(hashes, totals, strict=True) if total <= MAX_CHUNKS_IN_ANSWER
        ]

    def _indexes(self, hashes: Sequence[bytes]) -> Iterator[tuple[bytes, XorbIndex]]:
        """Of those xorbs that are here; a few at a time, since each index is up to 330 kB."""
        for start in range(0, len(hashes), XORBS_AT_ONCE):
            batch = hashes[start : start + XORBS_AT_ONCE]
            known = self.load(batch)
            yield from ((raw, known[raw].index) for raw in batch if raw in known)

    def epoch(self) -> int:
        """How often xorbs were taken away: it stands in the address that clients are given."""
        return self._rows.epoch()


def measure_staged(staged: StagedFile) -> XorbSize:
    """What a received xorb announces: nothing of it is unpacked.

    Raises:
        BadXorbError: it announces more than a xorb may hold.
    """
    with staged.read_back() as file:
        return measure_xorb(file)


def verify_xorb(store: BlobStore, staged: StagedFile, xorb_hash: str) -> XorbIndex:
    """Check a received xorb, and store it. It is kept once `Chunked.keep_xorb` says so.

    It was measured before: else more is unpacked than a xorb may hold, before it is refused.

    Raises:
        BadXorbError: it is not valid, or not the xorb of that hash.
        DiskFullError: there is no room.
    """
    with staged.read_back() as file:
        index = check_xorb(file, from_hex(xorb_hash))
    staged.truncate(index.stored_bytes)
    staged.finish()
    store.publish(staged, XORBS, xorb_hash)
    return index


def _around(group: list[bytes], xorb: bytes) -> list[bytes]:
    """The xorb itself, what follows it, then what goes before: the nearest part of the group."""
    place = group.index(xorb) if xorb in group else 0
    start = max(min(place - MAX_XORBS_IN_ANSWER // 4, len(group) - MAX_XORBS_IN_ANSWER), 0)
    stop = start + MAX_XORBS_IN_ANSWER
    return [*group[place:stop], *reversed(group[start:place])]

"""Plans: where the bytes of a file lie, as runs of chunks in xorbs."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from etabli.features.blobs.backends import PIECE_BYTES, BlobStore
from etabli.features.blobs.errors import BadXorbError, LostBytesError
from etabli.features.blobs.xet.shards import Term, Terms
from etabli.features.blobs.xet.xorbs import XorbIndex, unpack_all

XORBS_AT_ONCE = 32
"""How many indexes are in memory while a plan is made: each is up to 330 kB."""


@dataclass(frozen=True)
class IndexedXorb:
    """A xorb's key in the store, and where each of its chunks is."""

    key: str
    index: XorbIndex


XorbLoader = Callable[[Sequence[bytes]], Mapping[bytes, IndexedXorb]]
"""Loads xorbs by their raw hashes; those that are not here are absent from the answer."""


@dataclass(frozen=True)
class XorbRange:
    """Some chunks of one xorb, one behind the other."""

    xorb: bytes
    key: str
    chunks: range
    stored: range
    """Where they lie in the xorb as it is stored."""
    raw_bytes: int


@dataclass(frozen=True)
class Reconstruction:
    """A part of a file: these runs unpacked, less some bytes at both ends."""

    runs: Sequence[XorbRange]
    skipped_bytes: int
    """What to leave out of the first chunk."""
    size_bytes: int

    def by_xorb(self) -> Mapping[bytes, Sequence[XorbRange]]:
        """What to fetch of each xorb, in order: runs that touch or overlap are one."""
        runs: dict[bytes, list[XorbRange]] = {}
        for run in sorted(self.runs, key=lambda run: run.chunks.start):
            kept = runs.setdefault(run.xorb, [])
            if kept and run.chunks.start <= kept[-1].chunks.stop:
                kept[-1] = _joined(kept[-1], run)
            else:
                kept.append(run)
        return runs


def make_reconstruction(terms: Terms, load: XorbLoader, start: int, end: int) -> Reconstruction:
    """How to read a file from `start` to before `end`, with whole chunks at both ends.

    Raises:
        LostBytesError: a xorb is gone.
    """
    runs: list[XorbRange] = []
    skipped_bytes = 0
    for term, term_start, xorb in _with_xorbs(terms.between(start, end), load):
        index = xorb.index
        base = index.raw_start(term.start) - term_start
        first = _chunk_at(index, max(start + base, index.raw_start(term.start)))
        last = _chunk_at(index, min(end + base, index.raw_start(term.end)) - 1)
        if not runs:
            skipped_bytes = start + base - index.raw_start(first)
        runs.append(_run(term.xorb, xorb, range(first, last + 1)))
    return Reconstruction(runs, skipped_bytes, end - start)


def read_reconstruction(store: BlobStore, plan: Reconstruction) -> Iterator[bytes]:
    """The bytes of a plan, in pieces of about a megabyte.

    Raises:
        LostBytesError: they are not all there, or are damaged.
    """
    gathered, gathered_bytes = list[bytes](), 0
    for piece in _cut(_unpacked(store, plan), plan.skipped_bytes, plan.size_bytes):
        gathered.append(piece)
        gathered_bytes += len(piece)
        if gathered_bytes >= PIECE_BYTES:
            yield b"".join(gathered)
            gathered, gathered_bytes = [], 0
    if gathered:
        yield b"".join(gathered)


def _with_xorbs(
    terms: Iterator[tuple[Term, int]], load: XorbLoader
) -> Iterator[tuple[Term, int, IndexedXorb]]:
    batch: list[tuple[Term, int]] = []
    seen: set[bytes] = set()
    for term, at in terms:
        if term.xorb not in seen and len(seen) == XORBS_AT_ONCE:
            yield from _loaded(batch, seen, load)
            batch, seen = [], set()
        batch.append((term, at))
        seen.add(term.xorb)
    yield from _loaded(batch, seen, load)


def _loaded(
    batch: Sequence[tuple[Term, int]], hashes: set[bytes], load: XorbLoader
) -> Iterator[tuple[Term, int, IndexedXorb]]:
    xorbs = load(list(hashes))
    for term, at in batch:
        if term.xorb not in xorbs:
            raise LostBytesError(f"xorb {term.xorb.hex()}")
        yield term, at, xorbs[term.xorb]


def _chunk_at(index: XorbIndex, raw_offset: int) -> int:
    return bisect_right(range(index.count), raw_offset, key=lambda c: index.raw_start(c + 1))


def _run(xorb_hash: bytes, xorb: IndexedXorb, chunks: range) -> XorbRange:
    index = xorb.index
    return XorbRange(
        xorb_hash,
        xorb.key,
        chunks,
        range(index.stored_start(chunks.start), index.stored_start(chunks.stop)),
        index.raw_start(chunks.stop) - index.raw_start(chunks.start),
    )


def _joined(left: XorbRange, right: XorbRange) -> XorbRange:
    if right.chunks.stop <= left.chunks.stop:
        return left
    chunks = range(left.chunks.start, right.chunks.stop)
    stored = range(left.stored.start, right.stored.stop)
    # Only exact where the two do not overlap; what is fetched needs no unpacked size.
    return XorbRange(left.xorb, left.key, chunks, stored, left.raw_bytes + right.raw_bytes)


def _unpacked(store: BlobStore, plan: Reconstruction) -> Iterator[bytes]:
    for run in plan.runs:
        try:
            yield from unpack_all(store.read(run.key, run.stored.start, run.stored.stop))
        except BadXorbError as error:
            raise LostBytesError(run.key) from error


def _cut(pieces: Iterator[bytes], skipped: int, wanted: int) -> Iterator[bytes]:
    for piece in pieces:
        part = piece[skipped : skipped + wanted] if skipped or len(piece) > wanted else piece
        skipped = max(skipped - len(piece), 0)
        wanted -= len(part)
        if part:
            yield part
        if not wanted:
            return

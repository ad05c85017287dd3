"""From what a client says of its files to files that are true: every claim is checked first.

Both checks are cut in steps: each yields what it took, as a price in bytes, so that whoever runs
them can tell before what they will take, and let others have their turn in between.
"""

import hashlib
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import IO, TypeVar

from etabli.features.blobs.backends import BlobStore
from etabli.features.blobs.errors import BadShardError, BadXorbError, LostBytesError
from etabli.features.blobs.xet.hashing import Tree, hash_file, hash_range, is_asked_for, to_hex
from etabli.features.blobs.xet.reconstruction import IndexedXorb, XorbLoader
from etabli.features.blobs.xet.shards import ClaimedFile, Term, Terms, read_files
from etabli.features.blobs.xet.unpacked import UnpackedChunks
from etabli.features.blobs.xet.xorbs import unpack_all
from etabli.foundation.i18n.messages import msg

MAX_CHUNKS = 1 << 24
"""In one shard: a terabyte or so. Its terms could name a thousand times more."""
CHUNK_PRICE_BYTES = 8 * 1024
"""To check a chunk's place in a file costs as much as to hash a chunk of the least size."""
TERM_PRICE_BYTES = 64 * 1024
"""The same for a term, for which the index of its xorb may have to be loaded."""
INDEXES_AT_ONCE = 16
"""In memory for each shard under verification: each is up to 330 kB."""

Result = TypeVar("Result")
Steps = Generator[int, None, Result]
"""Work in steps, each of which yields its price in bytes."""


@dataclass(frozen=True)
class CheckedFile:
    """A file whose chunks are here and have its Xet hash. Its SHA-256 is only claimed yet."""

    file_hash: str
    terms: Terms
    size_bytes: int
    claimed_sha256: str | None
    asked_for: Mapping[bytes, bytes]
    """The chunks that clients will ask for, each with the xorb it is in."""


@dataclass(frozen=True)
class VerifiedFile:
    """A file whose SHA-256 was taken from its own bytes."""

    checked: CheckedFile
    sha256: str


def read_shard(file: IO[bytes]) -> list[ClaimedFile]:
    """What it says of files. Of the file of no bytes there is nothing to keep.

    Raises:
        BadShardError: it is no shard, or tells of too much.
    """
    left, claimed = MAX_CHUNKS, []
    for one in read_files(file):
        left -= one.chunk_count
        if left < 0:
            raise BadShardError(msg("it tells of too many chunks"))
        if not one.is_of_nothing:
            claimed.append(one)
    return claimed


def price_of_checking(claimed: ClaimedFile) -> int:
    """What `check_file` will take, in bytes."""
    return TERM_PRICE_BYTES * len(claimed.terms) + CHUNK_PRICE_BYTES * claimed.chunk_count


def check_file(claimed: ClaimedFile, load: XorbLoader) -> Steps[CheckedFile]:
    """
    Args:
        load: the xorbs as this hub knows them: what the shard says of them is not believed.

    Raises:
        BadShardError: something in it is not true; then nothing of the shard is to be kept.
    """
    if not claimed.terms:
        raise BadShardError(msg("a file has no bytes; an empty file goes into the commit itself"))
    if not claimed.range_hashes:
        raise BadShardError(msg("a file comes without the hashes that prove it"))
    tree, asked_for = Tree(), dict[bytes, bytes]()
    for place, (term, xorb) in enumerate(_each_with_xorb(claimed.terms, load)):
        _check_term(term, claimed.range_hash(place), xorb)
        for leaf in xorb.index.leaves(term.start, term.end):
            tree.add(leaf)
            if not asked_for or is_asked_for(leaf[0]):
                asked_for[leaf[0]] = term.xorb
        yield TERM_PRICE_BYTES + CHUNK_PRICE_BYTES * (term.end - term.start)
    root, size_bytes = tree.finish()
    if hash_file(root) != claimed.file_hash:
        raise BadShardError(msg("the hash of a file is not that of its chunks"))
    return CheckedFile(
        to_hex(claimed.file_hash), claimed.terms, size_bytes, claimed.sha256, asked_for
    )


def verify_sha256(
    store: BlobStore, checked: CheckedFile, load: XorbLoader, unpacked: UnpackedChunks
) -> Steps[VerifiedFile]:
    """Put the file together and hash it: its Xet hash says nothing of its SHA-256.

    The price is the file's own bytes.

    Args:
        unpacked: where chunks are kept that the file has more than once.

    Raises:
        BadShardError: it has another SHA-256 than was claimed.
        LostBytesError: they are not all there, or are damaged.
    """
    hasher = hashlib.sha256()
    repeated = _repeated_xorbs(checked.terms)
    for term, xorb in _each_with_xorb(checked.terms, load):
        keeping = unpacked if term.xorb in repeated else None
        for chunk in _read_term(store, term, xorb, keeping):
            hasher.update(chunk)
            yield len(chunk)
    return as_verified(checked, hasher.hexdigest())


def as_verified(checked: CheckedFile, sha256: str) -> VerifiedFile:
    """
    Args:
        sha256: what was taken from the file's own bytes, now or before.

    Raises:
        BadShardError: it has another SHA-256 than was claimed.
    """
    if checked.claimed_sha256 not in (None, sha256):
        raise BadShardError(msg("the SHA-256 of a file is not the one that it gives"))
    return VerifiedFile(checked, sha256)


def _each_with_xorb(terms: Terms, load: XorbLoader) -> Iterator[tuple[Term, IndexedXorb]]:
    """Each index is loaded when it is needed; those at hand are not loaded again."""
    at_hand: Mapping[bytes, IndexedXorb] = {}
    for start in range(0, len(terms), INDEXES_AT_ONCE):
        batch = list(terms[start : start + INDEXES_AT_ONCE])
        wanted = dict.fromkeys(term.xorb for term in batch)
        missing = [raw for raw in wanted if raw not in at_hand]
        found = {**at_hand, **(load(missing) if missing else {})}
        at_hand = {raw: found[raw] for raw in wanted if raw in found}
        for term in batch:
            if term.xorb not in at_hand:
                raise BadShardError(msg("a file has chunks in a xorb that was never sent"))
            yield term, at_hand[term.xorb]


def _check_term(term: Term, range_hash: bytes, xorb: IndexedXorb) -> None:
    index = xorb.index
    if not 0 <= term.start < term.end <= index.count:
        raise BadShardError(msg("a file has chunks outside their xorb"))
    if index.raw_start(term.end) - index.raw_start(term.start) != term.raw_bytes:
        raise BadShardError(msg("a file has not the length that its parts say"))
    if hash_range(index.hashes(term.start, term.end)) != range_hash:
        raise BadShardError(msg("the hashes that prove a file are wrong"))


def _repeated_xorbs(terms: Sequence[Term]) -> set[bytes]:
    """Those of which the file has a chunk more than once."""
    runs: dict[bytes, list[tuple[int, int]]] = {}
    for term in terms:
        runs.setdefault(term.xorb, []).append((term.start, term.end))
    return {raw for raw, some in runs.items() if _overlap(sorted(some))}


def _overlap(runs: Sequence[tuple[int, int]]) -> bool:
    """Whether two of these runs, in the order in which they begin, have a chunk in common."""
    return any(after[0] < before[1] for before, after in pairwise(runs))


def _read_term(
    store: BlobStore, term: Term, xorb: IndexedXorb, unpacked: UnpackedChunks | None
) -> Iterator[bytes]:
    if unpacked is None:
        yield from _read_chunks(store, xorb, term.start, term.end)
        return
    at = term.start
    while at < term.end:
        known = unpacked.find((xorb.key, at))
        if known is not None:
            yield known
            at += 1
            continue
        stop = at + 1
        while stop < term.end and (xorb.key, stop) not in unpacked:
            stop += 1
        for chunk in _read_chunks(store, xorb, at, stop):
            unpacked.keep((xorb.key, at), chunk, len(chunk))
            yield chunk
            at += 1


def _read_chunks(store: BlobStore, xorb: IndexedXorb, start: int, stop: int) -> Iterator[bytes]:
    stored = xorb.index.stored_start(start), xorb.index.stored_start(stop)
    try:
        yield from unpack_all(store.read(xorb.key, *stored))
    except BadXorbError as error:
        raise LostBytesError(xorb.key) from error

"""From what a client says of its files to files that are true: every claim is checked first."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from etabli.features.blobs.backends import BlobStore
from etabli.features.blobs.errors import BadShardError
from etabli.features.blobs.plans import XORBS_AT_ONCE, IndexedXorb, XorbLoader, make_plan, read_plan
from etabli.features.blobs.xet.hashing import Tree, hash_file, hash_range, is_asked_for, to_hex
from etabli.features.blobs.xet.shards import ClaimedFile, Term, read_files
from etabli.foundation.words import say

MOST_CHUNKS = 1 << 24
"""In one shard: a terabyte or so. Its terms could name a thousand times more."""


@dataclass(frozen=True)
class CheckedFile:
    """A file whose chunks are here and have its Xet hash. Its SHA-256 is only claimed yet."""

    file_hash: str
    terms: Sequence[Term]
    size_bytes: int
    claimed_sha256: str | None
    asked_for: Mapping[bytes, bytes]
    """The chunks that clients will ask for, each with the xorb it is in."""


@dataclass(frozen=True)
class VerifiedFile:
    """A file whose SHA-256 was taken from its own bytes."""

    checked: CheckedFile
    sha256: str


def check_shard(file: IO[bytes], load: XorbLoader) -> list[CheckedFile]:
    """
    Args:
        load: the xorbs as this hub knows them: what the shard says of them is not believed.

    Raises:
        BadShardError: something in it is not true; then nothing of it is to be kept.
    """
    left, checked = MOST_CHUNKS, []
    for claimed in read_files(file):
        left -= sum(max(term.end - term.start, 0) for term in claimed.terms)
        if left < 0:
            raise BadShardError(say("it tells of too many chunks"))
        checked.append(_check(claimed, load))
    return checked


def verify_sha256(
    store: BlobStore,
    checked: CheckedFile,
    load: XorbLoader,
    progress: Callable[[int], None] = lambda _: None,
) -> VerifiedFile:
    """Put the file together and hash it: its Xet hash says nothing of its SHA-256.

    Args:
        progress: told now and then how many bytes of the file are done.

    Raises:
        BadShardError: it has another SHA-256 than was claimed.
    """
    hasher = hashlib.sha256()
    plan = make_plan(checked.terms, load, 0, checked.size_bytes)
    done_bytes = 0
    for piece in read_plan(store, plan):
        hasher.update(piece)
        done_bytes += len(piece)
        progress(done_bytes)
    require_sha256(checked, hasher.hexdigest())
    return VerifiedFile(checked, hasher.hexdigest())


def require_sha256(checked: CheckedFile, sha256: str) -> None:
    if checked.claimed_sha256 not in (None, sha256):
        raise BadShardError(say("the SHA-256 of a file is not the one that it gives"))


def _check(claimed: ClaimedFile, load: XorbLoader) -> CheckedFile:
    if not claimed.terms:
        raise BadShardError(say("a file has no bytes; an empty file goes into the commit itself"))
    if len(claimed.range_hashes) != len(claimed.terms):
        raise BadShardError(say("a file comes without the hashes that prove it"))
    tree, asked_for = Tree(), dict[bytes, bytes]()
    for place, xorb in _each_with_xorb(claimed.terms, load):
        term = claimed.terms[place]
        _check_term(term, claimed.range_hashes[place], xorb)
        for leaf in xorb.index.leaves(term.start, term.end):
            tree.add(leaf)
            if not asked_for or is_asked_for(leaf[0]):
                asked_for[leaf[0]] = term.xorb
    root, size_bytes = tree.finish()
    if hash_file(root) != claimed.file_hash:
        raise BadShardError(say("the hash of a file is not that of its chunks"))
    return CheckedFile(
        to_hex(claimed.file_hash), claimed.terms, size_bytes, claimed.sha256, asked_for
    )


def _each_with_xorb(
    terms: Sequence[Term], load: XorbLoader, at_once: int = XORBS_AT_ONCE
) -> Iterator[tuple[int, IndexedXorb]]:
    for start in range(0, len(terms), at_once):
        batch = terms[start : start + at_once]
        xorbs = load(_unique(term.xorb for term in batch))
        for place, term in enumerate(batch, start):
            if term.xorb not in xorbs:
                raise BadShardError(say("a file has chunks in a xorb that was never sent"))
            yield place, xorbs[term.xorb]


def _check_term(term: Term, range_hash: bytes, xorb: IndexedXorb) -> None:
    index = xorb.index
    if not 0 <= term.start < term.end <= index.count:
        raise BadShardError(say("a file has chunks outside their xorb"))
    if index.raw_start(term.end) - index.raw_start(term.start) != term.raw_bytes:
        raise BadShardError(say("a file has not the length that its parts say"))
    if hash_range(index.hashes(term.start, term.end)) != range_hash:
        raise BadShardError(say("the hashes that prove a file are wrong"))


def _unique(values: Iterable[bytes]) -> list[bytes]:
    return list(dict.fromkeys(values))

"""Shards: what a client says of the files that it has sent, and what the hub says of chunks.

Read from the first byte to the last, by a budget; the footer that an upload may have is ignored,
since old clients announce one and send none.
Source: docs/xet/shard.md in huggingface/hub-docs; mdb_shard/src in huggingface/xet-core.
"""

import secrets
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import IO, overload

from etabli.features.blobs.errors import BadShardError
from etabli.features.blobs.xet.hashing import HASH_BYTES, hide, is_asked_for, swap_words
from etabli.features.blobs.xet.xorbs import XorbIndex
from etabli.foundation.i18n.messages import msg

MAX_BYTES = 64 * 1024 * 1024
MAX_TERMS = 200_000
"""In one shard: at a xorb of 64 MB each this is more than a shard can tell of."""
TAG = bytes.fromhex("48465265706f4d6574614461746100556967456a7b815783a5bdd95ccdd14aa9")
VERSION = 2
RECORD_BYTES = 48
FOOTER_BYTES = 200
END = b"\xff" * HASH_BYTES
HAS_VERIFICATION = 1 << 31
HAS_SHA256 = 1 << 30
IS_ASKED_FOR = 1 << 31

_HEADER = struct.Struct("<32sQQ")
_BLOCK = struct.Struct("<32sIIII")
"""A file's or a xorb's first record, a term, or a chunk: a hash, then four numbers."""
_HASH_ONLY = struct.Struct("<32s16x")
_TERM = struct.Struct("<32sIII")
_RAW_BYTES_AT, _TERM_WORDS = 10, 11
"""Of the eleven numbers that a term takes, the last is its length."""


@dataclass(frozen=True, slots=True)
class Term:
    """A run of chunks of one xorb, as a part of a file."""

    xorb: bytes
    start: int
    end: int
    """The chunk after the last one."""
    raw_bytes: int


class Terms(Sequence[Term]):
    """The terms of one file as the database keeps them: 44 bytes for each, and no object."""

    def __init__(self, packed: bytes) -> None:
        self.packed = packed

    def __len__(self) -> int:
        return len(self.packed) // _TERM.size

    @overload
    def __getitem__(self, place: int) -> Term: ...
    @overload
    def __getitem__(self, place: slice) -> "Terms": ...
    def __getitem__(self, place: int | slice) -> "Term | Terms":
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            assert step == 1  # noqa: S101
            return Terms(self.packed[_TERM.size * start : _TERM.size * stop])
        if not 0 <= place < len(self):
            raise IndexError(place)
        return Term(*_TERM.unpack_from(self.packed, _TERM.size * place))

    def __iter__(self) -> Iterator[Term]:
        return (Term(*fields) for fields in _TERM.iter_unpack(self.packed))

    @cached_property
    def ends(self) -> Sequence[int]:
        """Where in the file each term ends, in bytes."""
        lengths = memoryview(self.packed).cast("I")[_RAW_BYTES_AT::_TERM_WORDS]
        return array("Q", accumulate(lengths))

    def between(self, start: int, end: int) -> Iterator[tuple[Term, int]]:
        """The terms with bytes from `start` to before `end`, each with where it begins."""
        first = bisect_right(self.ends, start)
        last = min(bisect_left(self.ends, end) + 1, len(self)) if start < end else first
        for place in range(first, last):
            yield self[place], self.ends[place - 1] if place else 0


@dataclass(frozen=True)
class ClaimedFile:
    """What a client says that a file is made of. Nothing of it is true before it was checked."""

    file_hash: bytes
    terms: Terms
    range_hashes: bytes
    """32 bytes for each term; empty when the client gave none."""
    sha256: str | None

    @property
    def size_bytes(self) -> int:
        return self.terms.ends[-1] if self.terms else 0

    @property
    def is_of_nothing(self) -> bool:
        """Whether it is the file of no bytes, which clients name when they send to a bucket."""
        return not self.terms and self.file_hash == bytes(HASH_BYTES)

    @property
    def chunk_count(self) -> int:
        return sum(max(term.end - term.start, 0) for term in self.terms)

    def range_hash(self, place: int) -> bytes:
        return self.range_hashes[HASH_BYTES * place : HASH_BYTES * (place + 1)]


def read_files(file: IO[bytes]) -> Iterator[ClaimedFile]:
    """The files of an uploaded shard. What it says of xorbs is not read: the hub knows better.

    Raises:
        BadShardError: it is no shard, or is cut.
    """
    tag, version, _footer_bytes = _HEADER.unpack(_read(file))
    if tag != TAG or version != VERSION:
        raise BadShardError(msg("it is no shard of version {version}", version=str(VERSION)))
    budget = MAX_TERMS
    while (record := _read(file))[:HASH_BYTES] != END:
        file_hash, flags, count, _, _ = _BLOCK.unpack(record)
        budget -= count + 1
        if budget < 0:
            raise BadShardError(msg("it tells of too many files"))
        yield _read_file(file, file_hash, flags, count)


def _read_file(file: IO[bytes], file_hash: bytes, flags: int, count: int) -> ClaimedFile:
    read = _BLOCK.iter_unpack(_read(file, count))
    terms = b"".join(_TERM.pack(xorb, start, end, raw) for xorb, _flags, raw, start, end in read)
    ranges = _read_hashes(file, count) if flags & HAS_VERIFICATION else b""
    sha256 = swap_words(_read_hashes(file, 1)).hex() if flags & HAS_SHA256 else None
    return ClaimedFile(file_hash, Terms(terms), ranges, sha256)


def _read_hashes(file: IO[bytes], count: int) -> bytes:
    return b"".join(found for (found,) in _HASH_ONLY.iter_unpack(_read(file, count)))


def _read(file: IO[bytes], count: int = 1) -> bytes:
    records = file.read(RECORD_BYTES * count)
    if len(records) < RECORD_BYTES * count:
        raise BadShardError(msg("it is cut"))
    return records


def dedup_answer(xorbs: Iterable[tuple[bytes, XorbIndex]], made_at: int, expires_at: int) -> bytes:
    """A shard that tells of the chunks of some xorbs, to a client that knows some of them.

    The chunks' hashes are hidden by a key of this answer's own: whoever does not have a chunk
    learns nothing of it.
    """
    key = secrets.token_bytes(HASH_BYTES)
    blocks, stored, raw = bytearray(), 0, 0
    for xorb, index in xorbs:
        blocks += _xorb_block(xorb, index, key)
        stored, raw = stored + index.stored_bytes, raw + index.raw_bytes
    end = END + bytes(RECORD_BYTES - HASH_BYTES)
    files_at, xorbs_at = RECORD_BYTES, 2 * RECORD_BYTES
    body = _HEADER.pack(TAG, VERSION, FOOTER_BYTES) + end + blocks + end
    at = len(body)
    # A version, two sections, three empty tables, a key, two moments, six unused, three sizes.
    footer = struct.pack("<9Q", 1, files_at, xorbs_at, at, 0, at, 0, at, 0)
    footer += key + struct.pack("<2Q48x4Q", made_at, expires_at, stored, raw, raw, at)
    return body + footer


def _xorb_block(xorb: bytes, index: XorbIndex, key: bytes) -> bytes:
    records = [_BLOCK.pack(xorb, 0, index.count, index.raw_bytes, index.stored_bytes)]
    raw_start = 0
    for place, (chunk_hash, raw_bytes) in enumerate(index.leaves()):
        asked_for = place == 0 or is_asked_for(chunk_hash)
        flags = IS_ASKED_FOR if asked_for else 0
        records.append(_BLOCK.pack(hide(chunk_hash, key), raw_start, raw_bytes, flags, 0))
        raw_start += raw_bytes
    return b"".join(records)

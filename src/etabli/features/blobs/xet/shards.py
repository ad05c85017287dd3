"""Shards: what a client says of the files that it has sent, and what the hub says of chunks.

Read from the first byte to the last, by a budget; the footer that an upload may have is ignored,
since old clients announce one and send none.
Source: docs/xet/shard.md in huggingface/hub-docs; mdb_shard/src in huggingface/xet-core.
"""

import secrets
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from etabli.features.blobs.errors import BadShardError
from etabli.features.blobs.xet.hashing import HASH_BYTES, hide, is_asked_for, swap_words
from etabli.features.blobs.xet.xorbs import XorbIndex
from etabli.foundation.words import say

MOST_BYTES = 64 * 1024 * 1024
MOST_TERMS = 200_000
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


@dataclass(frozen=True)
class Term:
    """A run of chunks of one xorb, as a part of a file."""

    xorb: bytes
    start: int
    end: int
    """The chunk after the last one."""
    raw_bytes: int


@dataclass(frozen=True)
class ClaimedFile:
    """What a client says that a file is made of. Nothing of it is true before it was checked."""

    file_hash: bytes
    terms: Sequence[Term]
    range_hashes: Sequence[bytes]
    """For each term; empty when the client gave none."""
    sha256: str | None


def read_files(file: IO[bytes]) -> Iterator[ClaimedFile]:
    """The files of an uploaded shard. What it says of xorbs is not read: the hub knows better.

    Raises:
        BadShardError: it is no shard, or is cut.
    """
    tag, version, _footer_bytes = _HEADER.unpack(_read(file))
    if tag != TAG or version != VERSION:
        raise BadShardError(say("it is no shard of version {version}", version=str(VERSION)))
    budget = MOST_TERMS
    while (record := _read(file))[:HASH_BYTES] != END:
        file_hash, flags, count, _, _ = _BLOCK.unpack(record)
        budget -= count + 1
        if budget < 0:
            raise BadShardError(say("it tells of too many files"))
        yield _read_file(file, file_hash, flags, count)


def _read_file(file: IO[bytes], file_hash: bytes, flags: int, count: int) -> ClaimedFile:
    terms = [_read_term(file) for _ in range(count)]
    has_ranges, has_sha256 = flags & HAS_VERIFICATION, flags & HAS_SHA256
    ranges = [_HASH_ONLY.unpack(_read(file))[0] for _ in range(count)] if has_ranges else []
    sha256 = swap_words(_HASH_ONLY.unpack(_read(file))[0]).hex() if has_sha256 else None
    return ClaimedFile(file_hash, terms, ranges, sha256)


def _read_term(file: IO[bytes]) -> Term:
    xorb, _flags, raw_bytes, start, end = _BLOCK.unpack(_read(file))
    return Term(xorb, start, end, raw_bytes)


def _read(file: IO[bytes]) -> bytes:
    record = file.read(RECORD_BYTES)
    if len(record) < RECORD_BYTES:
        raise BadShardError(say("it is cut"))
    return record


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


_TERM = struct.Struct("<32sIII")


def pack_terms(terms: Sequence[Term]) -> bytes:
    """As the database keeps them: 44 bytes for each."""
    return b"".join(_TERM.pack(t.xorb, t.start, t.end, t.raw_bytes) for t in terms)


def unpack_terms(packed: bytes) -> list[Term]:
    return [Term(*fields) for fields in _TERM.iter_unpack(packed)]

"""Xorbs: up to 8192 chunks, one behind the other, under one hash."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import IO

from etabli.features.blobs.errors import BadXorbError
from etabli.features.blobs.xet.chunks import HEADER_BYTES, Header, read_header, unpack
from etabli.features.blobs.xet.hashing import HASH_BYTES, Leaf, hash_chunk, root_of
from etabli.foundation.i18n.messages import msg

MAX_CHUNKS = 8192
MAX_RAW_BYTES = 64 * 1024 * 1024
"""Unpacked. Clients end a xorb before the chunk that would make it longer.

Source: `MAX_XORB_BYTES` in huggingface/xet-core, the same from hf_xet 1.1 to 1.8.
"""
FOOTER = b"XETBLOB"
"""What begins after the last chunk, in the xorbs of old clients. It is not kept."""


@dataclass(frozen=True)
class XorbIndex:
    """Where each chunk of a xorb is. Kept in the database as one value: 40 bytes for a chunk."""

    packed: bytes
    """All hashes, then where each chunk ends as stored, then where it ends unpacked (uint32)."""

    @property
    def count(self) -> int:
        return len(self.packed) // (HASH_BYTES + 8)

    @cached_property
    def _stored_ends(self) -> memoryview:
        start = HASH_BYTES * self.count
        return memoryview(self.packed)[start : start + 4 * self.count].cast("I")

    @cached_property
    def _raw_ends(self) -> memoryview:
        start = (HASH_BYTES + 4) * self.count
        return memoryview(self.packed)[start:].cast("I")

    @property
    def stored_bytes(self) -> int:
        return int(self._stored_ends[-1])

    @property
    def raw_bytes(self) -> int:
        return int(self._raw_ends[-1])

    def hashes(self, start: int = 0, end: int | None = None) -> memoryview:
        """The raw hashes of the chunks from `start` to before `end`, one behind the other."""
        end = self.count if end is None else end
        return memoryview(self.packed)[HASH_BYTES * start : HASH_BYTES * end]

    def hash_of(self, chunk: int) -> bytes:
        return bytes(self.hashes(chunk, chunk + 1))

    def stored_start(self, chunk: int) -> int:
        """Where a chunk begins as stored; for the number of chunks, where the last one ends."""
        return int(self._stored_ends[chunk - 1]) if chunk else 0

    def raw_start(self, chunk: int) -> int:
        """Where a chunk begins unpacked."""
        return int(self._raw_ends[chunk - 1]) if chunk else 0

    def leaves(self, start: int = 0, end: int | None = None) -> Iterator[Leaf]:
        end = self.count if end is None else end
        before = self.raw_start(start)
        for chunk in range(start, end):
            after = int(self._raw_ends[chunk])
            yield self.hash_of(chunk), after - before
            before = after


def pack_index(leaves: list[Leaf], stored_ends: list[int]) -> XorbIndex:
    raw_ends, total = [], 0
    for _, size in leaves:
        total += size
        raw_ends.append(total)
    count = len(leaves)
    hashes = b"".join(raw for raw, _ in leaves)
    return XorbIndex(hashes + struct.pack(f"={2 * count}I", *stored_ends, *raw_ends))


@dataclass(frozen=True)
class XorbSize:
    """What a xorb announces by the headers of its chunks. They may lie, but not by more than this:
    what unpacks to more than its header says is refused."""

    chunk_count: int
    raw_bytes: int
    stored_bytes: int


def measure_xorb(file: IO[bytes]) -> XorbSize:
    """Read the headers alone, and unpack nothing.

    Raises:
        BadXorbError: it announces more than a xorb may hold.
    """
    count = raw_bytes = at = 0
    while head := file.read(HEADER_BYTES):
        if head.startswith(FOOTER):
            break
        header = read_header(head)
        count, raw_bytes = count + 1, raw_bytes + header.raw_bytes
        _require_small(count, raw_bytes)
        at = file.seek(at + HEADER_BYTES + header.packed_bytes)
    return XorbSize(count, raw_bytes, at)


def _require_small(count: int, raw_bytes: int) -> None:
    if count > MAX_CHUNKS:
        raise BadXorbError(msg("it has more than {most} chunks", most=str(MAX_CHUNKS)))
    if raw_bytes > MAX_RAW_BYTES:
        raise BadXorbError(msg("it unpacks to more than {most} bytes", most=str(MAX_RAW_BYTES)))


def check_xorb(file: IO[bytes], xorb_hash: bytes) -> XorbIndex:
    """Unpack and hash every chunk of a xorb, one at a time: of one that `measure_xorb` has let
    through, nothing more is unpacked than it announced.

    Its hash says nothing of how the chunks are packed: the same one may arrive in other bytes.

    Args:
        file: the xorb. A footer after its chunks is none of it: see `XorbIndex.stored_bytes`.

    Raises:
        BadXorbError: it is not valid, or not the xorb of that hash.
    """
    return _check(file.read, xorb_hash)


def check_stored(pieces: Iterator[bytes], xorb_hash: bytes) -> XorbIndex:
    """The same, of what comes in pieces."""
    return _check(_Pieces(pieces).read, xorb_hash)


def _check(read: Callable[[int], bytes], xorb_hash: bytes) -> XorbIndex:
    leaves: list[Leaf] = []
    ends: list[int] = []
    raw_bytes = 0
    for header, packed in _chunks(read):
        raw_bytes += header.raw_bytes
        _require_small(len(leaves) + 1, raw_bytes)
        raw = unpack(header, packed)
        leaves.append((hash_chunk(raw), len(raw)))
        ends.append((ends[-1] if ends else 0) + HEADER_BYTES + len(packed))
    if not leaves or root_of(leaves) != xorb_hash:
        raise BadXorbError(msg("its content has another hash than its name"))
    return pack_index(leaves, ends)


def unpack_all(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The contents of some whole chunks, given in pieces cut anywhere.

    Raises:
        BadXorbError: they are damaged.
    """
    for header, packed in _chunks(_Pieces(pieces).read):
        yield unpack(header, packed)


def _chunks(read: Callable[[int], bytes]) -> Iterator[tuple[Header, bytes]]:
    while head := read(HEADER_BYTES):
        if head.startswith(FOOTER):
            return
        header = read_header(head)
        packed = read(header.packed_bytes)
        if len(packed) < header.packed_bytes:
            raise BadXorbError(msg("its last chunk is cut"))
        yield header, packed


class _Pieces:
    """Reads across pieces as from a file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._at = 0

    def read(self, size: int) -> bytes:
        """That many bytes; fewer at the end only."""
        end = self._at + size
        while end > len(self._piece) and (more := next(self._pieces, b"")):
            self._piece = self._piece[self._at :] + more
            self._at, end = 0, size
        data = self._piece[self._at : end]
        self._at += len(data)
        return data

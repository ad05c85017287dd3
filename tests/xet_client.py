"""A Xet client of a few lines, honest or not: it makes xorbs and shards from the specification."""

import hashlib
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import lz4.frame

from etabli.features.blobs.xet.hashing import (
    hash_chunk,
    hash_file,
    hash_range,
    root_of,
    swap_words,
    to_hex,
)

TAG = bytes.fromhex("48465265706f4d6574614461746100556967456a7b815783a5bdd95ccdd14aa9")
PLAIN, LZ4, GROUPED = 0, 1, 2


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


def cut(content: bytes, size: int = 50_000) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content), size)]


def pack_chunk(raw: bytes, scheme: int = PLAIN, *, claims: int | None = None) -> bytes:
    grouped = b"".join(raw[at::4] for at in range(4)) if scheme == GROUPED else raw
    packed = lz4.frame.compress(grouped) if scheme else raw
    lengths = len(packed), len(raw) if claims is None else claims
    header = bytes([0]) + lengths[0].to_bytes(3, "little") + bytes([scheme])
    return header + lengths[1].to_bytes(3, "little") + packed


@dataclass(frozen=True)
class MadeXorb:
    chunks: Sequence[bytes]
    scheme: int = PLAIN

    @property
    def leaves(self) -> list[tuple[bytes, int]]:
        return [(hash_chunk(chunk), len(chunk)) for chunk in self.chunks]

    @property
    def raw_hash(self) -> bytes:
        return root_of(self.leaves)

    @property
    def name(self) -> str:
        return to_hex(self.raw_hash)

    @property
    def body(self) -> bytes:
        return b"".join(pack_chunk(chunk, self.scheme) for chunk in self.chunks)


@dataclass(frozen=True)
class MadeTerm:
    xorb: bytes
    start: int
    end: int
    raw_bytes: int
    range_hash: bytes


@dataclass(frozen=True)
class MadeFile:
    """What a shard says of a file. Change what you like: `replace(file, sha256=…)`."""

    file_hash: bytes
    terms: Sequence[MadeTerm]
    sha256: str | None
    verified: bool = True
    content: bytes = field(default=b"", repr=False)

    @property
    def name(self) -> str:
        return to_hex(self.file_hash)

    def with_term(self, **changes: object) -> "MadeFile":
        return replace(self, terms=[replace(self.terms[0], **changes), *self.terms[1:]])


def file_of(*parts: tuple[MadeXorb, int, int]) -> MadeFile:
    """A file of runs of chunks: (xorb, first, after the last)."""
    leaves = [leaf for xorb, start, end in parts for leaf in xorb.leaves[start:end]]
    content = b"".join(b"".join(xorb.chunks[start:end]) for xorb, start, end in parts)
    terms = []
    for xorb, start, end in parts:
        hashes = b"".join(raw for raw, _ in xorb.leaves[start:end])
        size = sum(size for _, size in xorb.leaves[start:end])
        terms.append(MadeTerm(xorb.raw_hash, start, end, size, hash_range(hashes)))
    sha256 = hashlib.sha256(content).hexdigest()
    return MadeFile(hash_file(root_of(leaves)), terms, sha256, content=content)


def whole(xorb: MadeXorb) -> MadeFile:
    return file_of((xorb, 0, len(xorb.chunks)))


def shard_of(*files: MadeFile, version: int = 2) -> bytes:
    end = b"\xff" * 32 + bytes(16)
    blocks = b"".join(_block(file) for file in files)
    return struct.pack("<32sQQ", TAG, version, 0) + blocks + end + end


def _block(file: MadeFile) -> bytes:
    flags = (1 << 31 if file.verified else 0) | (1 << 30 if file.sha256 else 0)
    block = struct.pack("<32sII8x", file.file_hash, flags, len(file.terms))
    for term in file.terms:
        block += struct.pack("<32sIIII", term.xorb, 0, term.raw_bytes, term.start, term.end)
    if file.verified:
        block += b"".join(term.range_hash + bytes(16) for term in file.terms)
    if file.sha256:
        block += swap_words(bytes.fromhex(file.sha256)) + bytes(16)
    return block

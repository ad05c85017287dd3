"""Hashes of Xet: of a chunk, of a run of chunks, of a file.

A hash is 32 bytes here, and `Hex` where people and addresses see it: four little-endian numbers.
Source: docs/xet/hashing.md in huggingface/hub-docs; merklehash/src in huggingface/xet-core.
"""

import re
import struct
from collections.abc import Iterable, Sequence

from blake3 import blake3

HASH_BYTES = 32
MAX_IN_GROUP = 9
ZERO = bytes(HASH_BYTES)

_CHUNK_KEY = bytes.fromhex("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229")
_NODE_KEY = bytes.fromhex("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f")
_RANGE_KEY = bytes.fromhex("7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3")
_WORDS, _SWAPPED = struct.Struct("<4Q"), struct.Struct(">4Q")
_LAST_WORD = struct.Struct("<24xQ")
_HEX = re.compile("[0-9a-f]{64}")

Leaf = tuple[bytes, int]
"""A chunk's hash and its size in bytes, unpacked."""


def to_hex(raw: bytes) -> str:
    return swap_words(raw).hex()


def is_hash(text: str) -> bool:
    return _HEX.fullmatch(text) is not None


def from_hex(text: str) -> bytes:
    """
    Raises:
        ValueError: it is not 64 hexadecimal digits.
    """
    if not is_hash(text):
        raise ValueError(text)
    return swap_words(bytes.fromhex(text))


def swap_words(raw: bytes) -> bytes:
    """The other order of bytes: how a shard writes a SHA-256."""
    return _SWAPPED.pack(*_WORDS.unpack(raw))


def hash_chunk(data: bytes | memoryview) -> bytes:
    return blake3(data, key=_CHUNK_KEY).digest()


def hash_range(chunk_hashes: bytes | memoryview) -> bytes:
    """What a client proves that it knows a run of chunks by: it needs each of their hashes."""
    return blake3(chunk_hashes, key=_RANGE_KEY).digest()


def hide(chunk_hash: bytes, key: bytes) -> bytes:
    """A chunk's hash, as one sees it who knows the chunk already, and nobody else."""
    return blake3(chunk_hash, key=key).digest()


def hash_file(root: bytes) -> bytes:
    return blake3(root, key=ZERO).digest()


def is_asked_for(chunk_hash: bytes) -> bool:
    """Whether clients ask the hub for this chunk, wherever in a file it stands: 1 in 1024."""
    return int(_LAST_WORD.unpack(chunk_hash)[0]) % 1024 == 0


class Tree:
    """The one hash over many leaves, given one after the other. Holds a few nodes at a time."""

    def __init__(self) -> None:
        self._open: list[list[Leaf]] = [[]]
        """For each level, the nodes of the group that has not ended yet."""
        self._counts = [0]
        self._only: Leaf = (ZERO, 0)

    def add(self, leaf: Leaf, level: int = 0) -> None:
        """A group ends where a hash says so, so that an edit changes few of them."""
        if level == len(self._open):
            self._open.append([])
            self._counts.append(0)
        group = self._open[level]
        group.append(leaf)
        self._counts[level] += 1
        self._only = leaf
        size = len(group)
        if size == MAX_IN_GROUP or (size > 2 and _LAST_WORD.unpack(leaf[0])[0] % 4 == 0):
            self._open[level] = []
            self.add(_join(group), level + 1)

    def finish(self) -> Leaf:
        """The root and the number of bytes below; of a single leaf itself; of none zeros."""
        level = 0
        while self._counts[level] > 1:
            if self._open[level]:
                group, self._open[level] = self._open[level], []
                self.add(_join(group), level + 1)
            level += 1
        return self._only


def root_of(leaves: Iterable[Leaf]) -> bytes:
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.finish()[0]


def _join(nodes: Sequence[Leaf]) -> Leaf:
    lines = "".join(f"{to_hex(raw)} : {size}\n" for raw, size in nodes)
    return blake3(lines.encode(), key=_NODE_KEY).digest(), sum(size for _, size in nodes)

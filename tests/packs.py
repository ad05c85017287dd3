"""Packs as git sends them, of whatever objects a test wants: git itself would not make some."""

import struct
import tempfile
import zlib
from collections.abc import Iterable
from functools import partial
from hashlib import sha1 as any_sha1
from typing import IO

sha1 = partial(any_sha1, usedforsecurity=False)

Object = tuple[int, bytes]
"""Its kind and its content."""
COMMIT, TREE, BLOB, TAG = 1, 2, 3, 4
KINDS = {COMMIT: b"commit", TREE: b"tree", BLOB: b"blob", TAG: b"tag"}


def name_of(made: Object) -> str:
    kind, content = made
    return sha1(KINDS[kind] + b" %d\0" % len(content) + content).hexdigest()


def blob(content: bytes) -> Object:
    return BLOB, content


def tree(**entries: Object | str) -> Object:
    """Of files, and of folders by the SHA-1 of another tree or by the tree itself."""
    return tree_of(entries)


def tree_of(entries: dict[str, Object | str]) -> Object:
    parts = []
    for name, entry in sorted(entries.items()):
        is_folder = isinstance(entry, str) or entry[0] == TREE
        sha = entry if isinstance(entry, str) else name_of(entry)
        mode = b"40000" if is_folder else b"100644"
        parts.append(mode + b" " + name.encode() + b"\0" + bytes.fromhex(sha))
    return TREE, b"".join(parts)


def commit(
    tree_: Object | str, *parents: str, message: bytes = b"pushed", head: bytes = b""
) -> Object:
    sha = tree_ if isinstance(tree_, str) else name_of(tree_)
    lines = [b"tree " + sha.encode(), *(b"parent " + parent.encode() for parent in parents)]
    who = b"a <a@example.org> 1700000000 +0000"
    lines += [b"author " + who, b"committer " + who]
    return COMMIT, b"\n".join(lines) + b"\n" + head + b"\n" + message + b"\n"


def pack(objects: Iterable[Object]) -> IO[bytes]:
    return pack_of_entries(map(entry, objects))


def zeros(size_bytes: int) -> tuple[str, bytes]:
    """The name of a blob of zeros, and its entry in a pack: it is never whole in memory."""
    digest, packer = sha1(b"blob %d\0" % size_bytes), zlib.compressobj(9)
    block, parts = bytes(1 << 20), []
    for start in range(0, size_bytes, len(block)):
        piece = block[: size_bytes - start]
        digest.update(piece)
        parts.append(packer.compress(piece))
    return digest.hexdigest(), _head(BLOB, size_bytes) + b"".join(parts) + packer.flush()


def pack_of_entries(entries: Iterable[bytes]) -> IO[bytes]:
    """In a file, since git reads from there."""
    entries = list(entries)
    body = b"PACK" + struct.pack(">II", 2, len(entries)) + b"".join(entries)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.write(body + sha1(body).digest())
    file.seek(0)
    return file


def entry(made: Object) -> bytes:
    kind, content = made
    return _head(kind, len(content)) + zlib.compress(content)


def _head(kind: int, size: int) -> bytes:
    first, size = (kind << 4) | (size & 15), size >> 4
    head = bytearray()
    while size:
        head.append(first | 128)
        first, size = size & 127, size >> 7
    return bytes([*head, first])

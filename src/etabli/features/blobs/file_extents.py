"""Where the bytes of a file lie on this machine: the kernel can send them from there."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from etabli.features.blobs.backends import PIECE_BYTES, BlobStore
from etabli.features.blobs.errors import BadXorbError, LostBytesError
from etabli.features.blobs.xet.chunks import HEADER_BYTES, PLAIN, Header, read_header, unpack
from etabli.features.blobs.xet.reconstruction import Reconstruction

MAX_SPANS = 256


@dataclass(frozen=True)
class Extent:
    """Bytes that lie in a file here as they are wanted."""

    path: Path
    spans: list[range]


def lay_out(store: BlobStore, plan: Reconstruction) -> Iterator[Extent | bytes]:
    """The bytes of a plan in their order: those that are stored unpacked by where they lie, up to
    `MAX_SPANS` chunks at once; the others unpacked, about a megabyte at once.

    Args:
        store: one whose files are on this machine.

    Raises:
        LostBytesError: they are not all there, or are damaged.
    """
    skipped, wanted = plan.skipped_bytes, plan.size_bytes
    for run in plan.runs:
        path = store.local_path(run.key)
        assert path is not None  # noqa: S101 - such a store is asked for
        gathering = _Gathering(path)
        try:
            for header, at, packed in _chunks(path, run.stored):
                size = header.raw_bytes
                part = range(min(skipped, size), min(skipped + wanted, size))
                skipped, wanted = max(skipped - size, 0), wanted - len(part)
                if part:
                    yield from gathering.add(header, at, packed, part)
        except (BadXorbError, FileNotFoundError) as error:
            raise LostBytesError(run.key) from error
        yield from gathering.rest()


class _Gathering:
    """Makes few pieces of many chunks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._spans: list[range] = []
        self._unpacked: list[bytes] = []

    def add(self, header: Header, at: int, packed: bytes, part: range) -> Iterator[Extent | bytes]:
        if header.scheme == PLAIN:
            if self._unpacked or len(self._spans) == MAX_SPANS:
                yield from self.rest()
            self._spans.append(range(at + part.start, at + part.stop))
            return
        if self._spans or sum(map(len, self._unpacked)) >= PIECE_BYTES:
            yield from self.rest()
        self._unpacked.append(unpack(header, packed)[part.start : part.stop])

    def rest(self) -> Iterator[Extent | bytes]:
        if self._spans:
            yield Extent(self._path, self._spans)
            self._spans = []
        if self._unpacked:
            yield b"".join(self._unpacked)
            self._unpacked = []


def _chunks(path: Path, stored: range) -> Iterator[tuple[Header, int, bytes]]:
    """Each chunk's header, where its content begins, and that content if it is packed."""
    with path.open("rb", buffering=0) as file:
        at = stored.start
        while at < stored.stop:
            header = read_header(os.pread(file.fileno(), HEADER_BYTES, at))
            at += HEADER_BYTES
            is_plain = header.scheme == PLAIN
            yield header, at, b"" if is_plain else os.pread(file.fileno(), header.packed_bytes, at)
            at += header.packed_bytes

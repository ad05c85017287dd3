"""Chunks as they are stored: a header of 8 bytes, then the content, packed or not."""

import struct
from dataclasses import dataclass

import lz4.frame

from etabli.features.blobs.errors import BadXorbError
from etabli.foundation.i18n.messages import msg

HEADER_BYTES = 8
MAX_CHUNK_BYTES = 128 * 1024
MAX_PACKED_BYTES = 2 * MAX_CHUNK_BYTES
VERSION = 0
PLAIN, LZ4, GROUPED_LZ4 = 0, 1, 2

_HEADER = struct.Struct("<B3sB3s")


@dataclass(frozen=True)
class Header:
    scheme: int
    packed_bytes: int
    raw_bytes: int


def read_header(data: bytes) -> Header:
    """
    Raises:
        BadXorbError: no chunk that may be begins there.
    """
    if len(data) < HEADER_BYTES:
        raise BadXorbError(msg("a chunk is cut in its header"))
    version, packed, scheme, raw = _HEADER.unpack(data)
    header = Header(scheme, int.from_bytes(packed, "little"), int.from_bytes(raw, "little"))
    if version != VERSION or scheme not in (PLAIN, LZ4, GROUPED_LZ4):
        raise BadXorbError(msg("a chunk is of a kind that is not known here"))
    if not 0 < header.raw_bytes <= MAX_CHUNK_BYTES:
        raise BadXorbError(msg("a chunk is empty, or too large"))
    if not 0 < header.packed_bytes <= MAX_PACKED_BYTES:
        raise BadXorbError(msg("a chunk is empty, or too large"))
    if scheme == PLAIN and header.packed_bytes != header.raw_bytes:
        raise BadXorbError(msg("a chunk has not the length that its header says"))
    return header


def unpack(header: Header, packed: bytes) -> bytes:
    """The content of one chunk. Never more than its header says: a bomb does not go off.

    Raises:
        BadXorbError: it is not what its header says.
    """
    raw = packed if header.scheme == PLAIN else _decompress(packed, header.raw_bytes)
    if len(raw) != header.raw_bytes:
        raise BadXorbError(msg("a chunk has not the length that its header says"))
    return _ungroup(raw) if header.scheme == GROUPED_LZ4 else raw


def _decompress(packed: bytes, raw_bytes: int) -> bytes:
    decompressor = lz4.frame.LZ4FrameDecompressor()
    try:
        raw: bytes = decompressor.decompress(packed, max_length=raw_bytes + 1)
    except (RuntimeError, EOFError) as error:
        raise BadXorbError(msg("a chunk cannot be unpacked")) from error
    if not decompressor.eof or decompressor.unused_data:
        raise BadXorbError(msg("a chunk has not the length that its header says"))
    return raw


def _ungroup(grouped: bytes) -> bytes:
    """Back from all first bytes of four, all second ones, and so on: floats pack better so."""
    size = len(grouped)
    raw, start = bytearray(size), 0
    for place in range(4):
        count = (size - place + 3) // 4
        raw[place::4] = grouped[start : start + count]
        start += count
    return bytes(raw)

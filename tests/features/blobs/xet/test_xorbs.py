"""What a xorb announces is known, and bounded, before anything of it is unpacked."""

import io

import pytest

from etabli.features.blobs import BadXorbError
from etabli.features.blobs.xet import xorbs
from etabli.features.blobs.xet.chunks import MAX_CHUNK_BYTES
from etabli.features.blobs.xet.xorbs import (
    MAX_CHUNKS,
    MAX_RAW_BYTES,
    check_stored,
    check_xorb,
    measure_xorb,
)
from tests.xet_client import GROUPED, LZ4, MadeXorb, cut, noise, pack_chunk

LARGEST = pack_chunk(bytes(MAX_CHUNK_BYTES), LZ4)


@pytest.fixture
def unpacked(monkeypatch):
    """How many bytes were unpacked, chunk by chunk."""
    sizes, unpack = [], xorbs.unpack

    def count(header, packed):
        raw = unpack(header, packed)
        sizes.append(len(raw))
        return raw

    monkeypatch.setattr(xorbs, "unpack", count)
    return sizes


def test_it_is_measured_by_its_headers_alone(unpacked):
    xorb = MadeXorb(cut(noise(200_000), 7001), GROUPED)
    size = measure_xorb(io.BytesIO(xorb.body + b"XETBLOB" + bytes(100)))
    assert (size.chunk_count, size.raw_bytes) == (29, 200_000)
    assert size.stored_bytes == len(xorb.body)
    assert unpacked == []


def test_a_xorb_of_the_largest_size_is_taken():
    count = MAX_RAW_BYTES // MAX_CHUNK_BYTES
    assert measure_xorb(io.BytesIO(LARGEST * count)).raw_bytes == MAX_RAW_BYTES


@pytest.mark.parametrize(
    "body",
    [
        LARGEST * MAX_CHUNKS,  # a gigabyte of zeros, in 5 MB
        LARGEST * (MAX_RAW_BYTES // MAX_CHUNK_BYTES) + pack_chunk(b"x"),
        pack_chunk(b"x") * (MAX_CHUNKS + 1),
    ],
    ids=["a gigabyte", "a byte too many", "a chunk too many"],
)
def test_more_than_a_xorb_may_hold_is_refused_before_it_is_unpacked(unpacked, body):
    with pytest.raises(BadXorbError):
        measure_xorb(io.BytesIO(body))
    assert unpacked == []


def test_a_xorb_that_was_not_measured_is_unpacked_no_further_than_one_may_hold(unpacked):
    for check in (check_xorb, lambda file, name: check_stored(iter([file.read()]), name)):
        unpacked.clear()
        with pytest.raises(BadXorbError):
            check(io.BytesIO(LARGEST * (2 * MAX_RAW_BYTES // MAX_CHUNK_BYTES)), bytes(32))
        assert sum(unpacked) == MAX_RAW_BYTES

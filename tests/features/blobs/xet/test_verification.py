"""What it takes to verify a file is known before, and a chunk is not unpacked again and again."""

import io

import pytest

from etabli.features.blobs import (
    FolderStore,
    IndexedXorb,
    UnpackedChunks,
    check_file,
    price_of_checking,
    read_shard,
    verify_sha256,
)
from etabli.features.blobs.xet.xorbs import check_xorb
from tests.xet_client import LZ4, MadeXorb, cut, file_of, noise, shard_of

XORB = MadeXorb(cut(b"text that packs well " * 10_000, 7001), LZ4)
OTHER = MadeXorb(cut(noise(100_000, 2), 9001))


class Shelf:
    """Some stored xorbs; counts the loads of their indexes and the bytes that are read of them."""

    def __init__(self, folder, *xorbs):
        self._store = FolderStore(folder)
        self._known = {xorb.raw_hash: self._keep(xorb) for xorb in xorbs}
        self.loads = []
        self.read_bytes = 0

    def _keep(self, xorb):
        with self._store.stage(hashed=False) as staged:
            staged.write(xorb.body)
            staged.finish()
            key = self._store.publish(staged, "xorbs", xorb.name)
        return IndexedXorb(key, check_xorb(io.BytesIO(xorb.body), xorb.raw_hash))

    def load(self, hashes):
        self.loads.extend(hashes)
        return {raw: self._known[raw] for raw in hashes if raw in self._known}

    def read(self, key, start, end):
        self.read_bytes += end - start
        return self._store.read(key, start, end)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "bytes", XORB, OTHER)


def done(steps):
    """The result, and what all steps took."""
    price = 0
    while True:
        try:
            price += next(steps)
        except StopIteration as end:
            return end.value, price


def verified(shelf, file, unpacked):
    (claimed,) = read_shard(io.BytesIO(shard_of(file)))
    checked, price = done(check_file(claimed, shelf.load))
    assert price == price_of_checking(claimed), "it is known before"
    found, price = done(verify_sha256(shelf, checked, shelf.load, unpacked))
    assert price == claimed.size_bytes == len(file.content)
    assert found.sha256 == file.sha256


def test_a_xorb_named_a_hundred_times_is_read_and_unpacked_once(shelf):
    chunks = len(XORB.chunks)
    verified(shelf, file_of(*[(XORB, 0, chunks)] * 100), UnpackedChunks(1 << 20))
    assert shelf.read_bytes == len(XORB.body)
    assert len(shelf.loads) == 2, "its index once for each of the two checks"


def test_runs_that_overlap_are_read_once_where_they_do(shelf):
    file = file_of((XORB, 0, 20), (OTHER, 1, 3), (XORB, 10, 30), (XORB, 5, 15))
    verified(shelf, file, UnpackedChunks(1 << 20))
    index = check_xorb(io.BytesIO(XORB.body), XORB.raw_hash)
    other = check_xorb(io.BytesIO(OTHER.body), OTHER.raw_hash)
    assert shelf.read_bytes == index.stored_start(30) + (
        other.stored_start(3) - other.stored_start(1)
    )


def test_what_is_not_repeated_takes_no_memory(shelf):
    unpacked = UnpackedChunks(1 << 20)
    verified(shelf, file_of((XORB, 0, 10), (OTHER, 0, 4), (XORB, 10, 30)), unpacked)
    kept = shelf.load([XORB.raw_hash])[XORB.raw_hash].key
    assert not any((kept, chunk) in unpacked for chunk in range(30))


def test_memory_is_bounded_and_the_file_right_all_the_same(shelf):
    unpacked = UnpackedChunks(3 * 7001)
    verified(shelf, file_of(*[(XORB, 0, 20)] * 4), unpacked)
    key = shelf.load([XORB.raw_hash])[XORB.raw_hash].key
    assert sum((key, chunk) in unpacked for chunk in range(20)) == 3

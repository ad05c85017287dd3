"""Where bytes lie: whatever is asked for, both ways to read it give the same."""

import io
import random

import pytest

from etabli.features.blobs import Extent, FolderStore, LostBytesError
from etabli.features.blobs.file_extents import MAX_SPANS, lay_out
from etabli.features.blobs.xet.reconstruction import (
    IndexedXorb,
    Reconstruction,
    XorbRange,
    read_reconstruction,
)
from etabli.features.blobs.xet.xorbs import check_xorb
from tests.xet_client import GROUPED, LZ4, PLAIN, MadeXorb, cut, noise, pack_chunk


class MixedXorb(MadeXorb):
    """Each chunk is packed in another way."""

    @property
    def body(self):
        schemes = (PLAIN, PLAIN, LZ4, GROUPED, PLAIN, GROUPED)
        return b"".join(
            pack_chunk(chunk, schemes[place % len(schemes)])
            for place, chunk in enumerate(self.chunks)
        )


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "bytes")


def kept(store, xorb):
    with store.stage(hashed=False) as staged:
        staged.write(xorb.body)
        staged.finish()
        key = store.publish(staged, "xorbs", xorb.name)
    return IndexedXorb(key, check_xorb(io.BytesIO(xorb.body), xorb.raw_hash))


def run_of(xorb, kept, first, last):
    """Chunks from `first` to before `last`, and their content."""
    index = kept.index
    stored = range(index.stored_start(first), index.stored_start(last))
    content = b"".join(xorb.chunks[first:last])
    return XorbRange(xorb.raw_hash, kept.key, range(first, last), stored, len(content)), content


def read(store, plan):
    """What the kernel would send."""
    sent = b""
    for piece in lay_out(store, plan):
        if isinstance(piece, bytes):
            sent += piece
            continue
        content = piece.path.read_bytes()
        sent += b"".join(content[span.start : span.stop] for span in piece.spans)
    return sent


def test_any_part_of_a_mixed_file(store):
    one, other = MixedXorb(cut(noise(600_000, 1), 7001)), MadeXorb(cut(noise(300_000, 2), 9001))
    parts = [run_of(one, kept(store, one), 3, 60), run_of(other, kept(store, other), 0, 20)]
    parts.append(run_of(one, kept(store, one), 0, 5))
    content = b"".join(part for _, part in parts)
    runs = [run for run, _ in parts]
    whole = Reconstruction(runs, 0, len(content))
    assert read(store, whole) == content
    chance = random.Random(3)
    for _ in range(50):
        skipped = chance.randrange(7001)
        size = chance.choice([1, 100, 7001, len(content) - skipped])
        plan = Reconstruction(runs, skipped, size)
        assert read(store, plan) == content[skipped : skipped + size]
        assert read(store, plan) == b"".join(read_reconstruction(store, plan))


def test_what_is_not_packed_is_named_and_not_read(store):
    xorb = MadeXorb(cut(noise(MAX_SPANS * 150, 1), 100))
    run, content = run_of(xorb, kept(store, xorb), 0, len(xorb.chunks))
    pieces = list(lay_out(store, Reconstruction([run], 0, len(content))))
    assert all(isinstance(piece, Extent) for piece in pieces)
    assert [len(piece.spans) for piece in pieces] == [MAX_SPANS, MAX_SPANS // 2]


def test_what_is_gone_or_damaged_is_said(store):
    xorb = MixedXorb(cut(noise(100_000, 1), 7001))
    stored = kept(store, xorb)
    run, content = run_of(xorb, stored, 0, len(xorb.chunks))
    plan = Reconstruction([run], 0, len(content))
    path = store.local_path(stored.key)
    body = bytearray(path.read_bytes())
    body[0] = 7  # the first header
    path.write_bytes(body)
    with pytest.raises(LostBytesError):
        read(store, plan)
    path.unlink()
    with pytest.raises(LostBytesError):
        read(store, plan)

"""Parts: written at their place, and by nobody once they are put together."""

import hashlib
import os

import pytest

from etabli.features.blobs import (
    FolderStore,
    PartsJoiningError,
    PartStore,
    WrongSha256Error,
    WrongSizeError,
    publish,
)
from etabli.features.blobs.backends import PIECE_BYTES
from etabli.features.blobs.errors import PartMissingError
from tests.xet_client import noise

PART_BYTES = 3_000_000
CONTENT = noise(2 * PART_BYTES)
OID = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "bytes")


@pytest.fixture
def staging(store, tmp_path):
    return tmp_path / "bytes" / "staging"


@pytest.fixture
def parts(staging):
    return PartStore(staging)


def begin(parts, upload, number):
    return parts.receive(upload, number, (number - 1) * PART_BYTES)


def send(parts, upload, number, content=CONTENT):
    part = begin(parts, upload, number)
    start = (number - 1) * PART_BYTES
    for at in range(start, start + PART_BYTES, 70_001):
        part.write(content[at : min(at + 70_001, start + PART_BYTES)])
    part.finish(PART_BYTES)
    parts.keep(upload, number)


def join(parts, store, upload):
    with parts.joined(upload, 2) as whole:
        whole.finish(OID, len(CONTENT))
        return publish(store, whole)


def read(store, key):
    return b"".join(store.read(key, 0, len(CONTENT)))


def open_files(folder):
    """The files under a folder that this process has open to write."""
    found = []
    for number in os.listdir("/proc/self/fd"):
        try:
            path = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if path.startswith(str(folder)):
            found.append(path)
    return found


def test_they_make_the_whole_in_any_order(parts, store, staging):
    upload = parts.open()
    send(parts, upload, 2)
    send(parts, upload, 1)
    key = join(parts, store, upload)
    assert read(store, key) == CONTENT
    parts.delete(upload)
    assert list(staging.iterdir()) == []


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="told by /proc")
def test_nothing_is_open_while_a_part_waits_for_its_sender(parts, store, staging):
    part = begin(parts, parts.open(), 1)
    for _ in range(3):
        part.write(CONTENT[: PIECE_BYTES - 1])
        assert open_files(staging) == []


@pytest.mark.parametrize("bytes_before", [0, 16, PIECE_BYTES, PIECE_BYTES + 1])
def test_who_goes_on_sending_after_the_join_writes_to_nothing(parts, store, bytes_before):
    upload = parts.open()
    late = begin(parts, upload, 1)
    late.write(CONTENT[:bytes_before])
    send(parts, upload, 1)
    send(parts, upload, 2)
    key = join(parts, store, upload)
    parts.delete(upload)
    with pytest.raises(PartsJoiningError):
        late.write(b"evil" * PIECE_BYTES)
    with pytest.raises(PartsJoiningError):
        late.finish(late.size_bytes)
    assert read(store, key) == CONTENT


def test_nobody_writes_while_they_are_joined(parts, store):
    upload = parts.open()
    late = begin(parts, upload, 2)
    send(parts, upload, 1)
    send(parts, upload, 2)
    with parts.joined(upload, 2) as whole:
        with pytest.raises(PartsJoiningError):
            late.write(b"evil" * PIECE_BYTES)
        with pytest.raises(PartsJoiningError):
            begin(parts, upload, 1)
        with pytest.raises(PartsJoiningError), parts.joined(upload, 2):
            pass
        whole.finish(OID, len(CONTENT))
        assert read(store, publish(store, whole)) == CONTENT


def test_what_is_not_what_was_announced_can_be_sent_again(parts, store):
    upload = parts.open()
    send(parts, upload, 1)
    send(parts, upload, 2, noise(len(CONTENT), 9))
    with pytest.raises(WrongSha256Error):
        join(parts, store, upload)
    send(parts, upload, 2)
    assert read(store, join(parts, store, upload)) == CONTENT


def test_what_was_finished_and_not_published_can_be_joined_again(parts, store):
    upload = parts.open()
    send(parts, upload, 1)
    send(parts, upload, 2)
    with parts.joined(upload, 2) as whole:
        whole.finish(OID, len(CONTENT))  # and then the quota was reached, say
    send(parts, upload, 1)
    assert read(store, join(parts, store, upload)) == CONTENT


def test_a_join_that_was_killed_can_be_asked_again(parts, store, staging):
    upload = parts.open()
    send(parts, upload, 1)
    send(parts, upload, 2)
    (staging / f"parts-{upload}").rename(staging / f"parts-{upload}.joining")
    assert read(store, join(parts, store, upload)) == CONTENT


def test_a_short_part_does_not_count(parts, store):
    upload = parts.open()
    send(parts, upload, 1)
    send(parts, upload, 2)
    part = begin(parts, upload, 2)
    part.write(b"short")
    with pytest.raises(WrongSizeError):
        part.finish(PART_BYTES)
    with pytest.raises(PartMissingError, match="Part 2"):
        join(parts, store, upload)

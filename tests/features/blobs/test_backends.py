"""Every store of bytes keeps the same promises: a folder, and S3 over the wire."""

import os
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from etabli.features.blobs import (
    PIECE_BYTES,
    FolderStore,
    LostBytesError,
    WrongSha256Error,
    WrongSizeError,
    open_store,
)
from etabli.foundation import durable_files
from etabli.foundation.durable_files import FileChangedError
from tests.xet_client import noise

HOUR = timedelta(hours=1)


class BlobStoreSuite:
    """What a store promises. A new backend inherits this and makes a `store`."""

    def put(self, store, content, kind="blobs"):
        with store.stage() as staged:
            staged.write(content)
            staged.finish()
            return store.publish(staged, kind, staged.sha256)

    def read(self, store, key, start, end):
        return b"".join(store.read(key, start, end))

    @pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES * 3 + 7])
    def test_bytes_come_back(self, store, size):
        content = noise(size, size)
        key = self.put(store, content)
        assert self.read(store, key, 0, size) == content
        assert all(len(piece) <= PIECE_BYTES for piece in store.read(key, 0, size))

    def test_any_range(self, store):
        content = noise(100_000)
        key = self.put(store, content)
        for start, end in ((0, 0), (0, 1), (99_999, 100_000), (17, 60_001), (5, 5)):
            assert self.read(store, key, start, end) == content[start:end]

    def test_a_key_is_used_once(self, store):
        first, second = self.put(store, b"same"), self.put(store, b"same")
        assert first != second
        store.delete(first)
        assert self.read(store, second, 0, 4) == b"same"

    def test_what_is_not_there_is_said_to_be_lost(self, store):
        key = self.put(store, b"four")
        with pytest.raises(LostBytesError):
            self.read(store, key, 0, 5)
        with pytest.raises(LostBytesError):
            self.read(store, key, 10, 12)
        store.delete(key)
        store.delete(key)
        with pytest.raises(LostBytesError):
            self.read(store, key, 0, 4)

    def test_what_is_wrong_is_not_kept(self, store):
        with pytest.raises(WrongSizeError), store.stage() as staged:
            staged.write(b"abc")
            staged.finish(expected_size=4)
        with pytest.raises(WrongSha256Error), store.stage() as staged:
            staged.write(b"abc")
            staged.finish(expected_sha256="0" * 64)
        assert list(store.list()) == []
        assert store.clear_staging(datetime.now(UTC) + HOUR) == 0

    def test_what_is_not_finished_is_not_published(self, store):
        with store.stage() as staged:
            staged.write(b"half")
            with pytest.raises(FileChangedError):
                store.publish(staged, "blobs", "name")
        assert list(store.list()) == []

    def test_what_somebody_can_still_write_to_is_not_published(self, store, monkeypatch):
        monkeypatch.setattr(durable_files, "FORKED_WITHIN_S", 0)
        with store.stage() as staged:
            staged.write(b"good bytes")
            with staged.path.open("r+b"):
                staged.finish()
                with pytest.raises(FileChangedError):
                    store.publish(staged, "blobs", staged.sha256)
        assert list(store.list()) == []

    @pytest.mark.parametrize("change", ["other bytes", "longer", "another file"])
    def test_what_changed_after_it_was_hashed_is_not_published(self, store, change):
        with store.stage() as staged:
            staged.write(b"good bytes")
            staged.finish()
            staged.path.chmod(0o600)
            if change == "another file":
                staged.path.unlink()
            content = b"good bytes, and more" if change == "longer" else b"evil bytes"
            staged.path.write_bytes(content)
            os.utime(staged.path, ns=(1, 1))
            with pytest.raises(FileChangedError):
                store.publish(staged, "blobs", staged.sha256)
        assert list(store.list()) == []

    def test_what_changes_while_it_is_checked_is_refused(self, store):
        with store.stage(hashed=False) as staged:
            staged.write(b"good")
            with pytest.raises(FileChangedError), staged.read_back() as file:
                assert file.read() == b"good"
                staged.write(b"evil")

    def test_what_is_set_aside_is_read_by_nobody_and_not_lost(self, store):
        key = self.put(store, b"damaged")
        place = store.set_aside(key)
        assert place.startswith("quarantine/")
        with pytest.raises(LostBytesError):
            self.read(store, key, 0, 7)
        assert list(store.list()) == []
        assert self.read(store, place, 0, 7) == b"damaged"
        assert store.set_aside(key) == ""
        assert store.is_there()

    def test_the_list_names_all(self, store):
        keys = {self.put(store, noise(n, n), kind) for n in (1, 2) for kind in ("blobs", "xorbs")}
        listed = list(store.list())
        assert {found.key for found in listed} == keys
        assert sorted(found.size_bytes for found in listed) == [1, 1, 2, 2]
        assert all(abs(found.modified_at - datetime.now(UTC)) < HOUR for found in listed)

    def test_what_was_cut_long_ago_is_cleared(self, store):
        with store.stage() as staged:
            staged.write(b"half")
            assert store.clear_staging(datetime.now(UTC) - HOUR) == 0
            assert store.clear_staging(datetime.now(UTC) + HOUR) == 1


class TestS3Sends:
    """Between the hash and the answer of S3 the file is read once more."""

    @pytest.mark.slow
    def test_what_changes_while_it_is_sent_is_taken_back(
        self, s3_address, s3_server, tmp_path, monkeypatch
    ):
        store = open_store(tmp_path / "bytes", s3_address, s3_server)
        plain = store._client.upload_file

        def change_and_upload(path, *words, **named):
            os.chmod(path, 0o600)
            with open(path, "r+b") as file:
                file.write(b"evil")
            plain(path, *words, **named)

        monkeypatch.setattr(store._client, "upload_file", change_and_upload)
        with store.stage() as staged:
            staged.write(b"good bytes")
            staged.finish()
            with pytest.raises(FileChangedError):
                store.publish(staged, "blobs", staged.sha256)
        assert list(store.list()) == []


class TestFolder(BlobStoreSuite):
    @pytest.fixture
    def store(self, tmp_path):
        return FolderStore(tmp_path / "bytes")

    def test_without_its_disk_it_is_not_there(self, store):
        assert not store.is_there()

    def test_it_is_a_file_here(self, store):
        key = self.put(store, b"here")
        assert store.local_path(key).stat().st_mode & 0o222 == 0
        assert store.local_path(key).read_bytes() == b"here"
        assert store.url(key, HOUR) is None


@pytest.mark.slow
class TestS3(BlobStoreSuite):
    @pytest.fixture
    def store(self, s3_address, s3_server, tmp_path):
        return open_store(tmp_path / "bytes", s3_address, s3_server)

    @pytest.fixture
    def checks_signatures(self, request):
        return request.node.callspec.params["s3_server"] == "rclone"

    def fetch(self, url, span=None):
        answer = httpx.get(url, headers={"Range": f"bytes={span[0]}-{span[1]}"} if span else {})
        return answer.status_code, answer.content

    def test_an_address_leads_to_the_bytes(self, store):
        key = self.put(store, b"far away")
        assert store.local_path(key) is None
        url = store.url(key, HOUR, filename="é.bin")
        assert self.fetch(url) == (200, b"far away")
        assert "response-content-disposition=attachment" in url

    def test_an_address_of_a_range_is_good_for_that_range(self, store, checks_signatures):
        key = self.put(store, b"0123456789")
        url = store.url(key, HOUR, span=range(2, 5))
        assert self.fetch(url, (2, 4))[1] == b"234"
        assert "X-Amz-SignedHeaders=host%3Brange" in url
        if checks_signatures:
            assert self.fetch(url, (2, 5))[0] == 403
            assert self.fetch(url)[0] in (400, 403)
            assert self.fetch(url.replace(key[-4:], "0000"), (2, 4))[0] in (403, 404)

    def test_a_large_file_goes_in_parts(self, store):
        content = noise(70 << 20)
        key = self.put(store, content)
        assert self.read(store, key, 0, len(content)) == content

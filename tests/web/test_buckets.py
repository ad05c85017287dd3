"""The page of a bucket, for people."""

import pytest

from etabli.features.buckets import PutFile
from etabli.web.browse import buckets


@pytest.fixture
def bucket(site, alice):
    with site.open_hub() as hub:
        bucket = hub.buckets.create(alice, "alice", "box")
        blob = hub.blobs.keep_bytes(b"<script>hello</script>")
        hub.buckets.hold(bucket, {blob.sha256: blob.size_bytes})
        paths = ("a.txt", "in/deep/é #1.html", "z.txt")
        hub.buckets.change(
            alice, bucket, [PutFile(path, blob.sha256, blob.size_bytes, 0) for path in paths]
        )
        return bucket


def test_folders_are_looked_through_and_files_fetched(client, bucket):
    page = client.get("/buckets/alice/box").text
    assert "/buckets/alice/box/tree/in" in page
    assert "a.txt" in page
    assert "deep" not in page
    for address in ("/buckets/alice/box", "/buckets/alice/box?delete=a.txt"):
        assert "box/delete" not in client.get(address).text, "nobody is signed in"
    deep = client.get("/buckets/alice/box/tree/in/deep", headers={"Accept-Language": "fr"})
    assert "Fichiers" in deep.text
    address = "/buckets/alice/box/resolve/in/deep/%C3%A9%20%231.html"
    assert address in deep.text
    got = client.get(address, headers={"Range": "bytes=8-12"})
    assert (got.status_code, got.content) == (206, b"hello")
    assert got.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in got.headers["content-security-policy"]
    assert "box" in client.get("/alice").text


def test_a_long_folder_is_shown_in_pages(client, bucket, monkeypatch):
    monkeypatch.setattr(buckets, "ENTRIES_ON_A_PAGE", 2)
    first = client.get("/buckets/alice/box").text
    assert "after=in%2F" in first or "after=in/" in first
    assert "z.txt" not in first
    assert "z.txt" in client.get("/buckets/alice/box?after=in/").text


def test_a_file_is_deleted_by_who_may_write(alices_client, bucket, site):
    assert "?delete=a.txt" in alices_client.get("/buckets/alice/box").text
    asked = alices_client.get("/buckets/alice/box", params={"delete": "a.txt"}).text
    assert 'action="/buckets/alice/box/delete"' in asked
    nothing = alices_client.get("/buckets/alice/box", params={"delete": "none"}).text
    assert 'action="/buckets/alice/box/delete"' not in nothing
    done = alices_client.post("/buckets/alice/box/delete", data={"path": "in/deep/é #1.html"})
    assert done.status_code == 200
    assert "in/" not in _level(site, bucket)
    refused = alices_client.post("/buckets/alice/box/delete", data={"path": "../z.txt"})
    assert refused.status_code == 400


def _level(site, bucket):
    with site.read_hub() as hub:
        return [entry.path for entry in hub.buckets.level(bucket, "", "", 10).entries]

"""Buckets on the wire: what no client of ours would send, and what others read."""

import json

import pytest

from etabli.features.buckets import PutFile

URL = "/api/buckets/alice/box"


@pytest.fixture
def bucket(site, alice):
    with site.open_hub() as hub:
        return hub.buckets.create(alice, "alice", "box", private=True)


@pytest.fixture
def batch(alices_client, bucket):
    def send(*lines):
        body = "\n".join(one if isinstance(one, str) else json.dumps(one) for one in lines)
        return alices_client.post(f"{URL}/batch", content=body)

    return send


def add(path, **more):
    return {"type": "addFile", "path": path, "xetHash": "0" * 64, "mtime": 1, **more}


def test_an_outcome_counts_what_was_done(batch, alices_client):
    done = batch(add("a"), add("b/c", contentType="text/html"), add("d", xetHash="f" * 64))
    assert done.status_code == 200
    outcome = done.json()
    assert (outcome["processed"], outcome["succeeded"], outcome["success"]) == (3, 2, False)
    assert [one["path"] for one in outcome["failed"]] == ["d"]
    [file, folder] = alices_client.get(f"{URL}/tree", params={"recursive": "false"}).json()
    assert (file["size"], file["mtime"]) == (0, "1970-01-01T00:00:00.001Z")
    assert (folder["type"], folder["path"]) == ("directory", "b")
    assert batch().json() == {"success": True, "processed": 0, "succeeded": 0, "failed": []}


@pytest.mark.parametrize(
    "line",
    [
        "not JSON",
        {"type": "addFile", "path": "a"},
        {"type": "renameFile", "path": "a"},
        add("a", mtime=10**18),
        add("a", mtime=1.5),
        add("a", contentType="text/html\nX: y"),
        add("a" * 5000),
        {"type": "deleteFile", "path": "\ud800"},
    ],
)
def test_a_line_that_cannot_be_read_changes_nothing(batch, alices_client, line):
    refused = batch(add("first"), line)
    assert (refused.status_code, "2" in refused.json()["error"]) == (400, True)
    assert alices_client.get(f"{URL}/tree").json() == []


def test_a_batch_has_its_limits(batch):
    assert batch(*(add(str(n)) for n in range(1001))).status_code == 413
    sources = [
        {"sourceRepoType": "model", "sourceRepoId": f"bob/{n}", **add("a"), "type": "copyFile"}
        for n in range(21)
    ]
    assert batch(*sources).status_code == 413


def test_a_list_goes_on_where_its_page_ended(batch, site, alice, alices_client, bucket):
    with site.open_hub() as hub:
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        files = [PutFile(f"d/é{n:04}", empty, 0, 0) for n in range(1001)]
        assert hub.buckets.change(alice, bucket, files) == []
    for params in ({"recursive": "true"}, {"recursive": "false"}):
        first = alices_client.get(f"{URL}/tree/d%2F", params=params)
        assert len(first.json()) == 1000
        second = alices_client.get(first.links["next"]["url"])
        assert [one["path"] for one in second.json()] == ["d/é1000"]
        assert "next" not in second.links


def test_a_private_bucket_is_never_told_of(client, bucket):
    for address in (URL, f"{URL}/tree", "/buckets/alice/box/resolve/a", "/buckets/alice/box"):
        hidden, missing = client.get(address), client.get(address.replace("box", "cox"))
        assert hidden.status_code == missing.status_code
        assert hidden.status_code in (401, 404)
        assert hidden.text.replace("box", "cox") == missing.text
    assert client.get("/api/buckets/alice").json() == []


def test_what_is_not_served_says_so(alices_client, bucket):
    assert alices_client.get(f"{URL}/events").status_code == 501
    assert alices_client.get("/buckets/alice/box/resolve/none").headers["X-Error-Code"] == (
        "EntryNotFound"
    )

"""Buckets, by the clients as they are: HfApi, HfFileSystem and `hf`."""

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from huggingface_hub import HfApi, HfFileSystem
from huggingface_hub.errors import (
    BucketBatchError,
    BucketNotFoundError,
    EntryNotFoundError,
    HfHubHTTPError,
)

from etabli.operations.maintenance import check_bytes, give_back

ENDPOINT = os.environ["HF_ENDPOINT"]
FILES = {
    "file.txt": b"content",
    "empty": b"",
    "sub/file.txt": b"content",
    "sub/deep/odd ?#%,é.bin": b"binary" * 20_000,
}


@pytest.fixture
def bob(running_hub: Any) -> HfApi:
    return HfApi(endpoint=ENDPOINT, token=running_hub.tokens["bob"])


@pytest.fixture
def bucket(api: HfApi, repo_id: str) -> str:
    return api.create_bucket(repo_id).bucket_id


@pytest.fixture
def filled(api: HfApi, bucket: str) -> str:
    api.batch_bucket_files(bucket, add=[(content, path) for path, content in FILES.items()])
    return bucket


def paths(api: HfApi, bucket: str, **more: Any) -> list[str]:
    return [entry.path for entry in api.list_bucket_tree(bucket, **more)]


def test_from_its_making_to_its_end(api, bob, repo_id):
    name = repo_id.partition("/")[2]
    made = api.create_bucket(name)
    assert (made.bucket_id, made.url) == (repo_id, f"{ENDPOINT}/buckets/{repo_id}")
    assert api.create_bucket(repo_id, exist_ok=True) == made
    with pytest.raises(HfHubHTTPError) as taken:
        api.create_bucket(repo_id)
    assert taken.value.response.status_code == 409
    assert not bob.bucket_info(repo_id).private

    api.update_bucket_settings(repo_id, private=True)
    assert api.bucket_info(repo_id).private
    with pytest.raises(BucketNotFoundError):
        bob.bucket_info(repo_id)
    assert repo_id in {one.id for one in api.list_buckets(search=name)}
    assert repo_id not in {one.id for one in bob.list_buckets("alice")}
    with pytest.raises(HfHubHTTPError, match="401"):
        HfApi(endpoint=ENDPOINT, token=False).bucket_info(repo_id)

    api.move_bucket(repo_id, f"{repo_id}-moved")
    assert api.bucket_info(f"{repo_id}-moved").id == f"{repo_id}-moved"
    api.delete_bucket(f"{repo_id}-moved")
    for missing in (f"{repo_id}-moved", "no-owner"):
        with pytest.raises(BucketNotFoundError):
            api.delete_bucket(missing)
        with pytest.raises(BucketNotFoundError):
            api.bucket_info(missing)
    api.delete_bucket(repo_id, missing_ok=True)


def test_files_come_back_as_they_were_sent(api, filled, tmp_path):
    info = api.bucket_info(filled)
    assert (info.total_files, info.size) == (4, sum(map(len, FILES.values())))
    api.download_bucket_files(filled, [(path, tmp_path / path) for path in FILES])
    for path, content in FILES.items():
        assert (tmp_path / path).read_bytes() == content
    with pytest.raises(EntryNotFoundError):
        api.download_bucket_files(filled, [("no", tmp_path / "no")], raise_on_missing_files=True)
    big = api.get_bucket_file_metadata(filled, "sub/deep/odd ?#%,é.bin")
    assert big.size == 120_000


def test_lists_are_as_the_client_asks(api, filled):
    assert paths(api, filled) == sorted(FILES, key=str.encode)
    assert paths(api, filled, recursive=False) == ["empty", "file.txt", "sub"]
    assert paths(api, filled, prefix="sub", recursive=False) == ["sub/deep", "sub/file.txt"]
    assert paths(api, filled, prefix="sub/file.txt", recursive=False) == ["sub/file.txt"]
    assert paths(api, filled, prefix="fi") == ["file.txt"]
    assert paths(api, filled, prefix="none") == []
    assert [one.path for one in api.get_bucket_paths_info(filled, ["", "no", "empty"])] == ["empty"]


def test_what_failed_is_named_and_the_rest_is_done(api, filled):
    with pytest.raises(BucketBatchError) as failed:
        api.batch_bucket_files(
            filled,
            add=[(b"new", "new.txt"), (b"out", "../out.txt")],
            copy=[("bucket", filled, "f" * 64, "copied"), ("model", "bob/none", "f" * 64, "c")],
            delete=["file.txt", "was-never-there"],
        )
    assert {one["path"] for one in failed.value.failures} == {"../out.txt", "copied", "c"}
    assert paths(api, filled, recursive=False) == ["empty", "new.txt", "sub"]
    with pytest.raises(BucketBatchError) as failed:
        api.batch_bucket_files(filled, add=[(b"out", "a//b")])
    assert failed.value.response.status_code == 422


def test_copies_move_no_bytes_and_ask_whether_one_may(running_hub, api, bob, filled, repo_id):
    model = f"{repo_id}-model"
    api.create_repo(model, private=True)
    api.upload_file(path_or_fileobj=b"\0" * 400_000, path_in_repo="m.bin", repo_id=model)

    def copy() -> None:
        api.copy_files(f"hf://buckets/{filled}/sub/", f"hf://buckets/{filled}/backup/")
        api.copy_files(f"hf://{model}", f"hf://buckets/{filled}/models/")

    requests = running_hub.requests_during(copy)
    assert not any("/data/" in request for request in requests)
    assert {"backup/file.txt", "models/m.bin"} <= set(paths(api, filled))

    [file] = api.get_paths_info(model, ["m.bin"])
    stolen = bob.create_bucket(f"bob/thief-of-{repo_id.partition('/')[2]}").bucket_id
    for source in (("model", model), ("bucket", stolen)):
        with pytest.raises(BucketBatchError):
            bob.batch_bucket_files(stolen, copy=[(*source, file.xet_hash, "m.bin")])
    headers = {"Authorization": f"Bearer {running_hub.tokens['bob']}"}
    token = httpx.get(f"{ENDPOINT}/api/buckets/{stolen}/xet-read-token", headers=headers).json()
    address = f"{token['casUrl']}/v2/reconstructions/{file.xet_hash}"
    opened = {"Authorization": f"Bearer {token['accessToken']}"}
    assert httpx.get(address, headers=opened).status_code == 404


def test_a_file_system_on_a_bucket(running_hub, filled):
    files = HfFileSystem(endpoint=ENDPOINT, token=running_hub.tokens["alice"])
    root = f"buckets/{filled}"
    assert files.ls(root, detail=False) == [
        f"{root}/{name}" for name in ("empty", "file.txt", "sub")
    ]
    with files.open(f"{root}/new/n.txt", "wb") as file:
        file.write(b"abcdefghij")
    assert files.cat_file(f"{root}/new/n.txt", start=2, end=5) == b"cde"
    assert files.info(f"{root}/new/n.txt")["size"] == 10
    assert files.find(f"{root}/sub") == [f"{root}/sub/deep/odd ?#%,é.bin", f"{root}/sub/file.txt"]
    files.cp_file(f"{root}/file.txt", f"{root}/again.txt")
    assert files.read_text(f"{root}/again.txt") == "content"
    files.rm(f"{root}/sub", recursive=True)
    assert files.ls(root, detail=False, refresh=True) == [
        f"{root}/{name}" for name in ("again.txt", "empty", "file.txt", "new")
    ]
    with pytest.raises(FileNotFoundError):
        files.info(f"{root}/nothing")


def test_a_folder_is_kept_the_same_both_ways(run: Callable[..., str], api, bucket, tmp_path: Path):
    here = tmp_path / "data"
    (here / "in").mkdir(parents=True)
    (here / "a.txt").write_text("aaa")
    (here / "in" / "b.csv").write_text("b")
    (here / "skip.log").write_text("log")
    os.utime(here / "a.txt", (1_700_000_000.123, 1_700_000_000.123))
    there = f"hf://buckets/{bucket}/kept"
    run("hf", "sync", "data", there, "--exclude", "*.log")
    assert paths(api, bucket) == ["kept/a.txt", "kept/in/b.csv"]
    [a] = api.get_bucket_paths_info(bucket, ["kept/a.txt"])
    assert a.mtime.timestamp() == pytest.approx(1_700_000_000.123, abs=0.0005)
    assert "Nothing to sync" in run("hf", "sync", "data", there, "--exclude", "*.log")

    (here / "a.txt").unlink()
    plan = run("hf", "sync", "data", there, "--delete", "--exclude", "*.log", "--dry-run")
    assert json.loads(plan.splitlines()[0])["summary"]["deletes"] == 1
    run("hf", "sync", "data", there, "--delete", "--exclude", "*.log")
    assert paths(api, bucket) == ["kept/in/b.csv"]
    run("hf", "sync", there, "got")
    assert (tmp_path / "got/in/b.csv").read_text() == "b"

    run("hf", "cp", "data/skip.log", f"hf://buckets/{bucket}/logs/")
    run("hf", "cp", f"hf://buckets/{bucket}/logs/skip.log", "back.log")
    assert (tmp_path / "back.log").read_text() == "log"
    listed = run("hf", "buckets", "list", bucket)
    assert "kept/" in listed
    assert "logs/" in listed


def test_what_nothing_shows_any_more_goes(running_hub, api, bucket):
    content = os.urandom(300_000)
    api.batch_bucket_files(bucket, add=[(content, "one"), (content, "two")])
    name = None
    with running_hub.site.read_hub() as hub:
        found = hub.buckets.get(hub.accounts.actor("alice"), bucket)
        name = hub.buckets.file(found, "one").sha256
        assert (found.file_count, found.total_bytes) == (2, 600_000)
    api.batch_bucket_files(bucket, delete=["one"])
    with running_hub.site.read_hub() as hub:
        assert hub.blobs.holdings.holds(found.holder, name)
    api.batch_bucket_files(bucket, add=[(b"other", "two")])
    with running_hub.site.read_hub() as hub:
        assert not hub.blobs.holdings.holds(found.holder, name)
    for _ in range(3):
        give_back(running_hub.site, timedelta(0))
    with running_hub.site.read_hub() as hub:
        assert hub.blobs.find(name) is None
    assert list(check_bytes(running_hub.site)) == []
    api.batch_bucket_files(bucket, add=[(content, "again")])
    assert httpx.get(f"{ENDPOINT}/buckets/{bucket}/resolve/again").content == content

"""Copies that the hub makes itself: no byte goes through the client."""

import os
import time
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationCopy

from etabli.features.repos import RepoType
from etabli.operations import usage

CONTENT = os.urandom(2_000_000)


@pytest.fixture
def source(api, repo_id) -> str:
    api.create_repo(repo_id)
    api.upload_file(path_or_fileobj=CONTENT, path_in_repo="big.bin", repo_id=repo_id)
    api.upload_file(path_or_fileobj=b"small", path_in_repo="small.txt", repo_id=repo_id)
    return repo_id


def sent(requests: list[str]) -> list[str]:
    return [one for one in requests if one.startswith("PUT") or "/xorbs/" in one]


def test_of_a_whole_repository(running_hub, api, source, tmp_path):
    twin = source + "-twin"
    asked = running_hub.requests_during(lambda: api.duplicate_repo(source, twin))
    assert not sent(asked)
    assert api.repo_info(twin).sha == api.repo_info(source).sha
    folder = Path(api.snapshot_download(twin, cache_dir=tmp_path))
    assert (folder / "big.bin").read_bytes() == CONTENT
    api.duplicate_repo(source, twin, exist_ok=True)
    api.delete_repo(source)
    assert Path(api.hf_hub_download(twin, "big.bin", cache_dir=tmp_path / "2")).is_file()


def test_of_files_from_another_repository(running_hub, api, source, tmp_path):
    other = source + "-other"
    api.create_repo(other, repo_type="dataset")
    copies = [
        CommitOperationCopy(name, f"copied/{name}", src_repo_id=source, src_repo_type="model")
        for name in ("big.bin", "small.txt")
    ]

    def copy() -> None:
        api.create_commit(other, copies, commit_message="Copy", repo_type="dataset")

    assert not sent(running_hub.requests_during(copy))
    folder = Path(api.snapshot_download(other, repo_type="dataset", cache_dir=tmp_path))
    assert (folder / "copied/big.bin").read_bytes() == CONTENT
    assert (folder / "copied/small.txt").read_bytes() == b"small"


def test_what_is_let_go_is_gone(api, source):
    files = list(api.list_lfs_files(source))
    assert [(file.filename, file.size) for file in files] == [("big.bin", len(CONTENT))]
    api.permanently_delete_lfs_files(source, files)
    assert not api.file_exists(source, "big.bin")
    assert list(api.list_lfs_files(source)) == []


@pytest.mark.parametrize(("type", "name"), [("model", "config.json"), ("dataset", "data.csv")])
def test_a_snapshot_is_one_download_however_many_files_it_has(
    running_hub, api, repo_id, tmp_path, type, name
):
    api.create_repo(repo_id, repo_type=type)
    # Each with another content: the client fetches what is alike only once.
    names = [name, "big.bin", *(f"part-{number}.txt" for number in range(8))]
    for one in names:
        (tmp_path / "sent").mkdir(exist_ok=True)
        (tmp_path / "sent" / one).write_bytes(CONTENT if one == "big.bin" else one.encode())
    api.upload_folder(repo_id=repo_id, repo_type=type, folder_path=tmp_path / "sent")
    folder = Path(api.snapshot_download(repo_id, repo_type=type, cache_dir=tmp_path / "got"))
    assert {one.name for one in folder.iterdir()} >= set(names)
    assert _downloads(running_hub.site, RepoType(type), repo_id) == 1


def _downloads(site, type: RepoType, full_name: str) -> int:
    """Once what was counted is written down, which the hub does too, every other second."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        usage.keep_usage(site)
        with site.read_hub() as hub:
            counted = hub.repos.get(hub.accounts.actor("alice"), type, full_name).downloads
        if counted:
            return counted
        time.sleep(0.05)
    return 0

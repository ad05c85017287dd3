"""Large files by the Hugging Face clients as they are: through Xet, without asking."""

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import hf_xet
import httpx
import pytest
from huggingface_hub import HfApi, HfFileSystem
from sqlalchemy import func, select

from etabli.features.blobs import MAX_XORB_RAW_BYTES
from etabli.features.blobs.models import Xorb
from etabli.operations.maintenance import check_bytes, give_back

ENDPOINT = os.environ["HF_ENDPOINT"]
MB = 1_000_000


@pytest.fixture
def repo(api: HfApi, repo_id: str) -> str:
    api.create_repo(repo_id)
    return repo_id


@pytest.fixture
def upload(run: Callable[..., str], repo: str, tmp_path: Path) -> Callable[..., None]:
    """Upload some bytes as `hf upload` does, by a client that remembers nothing."""
    clients: Iterator[int] = iter(range(100))

    def upload(content: bytes, path: str = "model.bin", xet_disabled: str = "") -> None:
        file = tmp_path / "sent.bin"
        file.write_bytes(content)
        home = str(tmp_path / f"client-{next(clients)}")
        run("hf", "upload", repo, "sent.bin", path, HF_HOME=home, HF_HUB_DISABLE_XET=xet_disabled)

    return upload


@pytest.fixture
def download(run: Callable[..., str], repo: str, tmp_path: Path) -> Callable[..., bytes]:
    def download(path: str = "model.bin") -> bytes:
        run("hf", "download", repo, path, "--local-dir", "got", HF_HOME=str(tmp_path / "reader"))
        return (tmp_path / "got" / path).read_bytes()

    return download


def stored_bytes(hub: Any) -> int:
    folder = hub.site.settings.data_dir / "blobs"
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def noise(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


@pytest.mark.parametrize("size", [0, 1, 999, MB, 60 * MB])
def test_a_file_comes_back_as_it_was_sent(running_hub, upload, download, size):
    content = noise(size, seed=size)
    upload(content)
    assert download() == content


def test_a_large_file_goes_and_comes_by_xet(running_hub, upload, download):
    sent = running_hub.requests_during(lambda: upload(noise(3 * MB, 1)))
    assert any("/v1/xorbs/" in request for request in sent)
    assert any("/v2/shards" in request for request in sent)
    assert not any("/info/lfs" in request for request in sent)
    read = running_hub.requests_during(download)
    assert any("/data/" in request for request in read)


def test_what_packs_well_is_stored_packed(running_hub, upload, download):
    text = b"".join(b"line %d of a long text\n" % n for n in range(400_000))
    before = stored_bytes(running_hub)
    upload(text)
    assert stored_bytes(running_hub) - before < len(text) / 2
    assert download() == text


def test_a_file_of_zeros_comes_back(running_hub, upload, download):
    """As of a sparse checkpoint: the same chunk, again and again."""
    content = noise(MB, 9) + bytes(150 * MB) + noise(MB, 10)
    before = stored_bytes(running_hub)
    upload(content)
    assert stored_bytes(running_hub) - before < 3 * MB
    assert download() == content


def test_a_xorb_holds_what_it_may_and_no_more(running_hub, upload):
    """The clients fill it to the last chunk that fits: the limit is theirs."""
    text = b"".join(b"line %d of a text that packs well\n" % n for n in range(4_000_000))
    upload(text)
    with running_hub.site.read_hub() as hub:
        largest = hub.work.db.scalar(select(func.max(Xorb.raw_bytes)))
    assert MAX_XORB_RAW_BYTES - 128 * 1024 <= largest <= MAX_XORB_RAW_BYTES


def test_floats_come_back_exactly(upload, download):
    floats = b"".join(
        (n / 7).hex().encode()[:4] + int(n).to_bytes(4, "little") for n in range(500_000)
    )
    upload(floats)
    assert download() == floats


def test_an_edit_in_the_middle_stores_little_even_from_a_new_client(running_hub, upload, download):
    content = noise(100 * MB, 2)
    upload(content)
    before = stored_bytes(running_hub)
    edited = content[: 50 * MB] + b"a few bytes more" + content[50 * MB :]
    upload(edited)
    assert stored_bytes(running_hub) - before < MB
    assert download() == edited


def test_the_same_file_again_stores_nothing(running_hub, upload, download, api, repo_id):
    content = noise(20 * MB, 3)
    upload(content)
    before = stored_bytes(running_hub)
    upload(content, "again.bin")
    assert stored_bytes(running_hub) == before
    assert download("again.bin") == content


def test_a_folder_of_many_files(running_hub, run, repo, tmp_path, api):
    folder = tmp_path / "folder"
    contents = {f"part-{n:03}.bin": noise(20_000, 1000 + n) for n in range(60)}
    contents["large.bin"] = noise(5 * MB, 4)
    contents["README.md"] = b"# Many\n"
    folder.mkdir()
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
    run("hf", "upload", repo, "folder")
    run("hf", "download", repo, "--local-dir", "got", HF_HOME=str(tmp_path / "reader"))
    for name, content in contents.items():
        assert (tmp_path / "got" / name).read_bytes() == content


def test_a_file_system_writes_and_reads_ranges(running_hub, repo):
    files = HfFileSystem(endpoint=ENDPOINT, token=running_hub.tokens["alice"])
    content = noise(12 * MB, 5)
    with files.open(f"{repo}/data.bin", "wb") as file:
        file.write(content)
    assert files.cat_file(f"{repo}/data.bin") == content
    for start, end in ((0, 1), (65_530, 65_540), (5 * MB, 7 * MB), (12 * MB - 3, 12 * MB)):
        assert files.cat_file(f"{repo}/data.bin", start=start, end=end) == content[start:end]


def test_the_list_says_how_to_read_each_file(api, upload, repo):
    content = noise(2 * MB, 6)
    upload(content)
    (entry,) = api.get_paths_info(repo, ["model.bin"])
    assert entry.lfs.sha256 == hashlib.sha256(content).hexdigest()
    assert len(entry.xet_hash) == 64
    assert api.model_info(repo).id == repo


@pytest.mark.parametrize("size", [2 * MB, 30 * MB])
def test_what_came_by_lfs_is_cut_and_goes_by_xet(
    running_hub, run, repo, api, download, tmp_path, size
):
    content = noise(size, 8)
    (tmp_path / "sent.bin").write_bytes(content)
    run("hf", "upload", repo, "sent.bin", "model.bin", HF_HUB_DISABLE_XET="1")
    until = time.monotonic() + 30
    while not (entry := api.get_paths_info(repo, ["model.bin"])[0]).xet_hash:
        assert time.monotonic() < until, "it was not cut in time"
        time.sleep(0.2)
    (as_the_client_cuts,) = hf_xet.hash_files([str(tmp_path / "sent.bin")])
    assert entry.xet_hash == as_the_client_cuts.hash
    read = running_hub.requests_during(lambda: check_same(download(), content))
    assert any("/data/" in request for request in read)
    with running_hub.site.read_hub() as hub:
        assert not hub.blobs.get(entry.lfs.sha256).is_whole
    before = stored_bytes(running_hub)
    assert give_back(running_hub.site, grace=timedelta(0)).keys
    assert before - stored_bytes(running_hub) >= size
    check_same(download(), content)


@pytest.mark.parametrize("xet_disabled", ["", "1"])
def test_what_the_hub_has_lost_is_sent_again_by_the_same_command(
    running_hub, run, upload, download, xet_disabled
):
    content = noise(3 * MB, 77)
    upload(content)
    name = hashlib.sha256(content).hexdigest()
    with running_hub.site.read_hub() as hub:
        xorbs = [run.key for run in hub.blobs.chunked.plan(hub.blobs.get(name)).runs]
    for key in set(xorbs):
        path = running_hub.site.backends.blobs.local_path(key)
        path.chmod(0o600)
        path.write_bytes(bytes(path.stat().st_size))
    assert {fault.key for fault in check_bytes(running_hub.site)} == set(xorbs)
    upload(content, xet_disabled=xet_disabled)
    check_same(download(), content)
    assert list(check_bytes(running_hub.site)) == []


def check_same(got: bytes, sent: bytes) -> None:
    assert got == sent


def test_a_file_that_a_repository_does_not_hold_cannot_be_had(api, running_hub, upload, repo):
    """Bob knows every hash of Alice's file: they open nothing."""
    upload(noise(MB, 7))
    (entry,) = api.get_paths_info(repo, ["model.bin"])
    headers = {"Authorization": f"Bearer {running_hub.tokens['bob']}"}
    bob = HfApi(endpoint=ENDPOINT, token=running_hub.tokens["bob"])
    own = bob.create_repo(f"bob/thief-of-{repo.replace('/', '-')}").repo_id
    with httpx.Client(base_url=f"{ENDPOINT}/api/models/{own}", headers=headers) as client:
        oid, size = entry.lfs.sha256, entry.size
        lines = [
            {"key": "header", "value": {"summary": "Mine"}},
            {"key": "lfsFile", "value": {"path": "m", "algo": "sha256", "oid": oid, "size": size}},
        ]
        body = "\n".join(json.dumps(line) for line in lines)
        assert 400 <= client.post("/commit/main", content=body).status_code < 500
        token = client.get("/xet-read-token/main").json()
    opened = {"Authorization": f"Bearer {token['accessToken']}"}
    for version in ("v1", "v2"):
        address = f"{token['casUrl']}/{version}/reconstructions/{entry.xet_hash}"
        assert httpx.get(address, headers=opened).status_code == 404

"""A full disk: writes are refused in words, reads go on, and room is enough to go on writing."""

import os
import shutil
import subprocess
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from etabli.features.accounts import TokenRole
from etabli.features.git import AddFile
from etabli.features.git.packs import pack_folder
from etabli.features.git.repack import MAX_PACKS
from etabli.foundation.durable_files import DiskFullError
from etabli.operations import commits
from etabli.server.app import create_app
from etabli.settings import Settings
from etabli.site import Site
from tests.parts import lack
from tests.trust.hub_process import post_commit
from tests.xet_client import MadeXorb, cut, noise, shard_of, whole

SIZE_MB = 24


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    if os.geteuid() != 0:
        lack("only root may mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        lack(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def hub_on_it(small_disk):
    site = Site(Settings(data_dir=small_disk / "data", embedded_worker=False, database_url=""))
    site.migrate()
    with site.open_hub() as hub:
        hub.accounts.register("alice")
        secret = hub.accounts.issue_token("alice", TokenRole.WRITE, "test").secret
    with TestClient(create_app(site), raise_server_exceptions=False) as client:
        client.headers["Authorization"] = f"Bearer {secret}"
        yield client


def fill(folder):
    """Take all the room that is left. The file that takes it."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for block in (1 << 20, 1 << 12, 1):
            with pytest.raises(OSError, match="No space left"):
                write_without_end(file, block)
    return ballast


def write_without_end(file, block):
    while True:
        file.write(b"\0" * block)


def test_a_full_disk_stops_writing_only(small_disk, hub_on_it):
    client = hub_on_it
    client.post("/api/repos/create", json={"name": "box"}).raise_for_status()
    post_commit(client, "alice/box", "first", "a.txt", "kept").raise_for_status()
    ballast = fill(small_disk)

    for attempt in range(5):
        answer = post_commit(client, "alice/box", "more", f"{attempt}.txt", "x" * 50_000)
        assert answer.status_code in (413, 507, 503), answer.text
        assert answer.json()["error"].endswith(".")
        assert "Traceback" not in answer.text
    create = client.post("/api/repos/create", json={"name": "another"})
    assert create.status_code in (413, 507, 503), create.text
    assert client.get("/alice/box/resolve/main/a.txt").text == "kept"
    assert client.get("/api/models/alice/box").status_code == 200
    assert client.get("/alice/box").status_code == 200

    ballast.unlink()
    post_commit(client, "alice/box", "again", "b.txt", "x" * 50_000).raise_for_status()
    client.post("/api/repos/create", json={"name": "another"}).raise_for_status()
    names = {file["rfilename"] for file in client.get("/api/models/alice/box").json()["siblings"]}
    assert names == {".gitattributes", "a.txt", "b.txt"}
    assert not list(small_disk.rglob("tmp_*"))


def test_a_full_disk_lets_no_pack_go(small_disk, hub_on_it, monkeypatch):
    site = hub_on_it.app.state.site
    hub_on_it.post("/api/repos/create", json={"name": "box"}).raise_for_status()
    with site.read_hub() as hub:
        alice = hub.accounts.actor("alice")
        repo = hub.repos.get(alice, "model", "alice/box")
    for number in range(MAX_PACKS):
        change = AddFile(f"{number}", os.urandom(100_000))
        commits.commit(site, alice, repo, "main", [change], str(number))
    ballast = fill(small_disk)
    folder = pack_folder(site.backends.git.path(repo.key))
    before = set(folder.iterdir())
    with ballast.open("r+b") as file:  # git is let to begin, and finds no room on its way
        file.truncate(ballast.stat().st_size - 2_000_000)
    with pytest.raises(DiskFullError):
        site.backends.git.repack(repo.key)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 40))
    for _ in range(2):
        with pytest.raises(DiskFullError):
            site.backends.git.repack(repo.key)
        assert set(folder.iterdir()) == before
        assert not list((site.backends.git.root / "incoming").iterdir())
    ballast.unlink()
    site.backends.git.repack(repo.key)
    assert len(list(folder.glob("*.idx"))) == 1
    assert hub_on_it.get("/alice/box/resolve/main/0").status_code == 200


def test_a_full_disk_takes_no_large_file_and_goes_on_giving_them(small_disk, hub_on_it):
    client = hub_on_it
    client.post("/api/repos/create", json={"name": "box"}).raise_for_status()
    tokens = client.get("/api/models/alice/box/xet-write-token/main").json()
    cas = urlsplit(tokens["casUrl"]).path
    opened = {"Authorization": f"Bearer {tokens['accessToken']}"}
    kept, refused = (MadeXorb(cut(noise(2_000_000, seed))) for seed in (1, 2))

    def send(xorb):
        address = f"{cas}/v1/xorbs/default/{xorb.name}"
        return client.post(address, content=xorb.body, headers=opened)

    assert send(kept).status_code == 200
    shard = shard_of(whole(kept))
    assert client.post(f"{cas}/v1/shards", content=shard, headers=opened).is_success
    ballast = fill(small_disk)

    for _ in range(3):
        answer = send(refused)
        assert answer.status_code == 507, answer.text
        assert "disk" in answer.json()["error"]
    plan = client.get(f"{cas}/v2/reconstructions/{whole(kept).name}", headers=opened)
    assert plan.status_code == 200
    ((entry,),) = plan.json()["xorbs"].values()
    part = entry["ranges"][0]["bytes"]
    got = client.get(entry["url"], headers={"Range": f"bytes={part['start']}-{part['end']}"})
    assert got.content == kept.body

    ballast.unlink()
    assert send(refused).status_code == 200
    assert not list((small_disk / "data" / "blobs" / "staging").iterdir())

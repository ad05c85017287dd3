"""Bytes that changed on the disk: found, served no more, and healed by whoever sends them again."""

from types import SimpleNamespace

import httpx
import pytest
from typer.testing import CliRunner

from etabli.cli import app
from etabli.features.accounts import TokenRole
from etabli.features.blobs import hash_name
from etabli.features.repos import RepoType
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import HubProcess
from tests.trust.sending import PART_BYTES, SMALL_PARTS, Sender, sha256
from tests.xet_client import MadeXorb, cut, noise, whole

pytestmark = pytest.mark.slow

CONTENT = noise(PART_BYTES + 500_000)
WAYS = {"basic": Sender.by_basic, "parts": Sender.by_parts, "xet": Sender.by_xet}


@pytest.fixture
def running(tmp_path):
    """A hub that serves, and its folder of large files. Nothing is cut into chunks meanwhile."""
    data_dir = tmp_path / "data"
    site = Site(Settings(data_dir=data_dir, database_url=""))
    site.migrate()
    with site.open_hub() as hub:
        alice = hub.accounts.register("alice")
        hub.repos.create(alice, RepoType.MODEL, "alice", "large")
        token = hub.accounts.issue_token("alice", TokenRole.WRITE, "test").secret
    site.close()
    uncut = {"etabli.operations.blobs.MIN_CUT_BYTES": 1 << 40}
    process = HubProcess(data_dir, SMALL_PARTS | uncut)
    alice = Sender(process.start(), token, "alice/large")
    yield SimpleNamespace(alice=alice, blobs=data_dir / "blobs", data_dir=data_dir)
    process.stop()


def fsck(running):
    """What it says of faults; empty when all is whole."""
    done = CliRunner().invoke(app, ["fsck", "--data-dir", str(running.data_dir)])
    assert (done.exit_code == 0) is (done.stderr == ""), done.output
    return done.stderr


def change_a_byte(running):
    """As a failing disk does. The file."""
    (path,) = (p for k in ("blobs", "xorbs") for p in (running.blobs / k).rglob("*") if p.is_file())
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(content)
    return path


def is_served(alice):
    answer = alice.download()
    return answer.status_code == 200 and answer.content == CONTENT


@pytest.mark.parametrize("healed_by", WAYS)
@pytest.mark.parametrize("sent_by", ["basic", "xet"])
def test_changed_bytes_are_served_no_more_and_healed_by_an_upload(running, sent_by, healed_by):
    alice = running.alice
    WAYS[sent_by](alice, CONTENT)
    alice.commit(CONTENT)
    assert is_served(alice)
    assert "actions" not in alice.ask(CONTENT, "basic")
    assert fsck(running) == ""

    changed = change_a_byte(running).read_bytes()
    said = fsck(running)
    assert "alice/large" in said
    assert f"git lfs push --object-id origin {sha256(CONTENT)}" in said
    (set_aside,) = (running.blobs / "quarantine").iterdir()
    assert set_aside.read_bytes() == changed
    assert "alice/large" in fsck(running)  # until it is healed

    answer = alice.download()
    assert (answer.status_code, b"uploading it again" in answer.content) == (503, True)
    assert "error" in alice.ask(CONTENT, operation="download")
    assert alice.preupload(CONTENT)["oid"] is None
    assert "upload" in alice.ask(CONTENT, "basic")["actions"]

    WAYS[healed_by](alice, CONTENT)
    assert is_served(alice)
    assert fsck(running) == ""
    assert alice.preupload(CONTENT)["oid"] == sha256(CONTENT)
    assert "actions" not in alice.ask(CONTENT, "basic")
    assert set_aside.read_bytes() == changed


def test_a_xet_client_is_not_told_of_lost_chunks(running):
    alice, xorb = running.alice, MadeXorb(cut(CONTENT))
    alice.by_xet(CONTENT)
    alice.commit(CONTENT)
    cas, headers = alice.xet_token("read")
    chunk = f"/v1/chunks/default-merkledb/{first_chunk(xorb)}"
    plan = f"/v1/reconstructions/{whole(xorb).name}"
    assert httpx.get(cas + chunk, headers=headers).status_code == 200
    assert httpx.get(cas + plan, headers=headers).status_code == 200
    change_a_byte(running)
    fsck(running)
    new_cas, headers = alice.xet_token("read")
    assert new_cas != cas  # or clients would go by what they remember
    assert httpx.get(new_cas + chunk, headers=headers).status_code == 404
    assert httpx.get(new_cas + plan, headers=headers).status_code == 503


def first_chunk(xorb):
    return hash_name(xorb.leaves[0][0])


def test_another_holder_heals_it_for_all(running):
    alice = running.alice
    alice.by_basic(CONTENT)
    alice.commit(CONTENT)
    change_a_byte(running)
    fsck(running)
    alice.post("/api/repos/create", json={"name": "other", "type": "model"})
    other = Sender(alice.url, alice.token, "alice/other")
    other.by_xet(CONTENT)
    assert is_served(alice)
    assert fsck(running) == ""


def test_a_copy_that_is_put_back_counts_again(running):
    alice = running.alice
    alice.by_basic(CONTENT)
    alice.commit(CONTENT)
    path = change_a_byte(running)
    fsck(running)
    path.write_bytes(CONTENT)
    assert fsck(running) == ""
    assert is_served(alice)


def test_without_its_disk_nothing_is_marked(running):
    alice = running.alice
    alice.by_basic(CONTENT)
    alice.commit(CONTENT)
    (running.blobs / "blobs").rename(running.data_dir / "unmounted")
    assert "disk mounted" in fsck(running)
    assert alice.download().status_code == 503
    (running.data_dir / "unmounted").rename(running.blobs / "blobs")
    assert is_served(alice)
    assert fsck(running) == ""

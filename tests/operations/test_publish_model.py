"""Publishing: whoever holds the database touches no disk; all of it is there, or nothing."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from etabli.features.blobs import Quota, QuotaReachedError
from etabli.features.git import PathClashError
from etabli.features.repos import RepoType
from etabli.features.workshop import RunState
from etabli.operations import new_repos
from tests import made
from tests.writer_watch import watched_writer

MB = 1_000_000
LARGE = "weights.safetensors"


@pytest.fixture
def read_by_writer(monkeypatch):
    return watched_writer(monkeypatch)


@pytest.fixture
def run(site, alice):
    return made.make(site, alice, made.start(site, alice))


def repo_keys(site):
    with site.read_hub() as hub:
        return hub.repos.keys()


def folders(site):
    return {path.name for path in site.backends.git.root.glob("*/*/*") if path.is_dir()}


def plan(site, actor, name):
    with site.read_hub() as hub:
        return hub.repos.plan(actor, RepoType.MODEL, "alice", name)


def test_the_writer_touches_no_disk_to_publish(site, alice, run, read_by_writer):
    made.publish(site, alice, run)
    assert len(repo_keys(site)) == 2
    assert read_by_writer == []


def test_the_writer_touches_no_disk_to_create(site, alice, read_by_writer):
    new_repos.create(site, alice, RepoType.SPACE, "alice", "app")
    assert read_by_writer == []
    with site.read_hub() as hub:
        repo = hub.repos.get(alice, RepoType.SPACE, "alice/app")
        assert {entry.path for entry in hub.repos.snapshot(repo).entries()} == {
            ".gitattributes",
            "README.md",
        }


def test_a_quota_holds_for_what_is_made_here(site, alice, run):
    large = site.backends.runs.path(run.key) / "model" / LARGE
    large.write_bytes(os.urandom(8740))
    site.backends = replace(site.backends, quota=Quota(1000))
    with pytest.raises(QuotaReachedError):
        made.publish(site, alice, run)
    assert repo_keys(site) == []
    with site.read_hub() as hub:
        assert hub.workshop.get(alice, run.key).state is RunState.MADE


def test_what_fails_on_disk_leaves_nothing(site, alice):
    clash = {"a": b"file", "a/b": b"in a folder of that name", LARGE: b"\0" * 100}
    new = plan(site, alice, "bert")
    with pytest.raises(PathClashError), new_repos.prepared(site, new, clash, "Publish"):
        pass
    assert not site.backends.git.path(new.key).exists()
    assert repo_keys(site) == []


def test_what_fails_in_the_database_leaves_nothing(site, alice):
    new = plan(site, alice, "bert")
    with (
        pytest.raises(QuotaReachedError),
        new_repos.prepared(site, new) as waiting,
        site.open_hub() as hub,
    ):
        waiting.land(hub, alice)
        raise QuotaReachedError("alice", 1)
    assert not site.backends.git.path(new.key).exists()
    assert repo_keys(site) == []


def test_a_large_file_is_read_back_as_it_was(site, alice, tmp_path):
    content = os.urandom(3 * MB)
    (tmp_path / LARGE).write_bytes(content)
    files = {LARGE: tmp_path / LARGE, "config.json": b"{}"}
    new = plan(site, alice, "bert")
    with new_repos.prepared(site, new, files, "Publish") as waiting, site.open_hub() as hub:
        repo = waiting.land(hub, alice)
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo)
        assert [entry.path for entry in snapshot.entries() if entry.large] == [LARGE]
        assert snapshot.read(LARGE) == content


PROGRAM = """
import resource, sys
from pathlib import Path
from etabli.features.repos import RepoType
from etabli.operations import new_repos
from etabli.settings import Settings
from etabli.site import Site

def most_kib():
    # Not ru_maxrss, where there is better: on Linux it starts from what our parent took.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1])

site = Site(Settings(data_dir=Path(sys.argv[1]), embedded_worker=False))
site.migrate()
with site.open_hub() as hub:
    alice = hub.accounts.register("alice", "correct horse")
before = most_kib()
with site.read_hub() as hub:
    new = hub.repos.plan(alice, RepoType.MODEL, "alice", "bert")
with new_repos.prepared(site, new, {"weights.safetensors": Path(sys.argv[2])}, "") as waiting:
    with site.open_hub() as hub:
        waiting.land(hub, alice)
print((most_kib() - before) // 1024, before // 1024)
"""


@pytest.mark.slow
def test_two_gigabytes_are_published_in_little_memory(tmp_path):
    weights = tmp_path / LARGE
    with weights.open("wb") as file:
        file.truncate(2_000 * MB)
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "data"), str(weights)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    more_mib, before_mib = map(int, done.stdout.split())
    assert more_mib < 50
    assert more_mib + before_mib < 250

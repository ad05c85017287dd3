"""Kill the server at random moments while people commit: what it acknowledged is there.

Sixty kills. By the rule of three, none lost in n acknowledged commits says, with 95 % confidence,
that fewer than 3/n are lost.
"""

import random
import subprocess
import threading
import time
from dataclasses import dataclass, field

import httpx
import pytest

from etabli.cli import fsck
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import HubProcess, etabli, post_commit

KILLS = 60
REPOS = ("alice/one", "alice/two")
COMMITTERS = 4
MAX_ACKNOWLEDGED = 12
"""In one life of the server."""


@dataclass
class Committer:
    """Commits one small file after another, for as long as the server lives."""

    name: str
    token: str
    acknowledged: list[tuple[str, str, str]] = field(default_factory=list)
    """(repository, commit, path), each answered with 200."""
    refused: list[str] = field(default_factory=list)
    tried: int = 0

    def work(self, url: str, stopping: threading.Event) -> None:
        with httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {self.token}"}, timeout=20
        ) as client:
            while not stopping.is_set():
                self.tried += 1
                repo, path = REPOS[self.tried % len(REPOS)], f"{self.name}/{self.tried}.txt"
                try:
                    answer = post_commit(client, repo, f"Add {path}", path, path)
                except httpx.TransportError:
                    return  # killed before it answered: it has promised nothing
                if answer.status_code == 200:
                    self.acknowledged.append((repo, answer.json()["commitOid"], path))
                else:
                    self.refused.append(f"{answer.status_code} {answer.text}")


@pytest.fixture
def hub_process(tmp_path):
    process = HubProcess(tmp_path / "data")
    yield process
    if process.is_up:
        process.kill()


@pytest.mark.slow
def test_no_acknowledged_commit_is_lost(hub_process):
    data_dir = hub_process.data_dir
    etabli(data_dir, "users", "add", "alice", "--no-password")
    token = etabli(data_dir, "tokens", "add", "alice")
    url = hub_process.start()
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        for repo in REPOS:
            client.post("/api/repos/create", json={"name": repo.split("/")[1]}).raise_for_status()
    committers = [Committer(f"c{number}", token) for number in range(COMMITTERS)]
    dice = random.Random(20261124)
    for kill in range(KILLS):
        before = sum(len(c.acknowledged) for c in committers)
        _live_and_die(hub_process, url, committers, dice.randint(3, MAX_ACKNOWLEDGED), dice)
        url = hub_process.start()
        assert _faults(data_dir) == [], f"after kill {kill + 1}"
        assert sum(len(c.acknowledged) for c in committers) >= before
    # No lock stands in the way of the last round.
    _live_and_die(hub_process, url, committers, MAX_ACKNOWLEDGED, dice)

    acknowledged = [ack for c in committers for ack in c.acknowledged]
    refused = [reason for c in committers for reason in c.refused]
    assert len(refused) <= len(acknowledged) / 10, refused[:5]
    hub_process.start()
    hub_process.stop()
    _assert_all_there(data_dir, acknowledged)


def _live_and_die(
    process: HubProcess, url: str, committers: list[Committer], enough: int, dice: random.Random
) -> None:
    """Kill it in the middle of whatever it does after so many commits were acknowledged."""
    stopping = threading.Event()
    before = sum(len(c.acknowledged) for c in committers)
    threads = [threading.Thread(target=c.work, args=(url, stopping)) for c in committers]
    for thread in threads:
        thread.start()
    while sum(len(c.acknowledged) for c in committers) < before + enough:
        assert any(thread.is_alive() for thread in threads), "nobody commits any more"
        time.sleep(0.005)
    time.sleep(dice.uniform(0, 0.05))
    process.kill()
    stopping.set()
    for thread in threads:
        thread.join()


def _faults(data_dir) -> list[str]:
    """Where the disk says other than the database, right after a start."""
    site = Site(Settings(data_dir=data_dir))
    found = [str(fault) for fault in fsck.faults(site, thorough=False)]
    site.close()
    return found


def _assert_all_there(data_dir, acknowledged) -> None:
    site = Site(Settings(data_dir=data_dir))
    assert [str(fault) for fault in fsck.faults(site, thorough=True)] == []
    with site.read_hub() as hub:
        alice = hub.accounts.actor("alice")
        for full_name in REPOS:
            repo = hub.repos.get(alice, "model", full_name)
            snapshot = hub.repos.snapshot(repo)
            landed = {commit.sha for commit in snapshot.history()}
            mine = [(sha, path) for name, sha, path in acknowledged if name == full_name]
            assert {sha for sha, _ in mine} <= landed
            assert all(snapshot.read(path) == path.encode() for _, path in mine)
            folder = site.backends.git.path(repo.key)
            assert not list(folder.rglob("*.lock"))
            on_disk = _git(folder, "rev-parse", "refs/heads/main")
            assert on_disk == hub.repos.head_sha(repo)
    site.close()


def _git(folder, *words: str) -> str:
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

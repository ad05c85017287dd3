"""Pushes and LFS uploads through a kill: what git was told is there, and the next push works."""

import os
import random
import subprocess
import time

import httpx
import pytest

from etabli.cli import fsck
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import HubProcess, etabli

KILLS = 12


@pytest.fixture
def hub(tmp_path):
    process = HubProcess(tmp_path / "data")
    yield process
    if process.is_up:
        process.kill()


def git(folder, *words, check=True):
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "http.postBuffer=65536")
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"}
    command = ["git", "-C", str(folder), *who, *words]
    return subprocess.run(command, env=environment, check=check, capture_output=True, text=True)


@pytest.mark.slow
def test_a_push_is_there_or_it_is_not(hub, tmp_path):
    etabli(hub.data_dir, "users", "add", "alice", "--no-password")
    token = etabli(hub.data_dir, "tokens", "add", "alice")
    url = hub.start()
    headers = {"Authorization": f"Bearer {token}"}
    httpx.post(f"{url}/api/repos/create", json={"name": "box"}, headers=headers).raise_for_status()
    clone = tmp_path / "clone"
    git(tmp_path, "clone", _address(url, token), str(clone))
    dice, outcomes = random.Random(20261125), []
    for number in range(KILLS):
        for part in range(2):
            (clone / f"{number}-{part}.txt").write_text(dice.randbytes(400_000).hex())
        git(clone, "add", ".")
        git(clone, "commit", "-m", str(number))
        outcomes.append(_push_and_kill(hub, clone, _address(url, token), dice.uniform(0.05, 1.2)))
        url = hub.start()
        mine = git(clone, "rev-parse", "HEAD").stdout.strip()
        theirs = git(clone, "ls-remote", _address(url, token), "main").stdout.split()[0]
        assert theirs == mine or not outcomes[-1], "acknowledged and lost"
        assert theirs == mine or theirs == git(clone, "rev-parse", "HEAD~1").stdout.strip()
        git(clone, "push", _address(url, token), "main")
    assert len(set(outcomes)) == 2, "always too early, or always too late: it says nothing"
    hub.stop()
    site = Site(Settings(data_dir=hub.data_dir))
    assert [str(fault) for fault in fsck.faults(site, thorough=True)] == []
    site.close()


def _push_and_kill(hub: HubProcess, clone, address: str, life_s: float) -> bool:
    """Whether git was told that the push has been taken in."""
    push = subprocess.Popen(
        ["git", "-C", str(clone), "-c", "http.postBuffer=65536", "push", address, "main"],
        env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(life_s)
    hub.kill()
    return push.wait(timeout=60) == 0


def _address(url: str, token: str) -> str:
    return url.replace("://", f"://alice:{token}@") + "/alice/box"

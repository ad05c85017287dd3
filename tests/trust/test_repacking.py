"""Kill a repack at random moments: all is there, and the next one does what it left undone."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from etabli.cli import fsck
from etabli.features.git import AddFile
from etabli.features.git.packs import pack_folder
from etabli.features.git.repack import MAX_PACKS, packs_of
from etabli.features.repos import RepoType
from etabli.operations import commits

KILLS = 20
_PROGRAM = """
import sys
from pathlib import Path
from etabli.features.git import GitStore
store = GitStore(Path(sys.argv[1]))
print("now", flush=True)
store.repack(sys.argv[2])
print("done", flush=True)
"""


@pytest.mark.slow
def test_a_killed_repack_loses_nothing(site, alice):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "box")
    folder, dice, kept, ends = site.backends.git.path(repo.key), random.Random(3), {}, []
    for kill in range(KILLS):
        while len(packs_of(folder)) <= MAX_PACKS:
            path = f"{len(kept)}.bin"
            kept[path] = dice.randbytes(30_000)
            commits.commit(site, alice, repo, "main", [AddFile(path, kept[path])], path)
        ends.append(_repack_and_kill(site, repo, dice.uniform(0, 0.12), whole_group=kill % 2))
        assert [str(fault) for fault in fsck.faults(site, thorough=True)] == []
        with site.read_hub() as hub:
            snapshot = hub.repos.snapshot(repo)
            assert all(snapshot.read(path) == content for path, content in kept.items())
    assert True in ends, "never too late: it says nothing"
    assert False in ends, "never too early: it says nothing"

    site.backends.git.repack(repo.key)
    assert len(packs_of(folder)) <= MAX_PACKS
    _make_old(site)
    site.backends.git.clear_leftovers(repo.key)
    site.backends.git.clear_incoming()
    assert not list(pack_folder(folder).glob("tmp_*"))
    assert not list((site.backends.git.root / "incoming").iterdir())
    assert [str(fault) for fault in fsck.faults(site, thorough=True)] == []


def _repack_and_kill(site, repo, life_s: float, *, whole_group: bool) -> bool:
    """Whether it was done before. Alone, the hub leaves git's program behind, which goes on."""
    command = [sys.executable, "-c", _PROGRAM, str(site.backends.git.root), repo.key]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "now\n"
        time.sleep(life_s)
        kill = os.killpg if whole_group else os.kill
        kill(process.pid, signal.SIGKILL)
        return process.stdout.read() == "done\n"


def _make_old(site) -> None:
    for path in site.backends.git.root.rglob("*"):
        os.utime(path, (0, 0))

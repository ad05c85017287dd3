"""Many packs become few while people read, commit and push; nothing is ever missing meanwhile."""

import os
import shutil
import subprocess
import threading
import time

import pytest
from dulwich.objects import Blob

from etabli.cli import fsck
from etabli.features.git import AddFile
from etabli.features.git.errors import RepackFailedError
from etabli.features.git.packs import HIDDEN_FOR_S, hide_packs, lock, pack_folder, try_lock
from etabli.features.git.repack import MAX_PACKS, Pack, merge, packs_of, require_all, to_merge
from etabli.features.git.store import MAX_OPEN_PACKS
from etabli.features.repos import PacksPiledUp, RefUpdate, RepoType
from etabli.foundation.durable_files import DiskFullError
from etabli.foundation.jobs import Job
from etabli.operations import commits, duplication, refs
from etabli.operations.maintenance import tidy_repositories
from etabli.server.worker import work_once

MODEL = RepoType.MODEL
MANY = MAX_PACKS + 5


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, MODEL, "alice", "box")


@pytest.fixture
def piled(site, alice, repo):
    """As `repo`, with a pack for each of many commits."""
    for number in range(MANY):
        commit(site, alice, repo, number)
    return repo


def commit(site, actor, repo, number):
    changes = [AddFile(f"{number}.txt", name(number)), AddFile("last", name(number))]
    return commits.commit(site, actor, repo, "main", changes, str(number))


def name(number):
    return f"number {number}\n".encode() * 20


def packs(site, repo):
    return packs_of(site.backends.git.path(repo.key))


def repack(site, repo):
    site.backends.git.repack(repo.key)


def read_all(site, repo, revision="main"):
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo, revision)
        assert len(list(snapshot.history())) == MANY + 1
        return {entry.path: snapshot.read(entry.path) for entry in snapshot.entries()}


def expected():
    files = {f"{number}.txt": name(number) for number in range(MANY)}
    return {**files, "last": name(MANY - 1)}


def faults(site):
    return [str(fault) for fault in fsck.faults(site, thorough=True)]


def git(folder, *words, **how):
    command = ["git", "-c", "safe.directory=*", "-C", str(folder), *words]
    return subprocess.run(command, capture_output=True, check=True, **how).stdout


def make_old(site, repo):
    for pack in pack_folder(site.backends.git.path(repo.key)).glob("*.pack"):
        os.utime(pack, (0, time.time() - HIDDEN_FOR_S - 1))


# Which


@pytest.mark.parametrize(
    ("sizes", "merged"),
    [
        ([1, 1], 2),
        ([1, 2, 4, 8], 0),
        ([1, 1, 4, 8, 100], 2),
        ([1] * 60, 60),
        ([1] * 60 + [1_000], 60),
        ([1] * 60 + [100], 61),
        ([1] * 10 + [10, 100, 150], 13),
        ([5], 0),
        ([], 0),
    ],
)
def test_the_small_ones_are_merged_and_the_large_ones_stay(sizes, merged):
    found = [Pack(str(place), size) for place, size in enumerate(sizes)]
    assert len(to_merge(found)) == merged


def test_few_packs_stay_as_they_are(site, alice, repo):
    commit(site, alice, repo, 0)
    before = packs(site, repo)
    repack(site, repo)
    assert packs(site, repo) == before


def test_all_is_there_in_one_pack(site, piled):
    repack(site, piled)
    assert len(packs(site, piled)) == 1
    assert read_all(site, piled).items() >= expected().items()
    assert faults(site) == []


def test_it_costs_little_when_done_again(site, alice, piled):
    repack(site, piled)
    (large,) = packs(site, piled)
    for number in range(MANY, 2 * MANY):
        commit(site, alice, piled, number)
    repack(site, piled)
    assert len(packs(site, piled)) <= 2
    assert faults(site) == []
    assert large.size_bytes > 0


def test_a_pack_that_lacks_an_object_replaces_none(site, piled):
    folder = pack_folder(site.backends.git.path(piled.key))
    first, second, *_ = packs(site, piled)
    with pytest.raises(RepackFailedError, match="left behind"):
        require_all(folder / f"{first.name}.idx", folder, [first, second])


# What nothing shows yet


def test_a_draft_lands_after_its_pack_was_merged(site, alice, piled):
    with site.read_hub() as hub:
        change = AddFile("drafted", b"not shown yet")
        draft = hub.repos.draft(alice, piled, "main", [change], "draft")
    repack(site, piled)
    make_old(site, piled)
    site.backends.git.clear_leftovers(piled.key)
    with site.open_hub() as hub:
        hub.repos.land(draft)
    refs.derive_refs(site, piled.key)
    with site.read_hub() as hub:
        assert hub.repos.snapshot(piled).read("drafted") == b"not shown yet"
    assert faults(site) == []


def test_what_a_deleted_branch_alone_showed_is_kept(site, alice, piled):
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, piled, "side", "main")
    drafted = commits.commit(site, alice, piled, "side", [AddFile("side", b"s")], "side")
    with site.open_hub() as hub:
        hub.refs.delete_branch(alice, piled, "side")
    repack(site, piled)
    assert drafted.commit_sha in site.backends.git.open(piled.key)


# Who reads meanwhile


@pytest.mark.parametrize("opened", ["nothing", "some", "every index"])
@pytest.mark.parametrize("gone", ["the indexes", "the packs too"])
def test_who_opened_it_before_reads_on(site, piled, opened, gone):
    reader = site.backends.git.open(piled.key)
    shas = git(reader.path, "rev-list", "--objects", "main", text=True).split()[0::1]
    shas = [sha for sha in shas if len(sha) == 40]
    if opened == "some":
        assert [reader[sha] for sha in shas[:20]]
    if opened == "every index":
        assert reader.get("1" * 40) is None
    repack(site, piled)
    if gone == "the packs too":
        make_old(site, piled)
        site.backends.git.clear_leftovers(piled.key)
        assert len(list(pack_folder(site.backends.git.path(piled.key)).glob("*.pack"))) == 1
    assert all(reader[sha].read_raw() for sha in shas)
    assert len(list(reader.walk(reader.references["refs/heads/main"].target))) == MANY + 1


def test_a_clone_under_way_gets_all(site, alice, repo):
    """The pipe is full while packs are taken away: git has read some of them, and not others."""
    for number in range(MANY):
        change = AddFile(f"{number}.bin", os.urandom(20_000))
        commits.commit(site, alice, repo, "main", [change], str(number))
    folder = site.backends.git.path(repo.key)
    head = git(folder, "rev-parse", "main", text=True).strip()
    asked = pkt(f"want {head} ofs-delta no-progress\n") + b"0000" + pkt("done\n")
    command = ["git", "-c", "safe.directory=*", "upload-pack", "--stateless-rpc", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as giver:
        giver.stdin.write(asked)
        giver.stdin.close()
        first = giver.stdout.read(100_000)
        repack(site, repo)
        assert len(packs(site, repo)) == 1
        given = first + giver.stdout.read()
    assert giver.returncode == 0
    pack = given[given.index(b"PACK") :]
    clone = site.settings.data_dir / "clone"
    git(site.settings.data_dir, "init", "-q", "--bare", str(clone))
    git(clone, "index-pack", "--stdin", "--strict", input=pack)
    assert git(clone, "rev-list", "--count", head, text=True).strip() == str(MANY + 1)


def pkt(line):
    return f"{len(line) + 4:04x}{line}".encode()


def test_a_push_under_way_finds_what_it_builds_on(site, alice, piled, tmp_path):
    """A thin pack: what it holds is the difference to objects that are being repacked."""
    folder = site.backends.git.path(piled.key)
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(folder), str(clone))
    (clone / "0.txt").write_bytes(name(0) + b"and more\n")
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    git(clone, *who, "commit", "-qam", "more")
    old, new = git(clone, "rev-parse", "HEAD~1", "HEAD", text=True).split()
    asked = f"{new}\n^{old}\n".encode()
    thin = tmp_path / "thin.pack"
    words = ("pack-objects", "--revs", "--thin", "--stdout", "-q")
    thin.write_bytes(git(clone, *words, input=asked))
    with site.backends.git.quarantine(piled.key) as arrived, thin.open("rb") as pack:
        assert arrived.target(old)
        repack(site, piled)
        arrived.index(pack, 1_000_000)
        make_old(site, piled)
        site.backends.git.clear_leftovers(piled.key)
        arrived.check()
        update = RefUpdate("refs/heads/main", old, new)
        with site.read_hub() as hub:
            targets = hub.pushes.targets(piled, arrived, [update], frozenset())
        arrived.publish()
        with site.open_hub() as hub:
            hub.pushes.land(alice, piled, [update], targets, frozenset())
    refs.derive_refs(site, piled.key)
    with site.read_hub() as hub:
        assert hub.repos.snapshot(piled).read("0.txt").endswith(b"and more\n")
    assert faults(site) == []


def test_commits_go_on_meanwhile(site, alice, piled):
    failed = []

    def go_on(branch):
        try:
            for number in range(15):
                path = f"{branch}/{number}"
                commits.commit(site, alice, piled, branch, [AddFile(path, path.encode())], path)
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    with site.open_hub() as hub:
        hub.refs.create_branch(alice, piled, "side", "main")
    threads = [threading.Thread(target=go_on, args=(branch,)) for branch in ("main", "side")]
    for thread in threads:
        thread.start()
    folder = site.backends.git.path(piled.key)
    while any(thread.is_alive() for thread in threads):
        with site.backends.git.quarantine(piled.key) as arriving:
            merged = to_merge(packs_of(folder))
            if merged:
                hide_packs(pack_folder(folder), merge(merged, arriving))
    for thread in threads:
        thread.join()
    assert failed == []
    assert faults(site) == []
    with site.read_hub() as hub:
        for branch in ("main", "side"):
            snapshot = hub.repos.snapshot(piled, branch)
            assert all(snapshot.read(f"{branch}/{n}") for n in range(15))


def test_a_copy_keeps_what_it_shares_on_disk(site, alice, piled):
    copy = duplication.duplicate(site, alice, piled, "alice", "copy", private=False)
    repack(site, piled)
    make_old(site, piled)
    site.backends.git.clear_leftovers(piled.key)
    assert read_all(site, copy).items() >= expected().items()
    repack(site, copy)
    assert len(packs(site, copy)) == len(packs(site, piled)) == 1
    second = duplication.duplicate(site, alice, piled, "alice", "second", private=False)
    assert read_all(site, second).items() >= expected().items()
    assert faults(site) == []


def test_while_a_backup_runs_no_pack_goes(site, piled):
    before = set(packs(site, piled))
    with site.backends.git.all_packs_stay():
        repack(site, piled)
        assert before <= set(packs(site, piled))
    repack(site, piled)
    assert len(packs(site, piled)) == 1


def test_of_two_that_repack_one_does(site, piled):
    folder = site.backends.git.path(piled.key)
    with try_lock(folder / "objects") as is_mine:
        assert is_mine
        repack(site, piled)
        assert len(packs(site, piled)) == MANY + 1
    repack(site, piled)
    assert len(packs(site, piled)) == 1


def test_a_thousand_packs_are_not_a_thousand_open_files(site, repo):
    """Until they are repacked, or when they cannot be. A process may often open 1024 files."""
    blobs = [Blob.from_string(name(number)) for number in range(MAX_OPEN_PACKS + 50)]
    for blob in blobs:
        site.backends.git.write_pack(repo.key, [blob])
    reader = site.backends.git.open(repo.key)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(2):
        assert all(reader[blob.id.decode()].data == blob.data for blob in blobs)
    assert len(os.listdir("/proc/self/fd")) - before <= MAX_OPEN_PACKS


# What is left on disk


def test_packs_are_hidden_for_an_hour_then_deleted(site, piled):
    folder = pack_folder(site.backends.git.path(piled.key))
    repack(site, piled)
    site.backends.git.clear_leftovers(piled.key)
    assert len(list(folder.glob("*.pack"))) == MANY + 2
    assert len(list(folder.glob("*.idx"))) == 1
    make_old(site, piled)
    site.backends.git.clear_leftovers(piled.key)
    assert len(list(folder.glob("*.pack"))) == 1
    assert read_all(site, piled).items() >= expected().items()


def test_those_of_an_earlier_repack_go_with_the_next(site, alice, piled):
    folder = pack_folder(site.backends.git.path(piled.key))
    repack(site, piled)
    make_old(site, piled)
    for number in range(MANY):
        commit(site, alice, piled, number)
    repack(site, piled)
    hidden = [pack for pack in folder.glob("*.pack") if not pack.with_suffix(".idx").exists()]
    assert len(hidden) <= MANY + 1, "those of the second repack only"
    assert faults(site) == []


def test_a_hidden_pack_that_comes_again_stays(site, alice, piled):
    """Whoever pushes again what was refused once sends a pack of the same name."""
    folder = pack_folder(site.backends.git.path(piled.key))
    kept = {path.name: path.read_bytes() for path in folder.glob("*")}
    repack(site, piled)
    make_old(site, piled)
    for file, content in sorted(kept.items(), reverse=True):
        (folder / file).write_bytes(content)
    site.backends.git.clear_leftovers(piled.key)
    assert {path.name for path in folder.glob("*")} >= kept.keys()
    assert faults(site) == []


def test_a_pack_to_be_kept_is_kept(site, piled):
    folder = pack_folder(site.backends.git.path(piled.key))
    kept = next(folder.glob("*.idx"))
    kept.with_suffix(".keep").touch()
    repack(site, piled)
    assert kept.exists()
    assert len(list(folder.glob("*.idx"))) == 2


def test_without_room_nothing_is_tried(site, piled, monkeypatch):
    real = shutil.disk_usage
    little = lambda path: real(path)._replace(free=1000)  # noqa: E731
    monkeypatch.setattr("shutil.disk_usage", little)
    with pytest.raises(DiskFullError):
        repack(site, piled)
    assert len(packs(site, piled)) == MANY + 1
    assert not list((site.backends.git.root / "incoming").iterdir())


# When


def test_the_worker_does_it_once_packs_have_piled_up(site, piled):
    work(site, "short")
    assert waiting(site, "repack") == 1
    assert len(packs(site, piled)) == MANY + 1
    work(site, "upkeep")
    assert waiting(site, "repack") == 0
    assert len(packs(site, piled)) == 1


def test_it_waits_once_however_many_pushes_there_are(site, alice, piled):
    work(site, "short")
    for number in range(3):
        commit(site, alice, piled, number)
    work(site, "short")
    assert waiting(site, "repack") == 1
    with site.read_hub() as hub:
        assert hub.jobs.awaits(PacksPiledUp(piled.key))
        assert not hub.jobs.awaits(PacksPiledUp("another"))


def test_upkeep_finds_what_was_missed(site, alice, piled):
    with site.open_hub() as hub:
        lost = hub.repos.create(alice, MODEL, "alice", "lost")
    site.backends.git.delete(lost.key)
    tidy_repositories(site)
    assert len(packs(site, piled)) == 1
    make_old(site, piled)
    tidy_repositories(site)
    assert len(list(pack_folder(site.backends.git.path(piled.key)).glob("*.pack"))) == 1


def test_upkeep_goes_on_after_a_repository_that_it_cannot_repack(site, alice, piled, caplog):
    broken = packs(site, piled)[3].name
    folder = pack_folder(site.backends.git.path(piled.key))
    (folder / f"{broken}.pack").write_bytes(b"PACK")
    tidy_repositories(site)
    assert "could not be made fewer" in caplog.text
    assert len(packs(site, piled)) == MANY + 1


def test_of_a_deleted_repository_nothing_is_repacked(site, alice, piled):
    site.backends.git.delete(piled.key)
    repack(site, piled)
    site.backends.git.clear_leftovers(piled.key)


def work(site, lane):
    while work_once(site, lane):
        pass


def waiting(site, reaction):
    with site.read_hub() as hub:
        return hub.work.db.query(Job).filter(Job.reaction == reaction).count()


def test_locks_are_held_together_or_alone(tmp_path):
    with lock(tmp_path), lock(tmp_path), try_lock(tmp_path) as alone:
        assert not alone
    with try_lock(tmp_path) as alone, try_lock(tmp_path) as second:
        assert (alone, second) == (True, False)

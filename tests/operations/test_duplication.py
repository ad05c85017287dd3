"""Copies of repositories: whole, or not there."""

import hashlib
import os
import time
from dataclasses import replace

import pytest

from etabli.features.blobs import Quota, QuotaReachedError
from etabli.features.git import AddFile, GitStore
from etabli.features.git.store import LEFTOVER_AGE_S, UNFINISHED
from etabli.features.repos import (
    Repo,
    RepoExistsError,
    RepoNotFoundError,
    RepoType,
)
from etabli.foundation.db import DatabaseDownError
from etabli.operations import commits, duplication
from etabli.operations.maintenance import tidy_repositories

LARGE = b"large"
SHA256 = hashlib.sha256(LARGE).hexdigest()


@pytest.fixture
def source(site, alice) -> Repo:
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "source")
    changes = [AddFile("a.txt", b"1"), AddFile("w.bin", LARGE)]
    commits.commit(site, alice, repo, "main", changes, "one")
    return repo


@pytest.fixture
def between(monkeypatch):
    """Let something happen after the objects are copied, and before the copy is true."""

    def happens(deed):
        real = GitStore.copy_objects

        def copy(self, source, target):
            real(self, source, target)
            deed()

        monkeypatch.setattr(GitStore, "copy_objects", copy)

    return happens


def folders(site) -> set[str]:
    return set(site.backends.git.keys())


def duplicate(site, alice, source) -> Repo:
    return duplication.duplicate(site, alice, source, "alice", "copy", private=False)


def marks(site) -> list:
    return list(site.backends.git.root.glob(f"??/*.git/{UNFINISHED}"))


def test_a_copy_has_all_of_it(site, alice, source):
    copy = duplicate(site, alice, source)
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(copy)
        assert (snapshot.read("a.txt"), snapshot.read("w.bin")) == (b"1", LARGE)
    assert marks(site) == []
    assert folders(site) == {source.key, copy.key}


def test_nothing_stays_when_the_name_is_taken_meanwhile(site, alice, source, between):
    def take():
        with site.open_hub() as hub:
            hub.repos.create(alice, RepoType.MODEL, "alice", "copy")

    between(take)
    with pytest.raises(RepoExistsError):
        duplicate(site, alice, source)
    with site.read_hub() as hub:
        assert folders(site) == set(hub.repos.keys())


def test_nothing_stays_when_the_source_goes_meanwhile(site, alice, source, between):
    def delete():
        with site.open_hub() as hub:
            hub.repos.delete(alice, source)

    between(delete)
    with pytest.raises(RepoNotFoundError):
        duplicate(site, alice, source)
    assert folders(site) == {source.key}  # which the worker clears


def test_nothing_stays_when_it_may_no_longer_be_read(site, alice, bob, source, between):
    def hide():
        with site.open_hub() as hub:
            hub.repos.set_private(alice, source, True)

    between(hide)
    with pytest.raises(RepoNotFoundError):
        duplication.duplicate(site, bob, source, "bob", "copy", private=False)
    assert folders(site) == {source.key}


def test_nothing_stays_without_room(site, alice, source):
    site.backends = replace(site.backends, quota=Quota(6))
    with pytest.raises(QuotaReachedError):
        duplicate(site, alice, source)
    assert folders(site) == {source.key}
    with site.read_hub() as hub:
        assert len(hub.repos.keys()) == 1


def test_what_a_kill_leaves_goes_with_the_upkeep(site, alice, source):
    store = site.backends.git
    with pytest.raises(DatabaseDownError), store.unfinished("ab" * 16):
        store.create("ab" * 16)
        raise DatabaseDownError  # nobody can say whether it was kept: so it stays for now
    tidy_repositories(site)
    assert "ab" * 16 in folders(site)
    make_old(site)
    tidy_repositories(site)
    assert folders(site) == {source.key}


def test_what_was_kept_before_the_kill_stays(site, alice, source):
    mark = site.backends.git.path(source.key) / UNFINISHED
    mark.touch()
    make_old(site)
    tidy_repositories(site)
    assert folders(site) == {source.key}
    assert not mark.exists()


def make_old(site):
    for mark in marks(site):
        then = time.time() - LEFTOVER_AGE_S - 1
        os.utime(mark, (then, then))


def test_sharing_asks_again_when_it_is_done(site, alice, bob, source):
    with site.open_hub() as hub:
        hub.repos.create(bob, RepoType.MODEL, "bob", "taker")
    target = (RepoType.MODEL, "bob/taker")
    assert duplication.share(site, bob, source, target, [SHA256]) == {}
    assert set(duplication.share(site, bob, source, target, ["0" * 64])) == {"0" * 64}
    with site.open_hub() as hub:
        hub.repos.set_private(alice, source, True)
    with pytest.raises(RepoNotFoundError):
        duplication.share(site, bob, source, target, [SHA256])

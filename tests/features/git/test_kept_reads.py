"""What was read of a commit is kept, within bounds, and only for who reads that repository."""

import shutil

import pytest

from etabli.features.git import AddFile, DamagedRepoError, EntryNotFoundError, GitStore, kept_reads
from etabli.features.repos import RepoType
from etabli.foundation.lru import LruCache


@pytest.fixture
def bert(hub, alice):
    return hub.repos.create(alice, RepoType.MODEL, "alice", "bert")


def commit(hub, actor, repo, **files):
    changes = [AddFile(name, content) for name, content in files.items()]
    hub.repos.land(hub.repos.draft(actor, repo, "main", changes, "a commit"))


@pytest.fixture
def opened(monkeypatch) -> list[str]:
    """The keys of the repositories that were opened on disk."""
    keys, real = [], GitStore.open

    def counted(self, key):
        keys.append(key)
        return real(self, key)

    monkeypatch.setattr(GitStore, "open", counted)
    return keys


def all_of(snapshot):
    return (
        snapshot.find_text("readme"),
        snapshot.find("none"),
        snapshot.entries(recursive=True),
        snapshot.read("readme"),
        snapshot.commit_sha,
    )


def test_what_was_read_once_opens_no_repository_again(hub, alice, bert, opened):
    commit(hub, alice, bert, readme=b"hello")
    first = all_of(hub.repos.snapshot(bert))
    opened.clear()
    assert all_of(hub.repos.snapshot(bert)) == first
    assert opened == []


def test_the_next_commit_is_read_anew(hub, alice, bert):
    commit(hub, alice, bert, readme=b"one")
    assert hub.repos.snapshot(bert).find("later") is None
    assert len(hub.repos.snapshot(bert).entries()) == 2
    commit(hub, alice, bert, readme=b"two", later=b"")
    snapshot = hub.repos.snapshot(bert)
    assert snapshot.read("readme") == b"two"
    assert snapshot.find("later") is not None
    assert [entry.path for entry in snapshot.entries()] == [".gitattributes", "later", "readme"]


def test_what_is_kept_of_one_repository_is_none_of_another(hub, alice, bob, bert):
    """Also where both have the same name, one after the other."""
    commit(hub, alice, bert, secret=b"alice's")
    hub.repos.snapshot(bert).read("secret")
    hub.repos.delete(alice, bert)
    again = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
    with pytest.raises(EntryNotFoundError):
        hub.repos.snapshot(again).read("secret")


def test_a_list_that_was_given_away_does_not_change_what_is_kept(hub, alice, bert):
    commit(hub, alice, bert, readme=b"hello")
    hub.repos.snapshot(bert).entries().clear()
    hub.repos.snapshot(bert).entries().clear()
    assert len(hub.repos.snapshot(bert).entries()) == 2


def test_what_becomes_private_is_not_shown_to_who_has_seen_it(client, site, alice):
    with site.open_hub() as hub:
        bert = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
        commit(hub, alice, bert, readme=b"hello")
    address = "/alice/bert/resolve/main/readme"
    assert client.get(address).text == "hello"
    assert client.get("/alice/bert").status_code == 200
    with site.open_hub() as hub:
        hub.repos.set_private(alice, bert, True)
    for one in (
        address,
        "/alice/bert",
        "/api/models/alice/bert",
        "/api/models/alice/bert/tree/main",
    ):
        assert client.get(one).status_code in (401, 404)


def test_who_looks_after_the_site_reads_the_disk(hub, alice, bert):
    commit(hub, alice, bert, readme=b"hello")
    assert hub.repos.snapshot(bert).read("readme") == b"hello"
    shutil.rmtree(hub.repos._git.path(bert.key))
    assert hub.repos.snapshot(bert).read("readme") == b"hello"
    with pytest.raises(DamagedRepoError):
        hub.repos.snapshot(bert, from_disk=True)


def test_a_file_beyond_the_bound_is_not_kept(hub, alice, bert, opened):
    commit(hub, alice, bert, big=b"x" * (kept_reads.MAX_FILE_BYTES + 1))
    hub.repos.snapshot(bert).read("big")
    opened.clear()
    hub.repos.snapshot(bert).read("big")
    assert opened == [bert.key]


def test_names_that_nobody_has_fill_no_memory(hub, bert, monkeypatch):
    entries = LruCache(100_000)
    monkeypatch.setattr(kept_reads._shared, "entries", entries)
    snapshot = hub.repos.snapshot(bert)
    for number in range(1000):
        assert snapshot.find(f"{number}" * 100) is None
    assert entries.size <= 100_000
    assert 0 < len(entries) < 400

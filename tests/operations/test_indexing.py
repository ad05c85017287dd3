"""Deeds on the index that take several units of work."""

import shutil

import pytest
from sqlalchemy import update

from etabli.features.accounts import ANONYMOUS
from etabli.features.catalogue import Count, Query, Sort, UnreadableRepoError
from etabli.features.git import AddFile
from etabli.features.repos import Repo, RepoType
from etabli.operations import commits, indexing
from etabli.operations.indexing import follow_downloads, index_repo, reindex

MODEL = RepoType.MODEL


@pytest.fixture
def repos(site, alice):
    """Seven repositories, none of them indexed yet."""
    made = []
    for number in range(7):
        with site.open_hub() as hub:
            repo = hub.repos.create(alice, MODEL, "alice", f"r{number}")
        commits.commit(site, alice, repo, "main", [AddFile("README.md", b"red")], "card")
        made.append(repo)
    return made


def found(site, **query):
    with site.read_hub() as hub:
        page = hub.catalogue.search(ANONYMOUS, Query(**{"words": ["red"], **query}))
    return [item.repo.name for item in page.items]


def progress(site):
    with site.read_hub() as hub:
        return hub.catalogue.progress()


def test_one_repository_is_indexed_however_often_it_is_asked(site, repos):
    for _ in range(2):
        index_repo(site, repos[0].key)
    assert found(site) == ["r0"]


def test_git_is_read_before_anybody_writes(site, repos):
    with site.read_hub() as hub:  # which may not write
        reading = hub.catalogue.read(repos[0].key)
    shutil.rmtree(site.backends.git.path(repos[0].key))
    with site.open_hub() as hub:  # and which needs no git
        hub.catalogue.keep(repos[0].key, reading)
    assert found(site) == ["r0"]
    with pytest.raises(UnreadableRepoError, match="alice/r0"):
        index_repo(site, repos[0].key)


def test_everything_is_indexed_anew_whatever_was_there(site, repos):
    for empty in (False, True, False):
        assert sum(batch.count for batch in reindex(site, empty=empty)) == 7
        assert sorted(found(site)) == sorted(repo.name for repo in repos)
        with site.read_hub() as hub:
            assert hub.catalogue.count(ANONYMOUS, Query(type=MODEL)) == Count(7)
    assert progress(site) == ""


def test_who_was_stopped_goes_on_where_it_was(site, repos, monkeypatch):
    monkeypatch.setattr(indexing, "REINDEX_BATCH", 3)
    stopped = reindex(site)
    assert next(stopped).count == 3
    stopped.close()
    assert len(found(site)) == 3
    assert progress(site)
    assert [batch.count for batch in reindex(site)] == [3, 1]
    assert len(found(site)) == 7


def test_a_broken_repository_is_named_and_stops_none(site, repos):
    list(reindex(site))
    shutil.rmtree(site.backends.git.path(repos[2].key))
    (batch,) = reindex(site)
    assert batch.count == 6
    (fault,) = batch.broken
    assert "alice/r2" in str(fault)
    assert len(found(site)) == 7  # as it was: the card is known


def test_what_is_gone_is_forgotten(site, repos, alice):
    list(reindex(site))
    with site.open_hub() as hub:
        hub.repos.delete(alice, repos[0])
    list(reindex(site))
    with site.read_hub() as hub:
        assert hub.catalogue.orphans(10) == []
        assert hub.catalogue.count(ANONYMOUS, Query(type=MODEL)) == Count(6)
        assert hub.catalogue.count(ANONYMOUS, Query(words=["red"])) == Count(6)


def test_the_order_of_a_search_follows_the_downloads(site, repos):
    list(reindex(site))
    wanted = [3, 1, 5, 0, 2, 6, 4]
    with site.open_hub() as hub:
        for rank, number in enumerate(wanted):
            one = update(Repo).where(Repo.key == repos[number].key)
            hub.work.db.execute(one.values(downloads=(7 - rank) * 10))
    for _ in range(2):
        follow_downloads(site)
        assert found(site, sort=Sort.DOWNLOADS) == [f"r{number}" for number in wanted]

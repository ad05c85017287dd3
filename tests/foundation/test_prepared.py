"""A statement that is handed to the driver finds what SQLAlchemy finds, and fails as it fails."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import bindparam, select, text

from etabli.features.catalogue.models import IndexEntry
from etabli.features.repos import REPO_COLUMNS, Repo, RepoType
from etabli.foundation.db import DatabaseDownError, is_sqlite, rows_of
from etabli.foundation.prepared import prepared

NOW = datetime(2026, 11, 26, 12, 0, 1, 234567, tzinfo=UTC)
REPOS, ENTRIES = Repo.__table__, IndexEntry.__table__


@pytest.fixture
def repo(site):
    with site.database.transaction() as db:
        repo = Repo(
            type=RepoType.DATASET,
            namespace="alice",
            name="a\N{LATIN SMALL LETTER E WITH ACUTE}",
            full_name_key="alice/b",
            private=True,
            created_at=NOW - timedelta(hours=5),
            updated_at=NOW,
        )
        db.add(repo)
        db.flush()
        entry = {"metadata_": {"license": ["mit", None, 1.5]}, "tags": ["x", "y"], "terms": ""}
        if not is_sqlite(db):
            del entry["terms"]
            entry["terms"] = text("''::tsvector")
        db.add(
            IndexEntry(
                repo_key=repo.key, type=repo.type, is_public=False, commit_sha="c", summary="%s ?",
                derived={},
                by_updated=1, by_created=2, by_downloads=3, **entry,
            )
        )  # fmt: skip
    return repo


ALL = (
    select(*REPO_COLUMNS, ENTRIES.c.metadata, ENTRIES.c.tags, ENTRIES.c.summary)
    .outerjoin(ENTRIES, ENTRIES.c.repo_key == REPOS.c.key)
    .where(REPOS.c.type == bindparam("type"), REPOS.c.updated_at <= bindparam("until"))
    .where(REPOS.c.namespace != "100%", REPOS.c.private)
    .limit(5)
)
ASKED = {"type": RepoType.DATASET, "until": NOW}


def test_it_finds_the_same_values_of_the_same_types(site, repo):
    with site.database.reading() as db:
        [shortest] = rows_of(db, ALL, ASKED)
        [usual] = db.execute(ALL, ASKED)
    assert list(shortest) == list(usual)
    assert [type(value) for value in shortest] == [type(value) for value in usual]
    assert repo.key in shortest
    assert not prepared(ALL, site.database.reading_engine.dialect).has_lists


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "é", "' OR 1=1 --", "%s", ":name"])
def test_no_text_is_more_than_a_value(site, repo, name):
    asked = select(REPOS.c.key).where(REPOS.c.namespace == bindparam("name"))
    with site.database.reading() as db:
        assert list(rows_of(db, asked, {"name": name})) == []


def test_a_list_of_values_is_asked_in_the_usual_way(site, repo):
    asked = select(REPOS.c.key).where(REPOS.c.namespace.in_(bindparam("names", expanding=True)))
    with site.database.reading() as db:
        for names in ([], ["alice"], ["alice", "bob"]):
            assert len(rows_of(db, asked, {"names": names})) == ("alice" in names)


def test_who_writes_sees_what_was_not_flushed_yet(site, repo):
    asked = select(REPOS.c.key).where(REPOS.c.namespace == bindparam("name"))
    with site.database.transaction() as db:
        db.get(Repo, repo.key).namespace = "bob"
        assert len(rows_of(db, asked, {"name": "bob"})) == 1


def test_what_fails_has_the_name_that_it_always_has(site):
    if not site.database.is_sqlite:
        pytest.skip("PostgreSQL calls it a programming error")
    with pytest.raises(DatabaseDownError), site.database.reading() as db:
        rows_of(db, text("SELECT x FROM nowhere"), {})


def test_all_that_is_read_is_of_one_connection(site, repo):
    with site.database.reading() as db:
        rows_of(db, ALL, ASKED)
        db.scalar(select(Repo.key))
        assert site.database.reading_engine.pool.checkedout() == 1
    assert site.database.reading_engine.pool.checkedout() == 0

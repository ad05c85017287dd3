"""What is made of rows is kept while they say the same, and never given for others."""

from sqlalchemy import bindparam, select, update

from etabli.features.repos import Repo, RepoType
from etabli.foundation.kept_rows import made_of
from etabli.foundation.lru import LruCache

TABLE = Repo.__table__
STATEMENT = select(TABLE.c.name, TABLE.c.private, TABLE.c.updated_at).where(
    TABLE.c.namespace == bindparam("owner")
)


def made_by(site, kept, made):
    def make(row):
        made.append(tuple(row))
        return tuple(row)

    with site.read_hub() as hub:
        return made_of(hub.work.db, STATEMENT, {"owner": "alice"}, make, kept)


def test_a_row_is_made_once_and_again_when_it_changes(site, alice):
    with site.open_hub() as hub:
        key = hub.repos.create(alice, RepoType.MODEL, "alice", "bert").key
    kept, made = LruCache(10_000), []
    [first] = made_by(site, kept, made)
    [again] = made_by(site, kept, made)
    assert first is again
    name, private, updated_at = first
    assert (name, private, updated_at.tzinfo is not None) == ("bert", False, True)
    with site.open_hub() as hub:
        hub.work.db.execute(update(Repo).where(Repo.key == key).values(private=True))
    [changed] = made_by(site, kept, made)
    assert changed == ("bert", True, updated_at)
    assert made == [first, changed]


def test_rows_are_the_same_where_they_are_written(site, alice):
    with site.open_hub() as hub:
        hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
    kept = LruCache(10_000)
    with site.open_hub() as hub:
        [written] = made_of(hub.work.db, STATEMENT, {"owner": "alice"}, tuple, kept)
    [read] = made_by(site, kept, [])
    assert written == read


def test_what_is_kept_is_bounded(site, alice):
    with site.open_hub() as hub:
        for number in range(5):
            hub.repos.create(alice, RepoType.MODEL, "alice", f"bert-{number}")
    kept, made = LruCache(20), []
    assert made_by(site, kept, made) == made
    assert kept.size <= 20
    assert len(kept) < 5

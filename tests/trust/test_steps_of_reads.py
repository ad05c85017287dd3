"""How many statements the reads that everybody makes ask of the database, and in how many hops."""

from contextlib import contextmanager

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.foundation.db import Database
from etabli.operations import commits
from etabli.pools import Pool
from tests.statements import read_statements

READS = {
    "/alice/bert/resolve/main/small.txt": 1,
    "/api/models/alice/bert": 2,
    "/api/models?limit=20": 1,
    "/": 5,
    "/alice/bert": 6,
}
"""Statements of each, once the commit has been read: as many ways to PostgreSQL and back."""
SEARCH_ON_POSTGRESQL = 2
"""What a search takes there besides: its settings, and a second look."""


@pytest.fixture
def bert(site, alice):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
    changes = [AddFile("README.md", b"# Bert\n"), AddFile("small.txt", b"small")]
    commits.commit(site, alice, repo, "main", changes, "files")
    with site.open_hub() as hub:
        hub.catalogue.index(repo.key)
    return repo


@pytest.fixture
def steps(site, monkeypatch):
    """What was asked of the database; how many units of work and hops there were."""
    taken = {"units": 0, "hops": 0}

    @contextmanager
    def reading(self):
        taken["units"] += 1
        with real_reading(self) as session:
            yield session

    async def run(self, work, *args, **kwargs):
        if getattr(work, "__name__", "") != "_keep_usage_once":
            taken["hops"] += 1
        return await real_run(self, work, *args, **kwargs)

    real_reading, real_run = Database.reading, Pool.run
    monkeypatch.setattr(Database, "reading", reading)
    monkeypatch.setattr(Pool, "run", run)
    with read_statements(site) as taken["statements"]:
        yield taken


@pytest.mark.parametrize("address", READS)
def test_a_read_is_one_hop_one_unit_of_work_and_few_statements(client, bert, steps, address):
    assert client.get(address).status_code == 200
    steps |= {"units": 0, "hops": 0}
    steps["statements"].clear()
    assert client.get(address).status_code == 200
    assert (steps["units"], steps["hops"]) == (1, 1)
    searches = any(one.startswith("BEGIN; SET LOCAL") for one in steps["statements"])
    allowed = READS[address] + SEARCH_ON_POSTGRESQL * searches
    assert len(steps["statements"]) <= allowed, steps["statements"]

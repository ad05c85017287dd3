"""What the index finds is what the conditions say, in each order, on either database."""

import random
from itertools import combinations, product

import pytest

from etabli.features.catalogue import Sort
from etabli.features.catalogue import index as index_module
from etabli.features.catalogue.index import (
    MAX_ENTRIES,
    All,
    CatalogueFullError,
    Places,
    Some,
    at_least,
    holds,
    id_at,
    open_index,
    place,
)
from etabli.features.git import AddFile
from etabli.features.repos import Repo, RepoType
from etabli.operations import commits

WORDS = ("ant", "pig", "cat", "dog", "owl", "fox")


@pytest.fixture
def entries(site, alice):
    """Twenty repositories, each with some of the words; their entries' words by number."""
    draw = random.Random(7)
    said = {}
    for number in range(20):
        words = draw.sample(WORDS, draw.randint(0, len(WORDS)))
        with site.open_hub() as hub:
            repo = hub.repos.create(alice, RepoType.MODEL, "alice", f"r{number}")
        commits.commit(
            site, alice, repo, "main", [AddFile("README.md", " ".join(words).encode())], "card"
        )
        with site.open_hub() as hub:
            hub.catalogue.index(repo.key)
            said[number] = {f"w{word}" for word in words}
    return said


CONDITIONS = [
    "wcat",
    All(["wcat", "wdog"]),
    Some(["wcat", "wdog"]),
    All(["wcat", Some(["wdog", All(["wpig", "wfox"])])]),
    at_least(2, [f"w{word}" for word in WORDS[:4]]),
    at_least(3, [f"w{word}" for word in WORDS]),
    Some([]),
    All(["wcat", Some([])]),
]


def test_it_finds_what_is_meant_page_after_page(site, entries, monkeypatch):
    monkeypatch.setattr(index_module, "WALKED", 4)
    # On PostgreSQL: all at once, after a short walk, by walking only.
    for most_walked, sort, condition in product([0, 8, 10_000], Sort, CONDITIONS):
        monkeypatch.setattr(index_module, "MAX_WALKED", most_walked)
        expected = sum(holds(condition, terms) for terms in entries.values())
        with site.read_hub() as hub:
            index = open_index(hub.work.db)
            found, before = [], None
            while places := index.find(condition, sort, before, 3):
                found += places
                before = places[-1]
            terms = index.terms_of([id_at(one) for one in found])
            assert index.count(condition, 100) == expected
            assert index.count(condition, 2) == min(expected, 2)
        assert found == sorted(set(found), reverse=True)
        assert len(found) == expected
        assert all(holds(condition, terms[id_at(one)]) for one in found)


@pytest.mark.parametrize("count", range(1, 7))
def test_at_least_so_many_of_six(count):
    condition = at_least(count, WORDS)
    for size in range(7):
        for some in combinations(WORDS, size):
            assert holds(condition, set(some)) == (size >= count)


def test_places_stand_in_the_order_of_what_is_sorted_by():
    places = [place(key, id) for key in (0, 1, 2**31, 10**12) for id in (1, 2, MAX_ENTRIES - 1)]
    assert places == sorted(set(places))
    assert {id_at(one) for one in places} == {1, 2, MAX_ENTRIES - 1}
    assert max(places) < 2**63
    assert place(-5, 3) == 3


def test_the_numbers_of_entries_have_an_end():
    with pytest.raises(CatalogueFullError, match="reindex --empty"):
        Places.of(MAX_ENTRIES, Repo())

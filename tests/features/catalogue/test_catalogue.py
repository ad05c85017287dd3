import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from etabli.features.accounts import ANONYMOUS
from etabli.features.catalogue import Count, Query, Sort
from etabli.features.git import AddFile
from etabli.features.repos import Repo, RepoType
from etabli.operations import commits
from tests.old_cards import plant

MODEL, DATASET = RepoType.MODEL, RepoType.DATASET
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def make(site):
    """`make(alice, "mails", "license: mit", "Sorts mails.")`: a repository, indexed."""

    def do(actor, name, yaml="", body="", type=MODEL, private=False):
        with site.open_hub() as hub:
            repo = hub.repos.create(actor, type, actor.name, name, private=private)
        if yaml or body:
            text = f"---\n{yaml}\n---\n{body}"
            commits.commit(site, actor, repo, "main", [AddFile("README.md", text.encode())], "card")
        with site.open_hub() as hub:
            hub.catalogue.index(repo.key)
        return repo

    return do


@pytest.fixture
def find(site):
    def do(actor=ANONYMOUS, **query):
        with site.read_hub() as hub:
            page = hub.catalogue.search(actor, Query(**query))
            assert hub.catalogue.count(actor, Query(**query)) == Count(len(page.items))
        return sorted(item.repo.name for item in page.items)

    return do


def test_a_repository_is_found_by_its_name_and_by_its_card(make, find, alice):
    make(alice, "mail-sorter", "license: mit\ntags: [post]", "Sorts **messages** of customers.")
    make(alice, "other")
    for words in (["mail"], ["SORTER"], ["messages"], ["post"], ["mail", "post"], ["il-sor"]):
        assert find(words=words) == ["mail-sorter"], words
        assert find(words=words, every_word=True) == ["mail-sorter"], words
    assert find(words=["alice/mail"], every_word=True) == ["mail-sorter"]
    assert find(words=["nothing"]) == []
    assert find(words=["mail", "nothing"]) == ["mail-sorter"]
    assert find(words=["mail", "nothing"], every_word=True) == []
    assert find() == ["mail-sorter", "other"]


@pytest.mark.parametrize(
    "words",
    ["%", "_", "\\", "'", '"', "\0", "\ud800", "z" * 10_000, "*", ");--", "NOT", "w*", "terms:z"],
)
def test_signs_with_a_meaning_elsewhere_mean_themselves(make, find, alice, words):
    make(alice, "box", "license: mit", "Plain.")
    for every_word in (False, True):
        assert find(words=[words], every_word=every_word) == []
    assert find(owner=words) == []
    assert find(tags=[words]) == []


def test_all_tags_must_match(make, find, alice):
    make(alice, "both", "tags: [a, b]")
    make(alice, "one", "tags: [a]")
    assert find(tags=["a"]) == ["both", "one"]
    assert find(tags=["a", "b"]) == find(tags=["a", "b"], every_word=True) == ["both"]
    assert find(tags=["A"]) == []


def test_owner_and_type_narrow(make, find, alice, bob):
    make(alice, "a")
    make(bob, "b")
    make(bob, "d", type=DATASET)
    assert find(owner="BOB") == ["b", "d"]
    assert find(owner="bob", type=DATASET) == ["d"]
    assert find(type=MODEL) == ["a", "b"]


def test_what_is_private_is_found_by_its_owner_only(make, find, alice, bob):
    make(alice, "hidden", "tags: [secret-tag]", "secret words", private=True)
    for query in ({}, {"words": ["secret"]}, {"tags": ["secret-tag"]}, {"owner": "alice"}):
        assert find(alice, **query) == ["hidden"]
        assert find(bob, **query) == []
        assert find(ANONYMOUS, **query) == []


def test_common_tags_tell_nothing_of_what_is_private(site, make, alice):
    make(alice, "hidden", "tags: [secret-tag, a]", private=True)
    make(alice, "open", "tags: [a]")
    with site.read_hub() as hub:
        assert hub.catalogue.common_tags(ANONYMOUS, MODEL) == [("a", 1)]
        assert hub.catalogue.common_tags(alice, MODEL) == [("a", 2), ("secret-tag", 1)]


def set_columns(site, repo, **values):
    with site.open_hub() as hub:
        hub.work.db.execute(update(Repo).where(Repo.key == repo.key).values(**values))


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_show_each_repository_once_even_among_equals(site, make, alice, sort):
    for number in range(11):
        repo = make(alice, f"r{number}")
        moment = NOON + timedelta(days=number // 4)  # several at the same moment
        set_columns(site, repo, created_at=moment, updated_at=moment, downloads=number // 4)
    seen, cursor, pages = [], None, 0
    while True:
        with site.read_hub() as hub:
            page = hub.catalogue.search(ANONYMOUS, Query(sort=sort), limit=3, cursor=cursor)
        seen += [item.repo for item in page.items]
        pages += 1
        cursor = page.next_cursor
        if cursor is None:
            break
    assert pages == 4
    assert len({repo.key for repo in seen}) == len(seen) == 11
    values = [
        getattr(r, {"updated": "updated_at", "created": "created_at"}.get(sort, sort)) for r in seen
    ]
    assert values == sorted(values, reverse=True)


def test_a_page_that_is_just_full_is_the_last(site, make, alice):
    for number in range(3):
        make(alice, f"r{number}")
    with site.read_hub() as hub:
        assert hub.catalogue.search(ANONYMOUS, Query(), limit=3).next_cursor is None


def encoded(value) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "é",
        "====",
        encoded(None),
        encoded([]),
        encoded([1]),
        encoded([1, 2, 3]),
        encoded({"a": 1}),
        encoded(["not a date", "key"]),
        encoded(["2026-11-24", "key"]),
        encoded([[], {}]),
        encoded([1e999, "key"]),
        encoded([10**30, "key"]),
        encoded([-(10**30), "key"]),
        encoded(["2026-11-24T12:00:00+00:00", "\0"]),
        base64.urlsafe_b64encode(b"\xff").decode(),
    ],
)
@pytest.mark.parametrize("sort", [Sort.UPDATED, Sort.DOWNLOADS])
def test_a_cursor_that_nobody_gave_out_harms_nothing(site, make, alice, cursor, sort):
    make(alice, "box")
    with site.read_hub() as hub:
        assert len(hub.catalogue.search(ANONYMOUS, Query(sort=sort), cursor=cursor).items) <= 1


def test_an_entry_says_what_the_card_says(site, make, alice):
    make(alice, "a", "license: mit\ntags: [x]", "# Title\n\nA [linked](http://x) *word*. More.\n")
    with site.read_hub() as hub:
        (item,) = hub.catalogue.search(ANONYMOUS, Query()).items
    assert item.facts.summary == "A linked word. More."
    assert item.facts.tags == ["x", "license:mit"]
    assert item.facts.metadata == {"license": "mit", "tags": ["x"]}


@pytest.mark.parametrize(
    "text",
    [b"---\n[\n---\nHello", b"\xff\xfe", b'---\na: "\\0"\n---\nx\0y', b"x" * 2_000_000, b""],
    ids=lambda text: repr(text[:20]),
)
def test_a_card_that_cannot_be_read_stops_no_index(site, make, find, alice, text):
    repo = make(alice, "box")
    plant(site, alice, repo, text)
    with site.open_hub() as hub:
        hub.catalogue.index(repo.key)
    assert find() == ["box"]


def test_an_index_can_be_made_again(site, make, find, alice):
    repo = make(alice, "box", "tags: [old, kept]")
    commits.commit(
        site, alice, repo, "main", [AddFile("README.md", b"---\ntags: [kept]\n---\n")], "new"
    )
    for _ in range(2):
        with site.open_hub() as hub:
            hub.catalogue.index(repo.key)
    assert find(tags=["kept"]) == ["box"]
    assert find(tags=["old"]) == []
    with site.open_hub() as hub:
        hub.catalogue.forget(repo.key)
    assert find(tags=["kept"]) == []
    with site.read_hub() as hub:
        assert len(hub.catalogue.search(ANONYMOUS, Query()).items) == 1


def test_a_deleted_repository_leaves_the_catalogue(site, make, find, alice):
    repo = make(alice, "box", "tags: [a]")
    with site.open_hub() as hub:
        hub.repos.delete(alice, repo)
        hub.catalogue.index(repo.key)
    assert find(alice) == []


def test_data_and_models_made_of_it_know_each_other_as_far_as_one_may_see(site, make, alice, bob):
    data = make(alice, "mails", "license: mit", type=DATASET)
    model = make(alice, "sorter", "datasets: [alice/mails]")
    better = make(alice, "sorter-2", "base_model: alice/sorter", private=True)
    with site.read_hub() as hub:
        of_data = hub.catalogue.lineage(bob, data)
        of_model = hub.catalogue.lineage(alice, model)
        seen_by_bob = hub.catalogue.lineage(bob, model)
    assert [repo.key for repo in of_data.children] == [model.key]
    assert [repo.key for repo in of_model.parents] == [data.key]
    assert [repo.key for repo in of_model.children] == [better.key]
    assert seen_by_bob.children == []

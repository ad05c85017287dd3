"""What a search finds, in which order, and what it never tells."""

import json

import pytest

from etabli.features.accounts import ANONYMOUS, Actor, Role
from etabli.features.catalogue import Count, Query, Sort, finding, service
from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits

MODEL = RepoType.MODEL


@pytest.fixture
def make(site):
    """`make(alice, "box", "Sorts letters.")`: a repository with a card, indexed."""

    def do(actor, name, body="", *, yaml="license: mit", files=None, private=False):
        with site.open_hub() as hub:
            repo = hub.repos.create(actor, MODEL, actor.name, name, private=private)
        card = f"---\n{yaml}\n---\n{body}".encode()
        changes = [AddFile(path, content) for path, content in (files or {}).items()]
        commits.commit(site, actor, repo, "main", [AddFile("README.md", card), *changes], "card")
        with site.open_hub() as hub:
            hub.catalogue.index(repo.key)
        return repo

    return do


def found(site, actor=ANONYMOUS, limit=30, **query):
    with site.read_hub() as hub:
        page = hub.catalogue.search(actor, Query(**query), limit=limit)
    return [item.repo.name for item in page.items]


def pages(site, limit, **query):
    names, cursor = [], None
    while True:
        with site.read_hub() as hub:
            page = hub.catalogue.search(ANONYMOUS, Query(**query), limit=limit, cursor=cursor)
        names += [item.repo.name for item in page.items]
        assert len(page.items) <= limit
        cursor = page.next_cursor
        if cursor is None:
            return names


def test_the_sentence_on_the_home_page_finds_who_does_that(site, make, alice):
    make(alice, "post", "# Post\n\nIt **sorts** each incoming letter for the right department.")
    make(alice, "birds", "Names birds.")
    words = ["sort", "incoming", "letters", "by", "department"]
    assert found(site, words=words) == ["post"]
    assert found(site, words=["trier", "courrier", "par", "Départements"]) == ["post"]


def test_who_has_more_of_the_words_comes_first_and_names_before_all(site, make, alice):
    make(alice, "one", "red")
    make(alice, "all", "red green blue")
    make(alice, "two", "red green")
    make(alice, "none", "yellow")
    make(alice, "red-green-blue")
    make(alice, "credit")
    words = ["red", "green", "blue"]
    assert found(site, words=words) == ["red-green-blue", "all", "two", "one"]
    assert found(site, words=["red"]) == ["red-green-blue", "two", "all", "one", "credit"]
    assert found(site, words=words, every_word=True) == ["red-green-blue", "all"]


@pytest.mark.parametrize("ranked", [0, 500], ids=["step by step", "all at once"])
def test_pages_of_a_search_show_each_once_and_in_order(site, make, alice, monkeypatch, ranked):
    monkeypatch.setattr(finding, "MAX_RANKED", ranked)
    for number in range(9):
        make(alice, f"n{number}", "red " * (number % 2) + "green " * (number % 3) + "blue")
    words = ["red", "green", "blue"]
    whole = found(site, words=words)
    assert len(whole) == 9
    make(alice, "credit")
    assert pages(site, 2, words=["red"]) == found(site, words=["red"])
    for limit in (1, 2, 4):
        assert pages(site, limit, words=words) == whole


def test_the_whole_card_the_labels_the_replies_and_the_owner_are_searched(site, make, alice):
    body = "\n\n".join(["First.", *("filler" for _ in range(300)), "Last word: zanzibar."])
    config = json.dumps({"id2label": {"0": "card_arrival", "1": ["odd"]}}).encode()
    settings = json.dumps({"answers": {"card_arrival": "It comes in a tangerine envelope."}})
    make(alice, "box", body, files={"config.json": config, "etabli.json": settings.encode()})
    for word in ("zanzibar", "arrival", "tangerine", "envelopes", "alice", "MIT"):
        assert found(site, words=[word]) == ["box"], word


@pytest.mark.parametrize("content", [b"[", b"[[" * 60_000, b"1", b'{"id2label": 3}', b"\xff"])
def test_files_that_say_nothing_stop_no_index(site, make, alice, content):
    make(alice, "box", "Plain.", files={"config.json": content, "etabli.json": content})
    assert found(site, words=["plain"]) == ["box"]


def test_a_part_of_a_name_must_stand_in_it_as_it_is_typed(site, make, alice):
    make(alice, "abcxbcd")  # has abc and bcd, and no abcd
    assert found(site, words=["abcd"], every_word=True) == []
    make(alice, "zabcdz")
    assert found(site, words=["abcd"], every_word=True) == ["zabcdz"]


def test_a_name_is_found_before_anybody_has_indexed_it(site, alice):
    with site.open_hub() as hub:
        hub.repos.create(alice, MODEL, "alice", "fresh-one")
        hub.repos.create(alice, MODEL, "alice", "fresh-secret", private=True)
    assert found(site, words=["FRE"], every_word=True) == ["fresh-one"]
    assert sorted(found(site, alice, words=["FRE"], every_word=True)) == [
        "fresh-one",
        "fresh-secret",
    ]
    assert found(site, words=["fre"], every_word=True, owner="nobody") == []


def test_what_is_not_indexed_yet_makes_no_page_longer(site, make, alice):
    made = [make(alice, f"fresh-{number}").name for number in range(3)]
    for number in range(3, 6):
        with site.open_hub() as hub:
            made.append(hub.repos.create(alice, MODEL, "alice", f"fresh-{number}").name)
    for limit in (1, 2, 4, 10):
        names = pages(site, limit, words=["fresh"], every_word=True)
        if limit > 3:
            assert sorted(names) == made
        else:  # what does not fit on the first page is found when it is indexed
            assert set(made[:3]) < set(names)
            assert len(names) == 3 + limit


class TestWhatComesNearest:
    def nearest(self, site, actor=ANONYMOUS, **query):
        with site.read_hub() as hub:
            return [one.repo.name for one in hub.catalogue.nearest(actor, Query(**query))]

    def test_is_spelled_nearly_so(self, site, make, alice, bob):
        make(alice, "sentiment-fr")
        make(alice, "birds")
        make(alice, "sentiment-secret", private=True)
        assert self.nearest(site, words=["sentimnt"]) == ["sentiment-fr"]
        assert self.nearest(site, bob, words=["sentimnt"]) == ["sentiment-fr"]
        assert len(self.nearest(site, alice, words=["sentimnt"])) == 2

    def test_has_the_words_without_the_choices(self, site, make, alice):
        make(alice, "box", "red", yaml="tags: [a]")
        assert found(site, words=["red"], tags=["b"]) == []
        assert self.nearest(site, words=["red"], tags=["b"]) == ["box"]

    def test_has_one_of_the_choices(self, site, make, alice):
        make(alice, "box", yaml="tags: [a]")
        assert self.nearest(site, tags=["a", "b"]) == ["box"]

    def test_is_nothing_where_nothing_is_near(self, site, make, alice):
        make(alice, "box")
        assert self.nearest(site, words=["%"]) == self.nearest(site, words=["zebra"]) == []


class TestCounts:
    def count(self, site, actor=ANONYMOUS, **query):
        with site.read_hub() as hub:
            return hub.catalogue.count(actor, Query(**query))

    def test_say_when_they_stop(self, site, make, alice, monkeypatch):
        for number in range(4):
            make(alice, f"n{number}", "red", yaml="tags: [a, b]")
        monkeypatch.setattr(service, "MAX_COUNTED", 3)
        assert self.count(site, words=["red"]) == Count(3, is_more=True)
        assert self.count(site, tags=["a", "b"]) == Count(3, is_more=True)
        assert self.count(site, owner="alice") == Count(3, is_more=True)
        assert self.count(site, tags=["a"], type=MODEL) == Count(4)  # kept, and so exact

    def test_follow_what_becomes_of_a_repository(self, site, make, alice, bob):
        repo = make(alice, "box", yaml="tags: [a, b]")
        assert self.tags(site) == {"a": 1, "b": 1}
        commits.commit(
            site, alice, repo, "main", [AddFile("README.md", b"---\ntags: [b]\n---\n")], "x"
        )
        self.index(site, repo)
        assert self.tags(site) == {"b": 1}
        with site.open_hub() as hub:
            hub.repos.set_private(alice, repo, True)
        self.index(site, repo)
        assert self.tags(site) == self.tags(site, bob) == {}
        assert self.count(site, type=MODEL) == self.count(site, bob, type=MODEL) == Count(0)
        assert self.tags(site, alice) == {"b": 1}
        assert self.count(site, alice, type=MODEL) == Count(1)
        with site.open_hub() as hub:
            hub.repos.delete(alice, repo)
        self.index(site, repo)
        assert self.tags(site, alice) == {}
        assert self.count(site, alice, type=MODEL) == Count(0)

    def test_are_the_same_however_often_one_indexes(self, site, make, alice):
        repo = make(alice, "box", yaml="tags: [a]")
        for _ in range(3):
            self.index(site, repo)
        assert self.count(site, type=MODEL) == self.count(site, tags=["a"]) == Count(1)
        assert self.count(site, words=["box"]) == Count(1)

    def index(self, site, repo):
        with site.open_hub() as hub:
            hub.catalogue.index(repo.key)

    def tags(self, site, actor=ANONYMOUS):
        with site.read_hub() as hub:
            return dict(hub.catalogue.common_tags(actor, MODEL))


class TestBeforeTheIndexFollows:
    """The worker is a moment behind; readers are not."""

    QUERIES = (
        {"words": ["red"]},
        {"words": ["box"], "every_word": True},
        {"tags": ["a"]},
        {"owner": "alice", "tags": ["a"]},
        {"owner": "alice"},
        {"type": MODEL},
    )

    @pytest.fixture
    def box(self, make, alice):
        return make(alice, "box", "red", yaml="tags: [a]")

    def test_a_repository_made_private_is_gone(self, site, box, alice, bob):
        with site.open_hub() as hub:
            hub.repos.set_private(alice, box, True)
        for query in self.QUERIES:
            assert found(site, **query) == found(site, bob, **query) == []
            assert found(site, alice, **query) == ["box"]

    def test_a_deleted_repository_is_gone(self, site, box, alice):
        with site.open_hub() as hub:
            hub.repos.delete(alice, box)
        for query in self.QUERIES:
            assert found(site, alice, **query) == []

    def test_a_renamed_repository_has_its_new_name(self, site, box, alice):
        with site.open_hub() as hub:
            hub.repos.move(alice, box, "alice", "crate")
        for query in self.QUERIES:
            if not query.get("every_word"):
                assert found(site, **query) == ["crate"]
        assert found(site, words=["box"], every_word=True) in ([], ["crate"])

    def test_a_reading_that_is_behind_is_left(self, site, box, alice):
        with site.read_hub() as hub:
            old = hub.catalogue.read(box.key)
        commits.commit(site, alice, box, "main", [AddFile("README.md", b"green")], "new")
        with site.open_hub() as hub:
            hub.catalogue.index(box.key)
            hub.catalogue.keep(box.key, old)
        assert found(site, words=["green"]) == ["box"]
        assert found(site, words=["red"]) == []


def test_an_actor_of_very_many_organizations_may_search(site, make, alice):
    make(alice, "box", "red", private=True)
    roles = {f"org{number}": Role.READ for number in range(600)}
    actor = Actor("alice", {"alice": Role.ADMIN, **roles})
    assert found(site, actor, words=["red"]) == ["box"]
    assert found(site, actor, sort=Sort.DOWNLOADS) == ["box"]

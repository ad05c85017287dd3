"""A page that is kept is shown where all that it is made of is the same, and nowhere else."""

import pytest

from etabli.features.git import AddFile
from etabli.foundation.lru import LruCache
from etabli.operations import commits
from etabli.web.kit import kept_pages, rendering


@pytest.fixture
def made(monkeypatch) -> list[str]:
    """The templates that were gone through, while the clock stands still."""
    monkeypatch.setattr(kept_pages, "_pages", LruCache(1_000_000))
    monkeypatch.setattr(kept_pages.time, "time", lambda: 1_800_000_000.0)
    seen, environment = [], rendering.environment

    class Watched:
        def __init__(self, language):
            self.real = environment(language)

        def get_template(self, name):
            seen.append(name)
            template = self.real.get_template(name)

            class Once:
                def render(self, shown):
                    seen.append("made")
                    return template.render(shown)

            return Once()

    monkeypatch.setattr(rendering, "environment", Watched)
    return seen


def times_made(made):
    return made.count("made")


@pytest.mark.parametrize("address", ["/", "/alice/letters"])
def test_the_same_page_is_made_once(page_client, model, made, address):
    first = page_client.get(address)
    assert first.status_code == 200
    again = page_client.get(address)
    assert again.content == first.content
    assert again.headers["vary"] == first.headers["vary"]
    assert times_made(made) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"headers": {"Accept-Language": "fr"}},
        {"headers": {"Save-Data": "on"}},
        {"headers": {"Host": "other.localhost"}},
        {"params": {"done": "saved"}},
        {"params": {"x": "1"}},
    ],
)
def test_who_asks_otherwise_is_shown_another_page(page_client, model, made, other):
    page = page_client.get("/alice/letters").text
    assert page_client.get("/alice/letters", **other).text != page
    assert times_made(made) == 2


def test_what_is_shown_changes_with_what_it_is_made_of(page_client, site, alice, model, made):
    page_client.get("/alice/letters")
    changes = [AddFile("README.md", b"# Letters\n\nNothing is as it was.\n")]
    commits.commit(site, alice, model, "main", changes, "anew")
    assert "Nothing is as it was." in page_client.get("/alice/letters").text
    with site.open_hub() as hub:
        hub.community.open(alice, model, "A question", "?")
    page_client.get("/alice/letters")
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, model, "side", "main")
    page_client.get("/alice/letters")
    assert times_made(made) == 4


def test_a_page_made_for_its_owner_is_not_shown_to_a_stranger(page_client, site, model, made):
    with site.open_hub() as hub:
        hub.repos.set_private(hub.accounts.actor("alice"), model, True)
    page_client.post("/login", data={"name": "alice", "password": "correct horse"})
    mine = page_client.get("/alice/letters")
    home = page_client.get("/").text
    assert "Sorts letters" in mine.text
    page_client.cookies.clear()
    theirs = page_client.get("/alice/letters")
    assert theirs.status_code in (303, 401, 404)
    assert "Sorts letters" not in theirs.text
    assert "/alice/letters" in home
    assert "/alice/letters" not in page_client.get("/").text


def test_what_python_cannot_tell_apart_is_not_kept(monkeypatch):
    monkeypatch.setattr(kept_pages, "_pages", LruCache(1_000))
    made = iter(["one", "two"])
    assert kept_pages.kept_or_made(("page", object()), lambda: next(made)) == b"one"
    assert kept_pages.kept_or_made(("page", object()), lambda: next(made)) == b"two"
    assert len(kept_pages._pages) == 0


def test_what_is_kept_of_pages_is_bounded_and_ends(monkeypatch):
    monkeypatch.setattr(kept_pages, "_pages", LruCache(1_000))
    now = [1_800_000_000.0]
    monkeypatch.setattr(kept_pages.time, "time", lambda: now[0])
    for number in range(100):
        kept_pages.kept_or_made(number, lambda: "x" * 100)
    assert len(kept_pages._pages) == 10
    assert kept_pages.kept_or_made(99, lambda: "new") == b"x" * 100
    now[0] += kept_pages.KEPT_S
    assert kept_pages.kept_or_made(99, lambda: "new") == b"new"

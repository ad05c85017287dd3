"""Nobody learns from lists, counts, facets or suggestions that something private is there."""

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits
from tests.conftest import issue_token

SECRETS = ("zirconium", "zirconium-mine", "mine")
PAGES = [
    "/",
    "/models",
    "/models?q=zirconium",
    "/models?q=zirconiun",
    "/models?q=zirconium&task=text-classification",
    "/models?task=text-classification",
    "/models?license=mit&language=fr",
    "/models?author=alice",
    "/search",
    "/search?q=zirconium mine",
    "/search?q=zirc",
    "/alice",
    "/api/models",
    "/api/models?search=zirc",
    "/api/models?search=irconi&author=alice",
    "/api/models?filter=zirconium-tag",
    "/api/models?filter=license:mit&sort=downloads",
    "/api/models?author=alice&sort=createdAt",
    "/api/models?search=zirconium&expand=tags",
]
CARD = b"---\nlicense: mit\nlanguage: fr\npipeline_tag: text-classification\n\
tags: [zirconium-tag]\n---\nA zirconium mine.\n"


@pytest.fixture
def answers(site, client, alice, bob):
    """What nobody and bob are answered at each address, the question itself apart."""

    def ask():
        tokens = [None, issue_token(site, "bob")]
        return {
            (path, number): _asked(client, path, token)
            for path in PAGES
            for number, token in enumerate(tokens)
        }

    return ask


def _asked(client, path, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client.get(path, headers=headers)
    return answer.status_code, answer.text


def _hide(site, alice, *, first_public):
    with site.open_hub() as hub:
        repo = hub.repos.create(
            alice, RepoType.MODEL, "alice", "zirconium-mine", private=not first_public
        )
    commits.commit(site, alice, repo, "main", [AddFile("README.md", CARD)], "card")
    with site.open_hub() as hub:
        hub.catalogue.index(repo.key)
    if first_public:
        with site.open_hub() as hub:
            hub.repos.set_private(alice, repo, True)
        with site.open_hub() as hub:
            hub.catalogue.index(repo.key)


@pytest.mark.parametrize("first_public", [False, True], ids=["always", "since a moment ago"])
def test_answers_are_the_same_with_and_without_it(site, alice, answers, first_public):
    before = answers()
    _hide(site, alice, first_public=first_public)
    for key, answer in answers().items():
        assert answer == before[key], key


def test_whose_it_is_sees_it_everywhere(site, client, alice):
    _hide(site, alice, first_public=False)
    token = issue_token(site, "alice")
    for path in ("/models", "/models?q=zirconium", "/search?q=zirc", "/api/models?search=zirc"):
        assert "zirconium-mine" in _asked(client, path, token)[1], path

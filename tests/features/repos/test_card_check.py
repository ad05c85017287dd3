"""A README.md whose metadata nobody could read is refused, and one that was here before stays."""

import pytest

from etabli.features.git import AddFile, CopyFile, DeleteFile
from etabli.features.repos import RepoType
from etabli.features.repos.errors import BadCardError
from etabli.operations import commits
from tests.old_cards import plant

BAD = b"---\nlicense: mit\ntags: [\n---\nHello"
GOOD = b"---\nlicense: mit\n---\nHello"


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "box")


def commit(site, actor, repo, *changes):
    return commits.commit(site, actor, repo, "main", changes, "Change")


def card(site, repo):
    with site.read_hub() as hub:
        return hub.repos.snapshot(repo).find_text("README.md")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (BAD, "at line 3"),
        (b"---\n- a\n---\n", "key: value"),
        (b"---\nlicense: 3\n---\n", "“license” must be"),
        (b"---\na: &x 1\nb: *x\n---\n", "aliases"),
    ],
)
def test_what_is_no_card_is_refused(site, alice, repo, content, said):
    with pytest.raises(BadCardError, match=said) as refused:
        commit(site, alice, repo, AddFile("README.md", content), AddFile("a", b"1"))
    assert str(refused.value).startswith("README.md was not taken: ")
    assert card(site, repo) is None


@pytest.mark.parametrize(
    "content", [GOOD, b"", b"# Only words", b"---\n---\n", b"\xff\xfe", b"--- [\nnot closed"]
)
def test_all_else_is_taken(site, alice, repo, content):
    commit(site, alice, repo, AddFile("README.md", content))


def test_only_the_one_that_is_shown_is_looked_at(site, alice, repo):
    changes = [AddFile(path, BAD) for path in ("docs/README.md", "readme.md", "README.md.txt")]
    commit(site, alice, repo, *changes)


def test_an_old_one_stays_until_it_is_changed(site, alice, repo):
    plant(site, alice, repo, BAD)
    commit(site, alice, repo, AddFile("a", b"1"))
    commit(site, alice, repo, AddFile("README.md", BAD), AddFile("a", b"2"))
    with pytest.raises(BadCardError):
        commit(site, alice, repo, AddFile("README.md", BAD + b"!"))
    commit(site, alice, repo, DeleteFile("README.md"))
    with pytest.raises(BadCardError):
        commit(site, alice, repo, AddFile("README.md", BAD))
    commit(site, alice, repo, AddFile("README.md", GOOD))


def test_a_copy_counts_as_a_change(site, alice, repo):
    first = commit(site, alice, repo, AddFile("bad.md", BAD), AddFile("good.md", GOOD)).commit_sha
    with pytest.raises(BadCardError):
        commit(site, alice, repo, CopyFile("README.md", "bad.md", first))
    commit(site, alice, repo, CopyFile("README.md", "good.md", first))
    assert card(site, repo) == GOOD.decode()

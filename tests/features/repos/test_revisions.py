"""A revision is found by a few questions: as many for two thousand tags as for one."""

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RepoType, RevisionNotFoundError
from etabli.operations import commits
from tests.statements import read_statements


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "box")


@pytest.fixture
def shas(site, alice, repo):
    """Of three commits, the newest last."""
    return [
        commits.commit(site, alice, repo, "main", [AddFile(f"{n}", b"x")], f"{n}").commit_sha
        for n in range(3)
    ]


@pytest.fixture
def asked(site):
    with read_statements(site) as seen:
        yield seen


def resolve(site, repo, revision):
    with site.read_hub() as hub:
        return hub.repos.snapshot(repo, revision).commit_sha


def tag(site, actor, repo, name, revision):
    with site.open_hub() as hub:
        hub.refs.create_tag(actor, repo, name, revision)


def branch(site, actor, repo, name, revision):
    with site.open_hub() as hub:
        hub.refs.create_branch(actor, repo, name, revision)


def test_a_branch_counts_before_a_tag_and_a_tag_before_a_commit(site, alice, repo, shas):
    first, second, third = shas
    tag(site, alice, repo, first[:7], second)
    assert resolve(site, repo, first[:7]) == second
    branch(site, alice, repo, first[:7], third)
    assert resolve(site, repo, first[:7]) == third
    assert resolve(site, repo, f"refs/tags/{first[:7]}") == second
    assert resolve(site, repo, f"refs/heads/{first[:7]}") == third


@pytest.mark.parametrize("digits", [5, 12, 39, 40])
def test_a_commit_that_a_ref_leads_to_is_found(site, repo, shas, digits):
    for sha in shas:
        assert resolve(site, repo, sha[:digits]) == sha


@pytest.mark.parametrize("kind", ["branch", "tag"])
def test_by_other_refs_than_main_too(site, alice, repo, shas, kind):
    branch(site, alice, repo, "side", "main")
    old = commits.commit(site, alice, repo, "side", [AddFile("s", b"1")], "s").commit_sha
    new = commits.commit(site, alice, repo, "side", [AddFile("s", b"2")], "s").commit_sha
    if kind == "tag":
        tag(site, alice, repo, "v1", new)
        with site.open_hub() as hub:
            hub.refs.delete_branch(alice, repo, "side")
    assert resolve(site, repo, old) == old
    assert resolve(site, repo, new[:8]) == new
    if kind == "tag":
        with site.open_hub() as hub:
            hub.refs.delete_tag(alice, repo, "v1")
        for sha in (old, new):
            with pytest.raises(RevisionNotFoundError):
                resolve(site, repo, sha)


def test_a_draft_and_what_is_no_commit_are_not_found(site, alice, repo, shas):
    with site.read_hub() as hub:
        draft = hub.repos.draft(alice, repo, "main", [AddFile("d", b"draft")], "draft")
        git = site.backends.git.open(repo.key)
        tree = str(git[shas[0]].tree.id)
    for revision in (draft.commit_sha, tree, "0" * 40, "f" * 5, "", "nope", "%", "_" * 5):
        with pytest.raises(RevisionNotFoundError):
            resolve(site, repo, revision)


def test_no_list_of_refs_is_read_for_a_name(site, alice, repo, shas, asked):
    tag(site, alice, repo, "v1", shas[0])
    for revision, questions in (("main", 1), ("v1", 1), (shas[2], 2), (shas[1], 3)):
        asked.clear()
        resolve(site, repo, revision)
        selects = [statement for statement in asked if statement.startswith("SELECT")]
        assert len(selects) == questions, revision


def test_head_is_the_default_branch(site, repo, shas):
    assert resolve(site, repo, "HEAD") == shas[-1]

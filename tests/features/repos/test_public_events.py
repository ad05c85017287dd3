"""What anybody may know of repositories: all that happened in the open, and nothing private."""

import pytest
from sqlalchemy import select

from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.foundation.events import StoredEvent
from etabli.operations import commits


@pytest.fixture
def make(site, alice):
    def create(name, *, private=False):
        with site.open_hub() as hub:
            return hub.repos.create(alice, RepoType.MODEL, "alice", name, private=private)

    return create


@pytest.fixture
def do(site, alice):
    """Change a repository, as it is now: `do(repo, lambda hub, repo: …)`."""

    def change(repo, deed):
        with site.open_hub() as hub:
            return deed(hub, hub.repos.by_key(repo.key))

    return change


def public(site, after=0):
    with site.open_hub() as hub:
        hub.events.place(100)
    with site.read_hub() as hub:
        return [(event.name, event.payload) for event in hub.public_events.after(after, 100)]


def names(site):
    return [name for name, _ in public(site)]


def test_what_happens_in_the_open_is_told_in_its_order(site, alice, make, do):
    repo = make("box")
    commits.commit(site, alice, repo, "main", [AddFile("a.txt", b"a")], "Add a")
    with site.open_hub() as hub:
        hub.refs.create_tag(alice, repo, "v1", "main")
        hub.community.open(alice, repo, "Hello", "There")
        hub.community.comment(alice, repo, 1, "Again")
        hub.community.set_open(alice, repo, 1, False)
    do(repo, lambda hub, repo: hub.repos.move(alice, repo, "alice", "crate"))
    do(repo, lambda hub, repo: hub.repos.delete(alice, repo))
    told = public(site)
    assert [name for name, _ in told] == [
        "RepoCreated",
        "RevisionPushed",
        "RevisionPushed",
        "RevisionPushed",
        "DiscussionOpened",
        "CommentPosted",
        "DiscussionStatusChanged",
        "RepoMoved",
        "RepoDeleted",
    ]
    payloads = [payload for _, payload in told]
    assert payloads[0] == {"repo_key": repo.key, "type": "model", "full_name": "alice/box"}
    assert payloads[1]["new_sha"] == payloads[2]["old_sha"]
    assert payloads[3]["ref"] == "refs/tags/v1"
    assert payloads[6]["status"] == "closed"
    assert payloads[7]["old_full_name"] == "alice/box"
    assert payloads[8]["full_name"] == "alice/crate"


def test_nothing_private_is_told(site, alice, make, do):
    repo = make("secret", private=True)
    commits.commit(site, alice, repo, "main", [AddFile("a.txt", b"a")], "Add a")
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, repo, "b", "main")
        hub.refs.delete_branch(alice, repo, "b")
        hub.community.open(alice, repo, "Hello", "There")
    do(repo, lambda hub, repo: hub.repos.move(alice, repo, "alice", "secret2"))
    do(repo, lambda hub, repo: hub.repos.delete(alice, repo))
    assert public(site) == []


def test_what_is_shown_later_tells_nothing_of_before(site, alice, make, do):
    repo = make("box", private=True)
    do(repo, lambda hub, repo: hub.repos.set_private(alice, repo, False))
    do(repo, lambda hub, repo: hub.repos.set_private(alice, repo, False))
    assert names(site) == ["RepoShown"]


def test_what_is_hidden_is_told_no_more_also_once_it_is_deleted(site, alice, make, do):
    repo = make("box")
    do(repo, lambda hub, repo: hub.repos.set_private(alice, repo, True))
    assert public(site) == [("RepoHidden", {"repo_key": repo.key})]
    do(repo, lambda hub, repo: hub.repos.delete(alice, repo))
    assert names(site) == ["RepoHidden"]


def test_what_raced_with_the_hiding_is_not_told_either(site, alice, make, do):
    """A push that looked while the repository was public, and ended when it no longer was."""
    repo = make("box")
    do(repo, lambda hub, repo: hub.repos.set_private(alice, repo, True))
    with site.open_hub() as hub:
        for event in hub.work.db.scalars(select(StoredEvent).filter_by(name="RevisionPushed")):
            event.public = True
    assert names(site) == ["RepoHidden"]
    do(repo, lambda hub, repo: hub.repos.delete(alice, repo))
    assert names(site) == ["RepoHidden"]


def test_what_the_hub_does_for_itself_is_nobodys_business(site, alice, make):
    repo = make("box")
    with site.open_hub() as hub:
        hub.repos.hold_blobs(repo, {"0" * 64: 1})
    commits.commit(site, alice, repo, "main", [AddFile("a.bin", b"a" * 2000)], "Add a")
    assert set(names(site)) == {"RepoCreated", "RevisionPushed"}

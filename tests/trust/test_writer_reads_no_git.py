"""Whoever holds the writer's transaction looks through no history: everybody else waits for it."""

import hashlib

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import RefUpdate, Repo, RepoType
from etabli.operations import commits, pull_requests, pushes
from tests import packs
from tests.writer_watch import watched_writer


@pytest.fixture
def read_by_writer(monkeypatch):
    return watched_writer(monkeypatch)


@pytest.fixture
def repo(site, alice) -> Repo:
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
    for number in range(3):
        changes = [AddFile("a.txt", b"%d" % number), AddFile("w.bin", b"large %d" % number)]
        commits.commit(site, alice, repo, "main", changes, f"commit {number}")
    return repo


API = "/api/models/alice/bert"
SHA256 = hashlib.sha256(b"large 2").hexdigest()


def older(site, repo) -> str:
    with site.read_hub() as hub:
        return list(hub.repos.snapshot(repo).history())[2].sha


@pytest.mark.parametrize(
    ("method", "address", "body"),
    [
        ("POST", f"{API}/duplicate", {"repository": "alice/copy"}),
        ("POST", f"{API}/super-squash/main", {"message": "less"}),
        ("POST", f"{API}/lfs-files/batch", {"deletions": {"sha": [SHA256]}}),
        (
            "POST",
            f"{API}/lfs-files/duplicate",
            {"target": {"type": "model", "name": "alice/other"}, "files": [{"sha256": SHA256}]},
        ),
        ("POST", "/api/repos/move", {"fromRepo": "alice/bert", "toRepo": "alice/moved"}),
        ("DELETE", "/api/repos/delete", {"name": "bert", "organization": "alice"}),
        ("PUT", f"{API}/settings", {"private": True}),
        ("POST", f"{API}/branch/side", {"startingPoint": "older"}),
        ("POST", f"{API}/tag/older", {"tag": "v1"}),
        ("DELETE", f"{API}/branch/gone", None),
        ("POST", f"{API}/preupload/main", {"files": [{"path": "x", "size": 1}]}),
        ("POST", f"{API}/discussions/1/merge", {}),
    ],
)
def test_deeds_on_a_repository(
    site, alice, alices_client, repo, method, address, body, read_by_writer
):
    with site.open_hub() as hub:
        hub.repos.create(alice, RepoType.MODEL, "alice", "other")
        hub.refs.create_branch(alice, repo, "gone", "main")
    pull_requests.propose(site, alice, repo, "main", [AddFile("p", b"x")], "propose")
    commits.commit(
        site, alice, repo, "main", [AddFile("b.txt", b"x")], "so that merging needs a commit"
    )
    sha = older(site, repo)
    if body and body.get("startingPoint"):
        body = {"startingPoint": sha}
    read_by_writer.clear()
    response = alices_client.request(method, address.replace("older", sha), json=body)
    assert response.status_code == 200, response.text
    assert read_by_writer == []


def test_commits_to_a_branch_and_to_a_proposal(site, alice, repo, read_by_writer):
    commits.commit(
        site, alice, repo, "main", [AddFile("c", b"1"), AddFile("c.bin", b"2")], "commit"
    )
    num = pull_requests.propose(site, alice, repo, "main", [AddFile("p", b"x")], "propose").num
    pull_requests.commit(site, alice, repo, f"refs/pr/{num}", [AddFile("q", b"x")], "more")
    pull_requests.merge(site, alice, repo, num)
    assert read_by_writer == []


def test_a_push_to_a_proposal(site, alice, repo, read_by_writer):
    num = pull_requests.propose(site, alice, repo, "main", [AddFile("p", b"x")], "propose").num
    ref, file = f"refs/pr/{num}", packs.blob(b"pushed")
    with site.read_hub() as hub:
        before = hub.repos.snapshot(repo, ref).commit_sha
    tree = packs.tree(file=file)
    commit = packs.commit(tree, before)
    update = RefUpdate(ref, before, packs.name_of(commit))
    with packs.pack([file, tree, commit]) as pack:
        pushes.push(site, alice, repo, [update], pack)
    assert read_by_writer == []
    with site.read_hub() as hub:
        assert hub.repos.snapshot(repo, ref).read("file") == b"pushed"


def test_this_page_would_notice(site, repo, read_by_writer):
    with site.open_hub() as hub:
        hub.repos.snapshot(repo, "main").read("a.txt")
    assert {"open", "__getitem__"} <= set(read_by_writer)

import os
import subprocess

import pytest
from dulwich.objects import Blob

from etabli.features.accounts import ANONYMOUS, NotAllowedError, Role, SignInNeededError
from etabli.features.git import AddFile, CopyFile, DeleteFile, DeleteFolder, EntryNotFoundError
from etabli.features.git.errors import PathClashError
from etabli.features.repos import (
    BranchMovedError,
    InvalidRefNameError,
    InvalidRepoNameError,
    RefExistsError,
    RefProtectedError,
    RepoExistsError,
    RepoNotFoundError,
    RepoType,
    RevisionNotFoundError,
)
from etabli.foundation.jobs import MAX_ATTEMPTS, Job
from etabli.operations import commits, refs
from etabli.operations.maintenance import tidy_repositories
from etabli.server.worker import PLANS, work_once

MODEL, DATASET = RepoType.MODEL, RepoType.DATASET


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, MODEL, "alice", "box")


def head(site, repo, branch="main"):
    with site.read_hub() as hub:
        return hub.repos.head_sha(repo, branch)


def snapshot(site, repo, revision="main"):
    with site.read_hub() as hub:
        return hub.repos.snapshot(repo, revision)


def paths(site, repo, revision="main"):
    files = snapshot(site, repo, revision).entries(recursive=True)
    return [e.path for e in files if not e.is_folder and e.path != ".gitattributes"]


def commit(site, actor, repo, *changes, branch="main", **options):
    return commits.commit(
        site, actor, repo, branch, changes, options.pop("message", "Change"), **options
    )


def git(site, repo, *words):
    command = ["git", "-c", "safe.directory=*", "-C", str(site.backends.git.path(repo.key)), *words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


# Repositories


def test_a_new_repository_has_one_commit_that_says_what_is_binary(site, repo):
    (entry,) = snapshot(site, repo).entries()
    assert entry.path == ".gitattributes"
    attributes = snapshot(site, repo).read(".gitattributes")
    assert b"*.safetensors filter=lfs diff=lfs merge=lfs -text" in attributes
    assert [c.title for c in snapshot(site, repo).history()] == ["initial commit"]


def test_git_itself_finds_a_new_repository_whole(site, repo):
    refs.derive_refs(site, repo.key)
    assert git(site, repo, "fsck", "--full", "--strict") == ""
    assert git(site, repo, "rev-parse", "HEAD") == head(site, repo)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a--b", "a.git", "é", "-a", "a" * 97, "a\0"]
)
def test_a_name_that_would_break_something_is_refused(site, hub, alice, name):
    with pytest.raises(InvalidRepoNameError):
        hub.repos.create(alice, MODEL, "alice", name)


@pytest.mark.parametrize("twin", ["box", "Box", "BOX"])
def test_names_that_differ_in_case_only_are_one(site, alice, repo, twin):
    with pytest.raises(RepoExistsError, match="alice/box"), site.open_hub() as hub:
        hub.repos.create(alice, MODEL, "alice", twin)


def test_a_dataset_may_be_called_as_a_model_is(site, alice, repo):
    with site.open_hub() as hub:
        assert hub.repos.create(alice, DATASET, "alice", "box").key != repo.key


def test_a_repository_is_found_whatever_the_case(site, alice, repo):
    with site.read_hub() as hub:
        assert hub.repos.get(alice, MODEL, "ALICE/Box").full_name == "alice/box"


@pytest.mark.parametrize(
    "name", ["alice/none", "alice", "", "/", "alice/box/x", "a\0/b", "\ud800/x"]
)
def test_what_is_not_there_is_not_found(hub, alice, name):
    with pytest.raises(RepoNotFoundError):
        hub.repos.get(alice, MODEL, name)


def test_one_creates_in_ones_own_namespaces_only(hub, alice, bob):
    hub.accounts.create_org("guild", "bob")
    for namespace in ("bob", "guild"):
        with pytest.raises(NotAllowedError):
            hub.repos.create(alice, MODEL, namespace, "box")
    with pytest.raises(SignInNeededError):
        hub.repos.create(ANONYMOUS, MODEL, "alice", "box")
    hub.accounts.set_member("guild", "alice", Role.WRITE)
    assert hub.repos.create(hub.accounts.actor("alice"), MODEL, "guild", "box")


def test_a_creation_that_fails_leaves_no_repository(site, alice):
    with pytest.raises(ZeroDivisionError), site.open_hub() as hub:
        hub.repos.create(alice, MODEL, "alice", "box")
        _ = 1 / 0
    with site.read_hub() as hub, pytest.raises(RepoNotFoundError):
        hub.repos.get(alice, MODEL, "alice/box")


def test_what_is_private_is_seen_by_members_only(site, alice, bob):
    with site.open_hub() as hub:
        hub.repos.create(alice, MODEL, "alice", "open")
        hub.repos.create(alice, MODEL, "alice", "hidden", private=True)
    with site.read_hub() as hub:
        for actor, seen in ((alice, {"open", "hidden"}), (bob, {"open"}), (ANONYMOUS, {"open"})):
            rows = hub.work.db.scalars(hub.repos.visible_to(actor)).all()
            assert {row.name for row in rows} == seen
        with pytest.raises(RepoNotFoundError):
            hub.repos.get(bob, MODEL, "alice/hidden")


def test_hiding_and_showing_a_repository(site, alice, bob, repo):
    with site.open_hub() as hub:
        hub.repos.set_private(alice, repo, True)
    with site.read_hub() as hub, pytest.raises(RepoNotFoundError):
        hub.repos.get(bob, MODEL, "alice/box")
    with site.open_hub() as hub:
        hub.repos.set_private(alice, repo, False)
    with site.read_hub() as hub:
        assert hub.repos.get(bob, MODEL, "alice/box")


def test_only_an_administrator_hides_moves_or_deletes(site, alice, bob, repo):
    for deed in (
        lambda hub: hub.repos.set_private(bob, repo, True),
        lambda hub: hub.repos.move(bob, repo, "bob", "box"),
        lambda hub: hub.repos.delete(bob, repo),
    ):
        with pytest.raises(NotAllowedError), site.open_hub() as hub:
            deed(hub)


def test_a_moved_repository_is_the_same_one(site, alice, repo):
    commit(site, alice, repo, AddFile("a", b"a"))
    with site.open_hub() as hub:
        hub.accounts.create_org("guild", "alice")
        moved = hub.repos.move(hub.accounts.actor("alice"), repo, "Guild", "Crate")
    assert (moved.key, moved.full_name) == (repo.key, "guild/Crate")
    assert paths(site, moved) == ["a"]
    with site.read_hub() as hub, pytest.raises(RepoNotFoundError):
        hub.repos.get(alice, MODEL, "alice/box")


def test_a_repository_moves_to_no_taken_name(site, alice, repo):
    with site.open_hub() as hub:
        hub.repos.create(alice, MODEL, "alice", "taken")
    with pytest.raises(RepoExistsError), site.open_hub() as hub:
        hub.repos.move(alice, repo, "alice", "TAKEN")


def test_a_deleted_name_can_be_taken_again_and_inherits_nothing(site, alice, repo):
    commit(site, alice, repo, AddFile("secret", b"x"))
    with site.open_hub() as hub:
        hub.repos.delete(alice, repo)
    with site.open_hub() as hub:
        again = hub.repos.create(alice, MODEL, "alice", "box")
    assert again.key != repo.key
    assert paths(site, again) == []


# Commits


def test_a_commit_adds_changes_copies_and_deletes(site, alice, repo):
    first = commit(site, alice, repo, AddFile("a/b.txt", b"1"), AddFile("c.txt", b"2"))
    commit(
        site,
        alice,
        repo,
        AddFile("c.txt", b"3"),
        CopyFile("d/e.txt", "a/b.txt", first.commit_sha),
        DeleteFile("a/b.txt"),
    )
    assert paths(site, repo) == ["c.txt", "d/e.txt"]
    assert snapshot(site, repo).read("d/e.txt") == b"1"
    assert snapshot(site, repo).read("c.txt") == b"3"
    assert git(site, repo, "fsck", "--full", "--strict") == ""


def test_a_folder_goes_with_its_last_file(site, alice, repo):
    commit(site, alice, repo, AddFile("a/b/c", b"1"))
    commit(site, alice, repo, DeleteFile("a/b/c"))
    assert snapshot(site, repo).find("a") is None


def test_a_folder_is_deleted_whole(site, alice, repo):
    commit(site, alice, repo, AddFile("a/b", b"1"), AddFile("a/c/d", b"2"), AddFile("e", b"3"))
    commit(site, alice, repo, DeleteFolder("a/"))
    assert paths(site, repo) == ["e"]


@pytest.mark.parametrize("path", ["a", "a/b", "x"])
def test_what_is_not_there_cannot_be_deleted(site, alice, repo, path):
    commit(site, alice, repo, AddFile("x/y", b"1"))
    commit(site, alice, repo, DeleteFile("x"))
    with pytest.raises(EntryNotFoundError, match="doesn't exist"):
        commit(site, alice, repo, DeleteFile(path))


def test_a_path_is_no_file_and_folder_at_once(site, alice, repo):
    commit(site, alice, repo, AddFile("a", b"1"), AddFile("d/e", b"2"))
    for path in ("a/b", "d"):
        with pytest.raises(PathClashError):
            commit(site, alice, repo, AddFile(path, b"3"))


def test_a_commit_that_changes_nothing_is_none(site, alice, repo):
    commit(site, alice, repo, AddFile("a", b"1"))
    before = head(site, repo)
    assert commit(site, alice, repo, AddFile("a", b"1")).commit_sha == before
    assert head(site, repo) == before


def test_any_bytes_come_back_as_they_were(site, alice, repo):
    content = bytes(range(256)) * 400
    commit(site, alice, repo, AddFile("any.bin", content), AddFile("empty", b""))
    with site.read_hub() as hub:
        kept = hub.repos.snapshot(repo)
        assert kept.read("any.bin") == content
        assert kept.read("empty") == b""
        assert kept.get("any.bin").size_bytes == len(content)


@pytest.mark.parametrize("message", ["", "é\n\nlong", "a\0b", "\ud800", "x" * 100_000, "\n\n"])
def test_any_message_can_be_written(site, alice, repo, message):
    commit(site, alice, repo, AddFile("a", b"1"), message=message)
    assert git(site, repo, "fsck", "--full") == ""


def test_a_commit_bears_its_authors_name(site, alice, repo):
    commit(site, alice, repo, AddFile("a", b"1"), message="Say\n\nmore")
    info = snapshot(site, repo).commit
    assert (info.author, info.title, info.message) == ("alice", "Say", "more")


def test_a_stranger_commits_nothing(site, alice, bob, repo):
    for actor, error in ((bob, NotAllowedError), (ANONYMOUS, SignInNeededError)):
        with pytest.raises(error):
            commit(site, actor, repo, AddFile("a", b"1"))


def test_a_named_parent_must_be_where_the_branch_is(site, alice, repo):
    old = head(site, repo)
    commit(site, alice, repo, AddFile("a", b"1"), parent_sha=old)
    for stale in (old, old[:8], "", "0" * 40, "zz"):
        with pytest.raises(BranchMovedError):
            commit(site, alice, repo, AddFile("b", b"1"), parent_sha=stale)
    commit(site, alice, repo, AddFile("b", b"1"), parent_sha=head(site, repo)[:7])


def test_a_draft_that_never_landed_is_not_to_be_read(site, alice, repo):
    with site.read_hub() as hub:
        draft = hub.repos.draft(alice, repo, "main", [AddFile("a", b"secret")], "never")
    assert head(site, repo) == draft.base_sha
    with pytest.raises(RevisionNotFoundError):
        snapshot(site, repo, draft.commit_sha)


# Branches, tags and revisions


def test_a_branch_starts_where_it_is_told_and_goes_its_own_way(site, alice, repo):
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, repo, "side", "main")
    commit(site, alice, repo, AddFile("a", b"1"), branch="side")
    assert paths(site, repo, "side") == ["a"]
    assert paths(site, repo) == []


def test_a_revision_is_a_branch_a_tag_or_a_commit(site, alice, repo):
    sha = commit(site, alice, repo, AddFile("a", b"1")).commit_sha
    with site.open_hub() as hub:
        hub.refs.create_tag(alice, repo, "v1", "main")
    commit(site, alice, repo, AddFile("b", b"1"))
    for revision in ("v1", "refs/tags/v1", sha, sha[:8]):
        assert snapshot(site, repo, revision).commit_sha == sha
    assert paths(site, repo, "refs/heads/main") == ["a", "b"]


@pytest.mark.parametrize(
    "revision", ["", "nope", "0" * 40, "abc", "head", "main~1", "../x", "\0", "\ud800"]
)
def test_there_is_no_such_revision(site, repo, revision):
    with pytest.raises(RevisionNotFoundError):
        snapshot(site, repo, revision)


GOOD_REFS = ["side", "a/b", "v1.0", "feature/x-1", "é", "a@b", "1", "x.lockx"]
BAD_REFS = [
    "",
    "-x",
    "/x",
    "x/",
    "a//b",
    ".x",
    "a/.b",
    "x.",
    "x.lock",
    "a.lock/b",
    "a..b",
    "a b",
    "a~b",
    "a^b",
    "a:b",
    "a?b",
    "a*b",
    "a[b",
    "a\\b",
    "a@{b",
    "@",
    "HEAD",
    "\0",
    "a\nb",
    "a\x7f",
    "\ud800",
    "x" * 201,
    "0" * 40,
]


@pytest.mark.parametrize("name", GOOD_REFS)
def test_a_ref_that_git_takes_is_taken(site, alice, repo, name):
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, repo, name, "main")
        hub.refs.create_tag(alice, repo, name, "main")
    refs.derive_refs(site, repo.key)
    assert git(site, repo, "rev-parse", f"refs/heads/{name}") == head(site, repo)
    assert git(site, repo, "check-ref-format", f"refs/heads/{name}") == ""


@pytest.mark.parametrize("name", BAD_REFS, ids=lambda name: repr(name[:20]))
def test_a_ref_that_git_would_choke_on_is_refused(site, alice, repo, name):
    with pytest.raises(InvalidRefNameError), site.open_hub() as hub:
        hub.refs.create_branch(alice, repo, name, "main")
    with pytest.raises(InvalidRefNameError), site.open_hub() as hub:
        hub.refs.create_tag(alice, repo, name, "main")


@pytest.mark.parametrize(
    ("taken", "wanted"), [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a/b", "a/b/c")]
)
def test_refs_that_no_clone_could_keep_side_by_side_clash(site, alice, repo, taken, wanted):
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, repo, taken, "main")
    with pytest.raises(RefExistsError, match=taken), site.open_hub() as hub:
        hub.refs.create_branch(alice, repo, wanted, "main")


def test_refs_that_only_begin_alike_do_not_clash(site, alice, repo):
    with site.open_hub() as hub:
        for name in ("ab", "a", "abc/d"):
            hub.refs.create_branch(alice, repo, name, "main")


def test_the_default_branch_stays(site, alice, repo):
    with pytest.raises(RefProtectedError), site.open_hub() as hub:
        hub.refs.delete_branch(alice, repo, "main")


def test_a_deleted_ref_is_gone_on_disk_too(site, alice, repo):
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, repo, "side", "main")
        hub.refs.create_tag(alice, repo, "v1", "main")
    refs.derive_refs(site, repo.key)
    with site.open_hub() as hub:
        hub.refs.delete_branch(alice, repo, "side")
        hub.refs.delete_tag(alice, repo, "v1")
    refs.derive_refs(site, repo.key)
    assert git(site, repo, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    with pytest.raises(RevisionNotFoundError), site.open_hub() as hub:
        hub.refs.delete_tag(alice, repo, "v1")


# Reading


def test_entries_come_folders_first_and_in_order(site, alice, repo):
    commit(site, alice, repo, *(AddFile(p, b"") for p in ("b", "a", "z/y", "c/d", "C")))
    assert [e.path for e in snapshot(site, repo).entries()] == [
        "c",
        "z",
        ".gitattributes",
        "C",
        "a",
        "b",
    ]
    assert [e.path for e in snapshot(site, repo).entries("z")] == ["z/y"]


@pytest.mark.parametrize("folder", ["none", "a", "a/b", "z/none", "/z", "z/"])
def test_only_a_folder_has_entries(site, alice, repo, folder):
    commit(site, alice, repo, AddFile("a", b""), AddFile("z/y", b""))
    with pytest.raises(EntryNotFoundError):
        snapshot(site, repo).entries(folder)


def test_the_last_commit_of_each_file_is_found(site, alice, repo):
    first = commit(site, alice, repo, AddFile("a", b"1"), AddFile("d/b", b"1"), message="first")
    second = commit(site, alice, repo, AddFile("a", b"2"), message="second")
    now = snapshot(site, repo)
    found = now.last_commits(now.entries())
    assert found["a"].sha == second.commit_sha
    assert found["d"].sha == first.commit_sha
    assert found[".gitattributes"].title == "initial commit"


def test_a_commit_tells_what_it_changed(site, alice, repo):
    commit(site, alice, repo, AddFile("a", b"1"), AddFile("b", b"1"))
    commit(site, alice, repo, AddFile("a", b"2"), AddFile("c", b"1"), DeleteFile("b"))
    assert sorted(snapshot(site, repo).changed_paths()) == [
        ("a", "modified"),
        ("b", "deleted"),
        ("c", "added"),
    ]


def test_text_that_is_none_is_not_read_as_text(site, alice, repo):
    commit(site, alice, repo, AddFile("binary", b"\xff\xfe"), AddFile("long", b"x" * 11))
    assert snapshot(site, repo).find_text("binary") is None
    assert snapshot(site, repo).find_text("long", at_most_bytes=10) is None
    assert snapshot(site, repo).find_text("long") == "x" * 11
    assert snapshot(site, repo).find_text("none") is None


# What is true where


def test_refs_on_disk_follow_from_the_database(site, alice, repo):
    commit(site, alice, repo, AddFile("a", b"1"))
    folder = site.backends.git.path(repo.key)
    (folder / "packed-refs").write_bytes(b"\0\xff nonsense")
    (folder / "refs/heads/main").write_text("0" * 40 + "\n")
    for lock in ("refs/heads/main.lock", "packed-refs.lock"):
        (folder / lock).touch()
    refs.recover(site)
    assert git(site, repo, "rev-parse", "main") == head(site, repo)
    os.utime(folder / "packed-refs.lock", (0, 0))
    tidy_repositories(site)
    assert not list(folder.rglob("*.lock"))


def test_a_start_looks_at_nothing_but_what_was_under_way(site, alice, repo):
    with site.open_hub() as hub:
        idle = hub.repos.create(alice, MODEL, "alice", "idle")
    while work_once(site):
        pass
    with site.read_hub() as hub:
        draft = hub.repos.draft(alice, repo, "main", [AddFile("a", b"1")], "cut short")
    with site.open_hub() as hub:
        hub.repos.land(draft)
    packed = site.backends.git.path(idle.key) / "packed-refs"
    packed.write_bytes(b"")
    assert git(site, repo, "rev-parse", "main") != head(site, repo)
    refs.recover(site)
    assert git(site, repo, "rev-parse", "main") == head(site, repo)
    assert packed.read_bytes() == b""


def test_what_the_worker_gave_up_is_put_right_at_the_next_start(site, alice, repo):
    with site.open_hub() as hub:
        hub.jobs.plan(PLANS)
        for job in hub.work.db.query(Job):
            job.attempts = MAX_ATTEMPTS
    (site.backends.git.path(repo.key) / "packed-refs").unlink(missing_ok=True)
    refs.recover(site)
    assert git(site, repo, "rev-parse", "main") == head(site, repo)


def test_a_deleted_branch_goes_from_the_disk_too(site, alice, repo):
    with site.open_hub() as hub:
        hub.refs.create_branch(alice, repo, "side", "main")
    refs.derive_refs(site, repo.key)
    assert git(site, repo, "branch", "--list", "side")
    while work_once(site):
        pass
    with site.open_hub() as hub:
        hub.refs.delete_branch(alice, repo, "side")
    while work_once(site):
        pass
    assert not git(site, repo, "branch", "--list", "side")


def test_a_recovery_survives_a_lost_folder(site, alice, repo):
    site.backends.git.delete(repo.key)
    with site.open_hub() as hub:
        other = hub.repos.create(alice, MODEL, "alice", "other")
    refs.recover(site)
    assert git(site, other, "rev-parse", "main") == head(site, other)


def test_downloads_are_added_up(site, repo):
    for count in (1, 41):
        with site.open_hub() as hub:
            hub.repos.count_downloads(repo.key, count)
    with site.read_hub() as hub:
        assert hub.repos.by_key(repo.key).downloads == 42


def test_git_does_not_open_what_a_killed_process_left_half_written(site, alice, repo):
    """Found by tests/trust/test_kill.py: git reads every `*.idx`, whatever comes before."""
    folder = site.backends.git.path(repo.key) / "objects" / "pack"
    site.backends.git.write_pack(repo.key, [Blob.from_string(b"x")])
    seen: set[str] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("os.fsync", lambda _number: seen.update(p.name for p in folder.iterdir()))
        site.backends.git.write_pack(repo.key, [Blob.from_string(b"y")])
    drafts = {name for name in seen if name.startswith("tmp_")}
    assert len(drafts) == 2
    assert not [name for name in drafts if name.endswith((".idx", ".pack"))]

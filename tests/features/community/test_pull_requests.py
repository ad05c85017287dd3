import hashlib
import struct
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from etabli.features.accounts import ANONYMOUS, NotAllowedError, SignInNeededError
from etabli.features.blobs import Holding, Quota, QuotaReachedError
from etabli.features.community import (
    AlreadyMergedError,
    DiscussionNotFoundError,
    EventType,
    PullRequestClosedError,
    Status,
)
from etabli.features.community.errors import DraftPullRequestError
from etabli.features.git import AddFile, AddPointer, DeleteFile
from etabli.features.repos import (
    BranchMovedError,
    ConflictingFilesError,
    InvalidRefNameError,
    LargeFileNotHeldError,
    NothingToMergeError,
    PushRefusedError,
    RefUpdate,
    RepoType,
    RevisionNotFoundError,
)
from etabli.foundation.errors import ConflictError
from etabli.operations import commits, duplication, pull_requests, pushes
from etabli.operations.maintenance import give_back

LARGE = b"\0weights" * 1000
NOTES = b"one\ntwo\nthree\nfour\nfive\n"


def read(site, repo, path, revision="main"):
    with site.read_hub() as hub:
        return hub.repos.snapshot(repo, revision).read(path)


def head(site, repo, revision="main"):
    with site.read_hub() as hub:
        return hub.repos.snapshot(repo, revision).commit_sha


def found(site, repo, num):
    with site.read_hub() as hub:
        return hub.community.get(repo, num)


def add(site, actor, repo, revision, **files):
    changes = [AddFile(name.replace("_", "."), content) for name, content in files.items()]
    return pull_requests.commit(site, actor, repo, revision, changes, "More")


def merge(site, people, repo, num, who="chief", comment=""):
    return pull_requests.merge(site, people[who], repo, num, comment)


class TestWhoMay:
    """The stranger has made the proposal."""

    def who(self, people, deed) -> set[str]:
        allowed = set()
        for name, actor in people.items():
            try:
                deed(actor)
                allowed.add(name)
            except (NotAllowedError, SignInNeededError):
                pass
        return allowed

    def test_propose(self, site, people, repo):
        def deed(actor):
            pull_requests.propose(site, actor, repo, "main", [AddFile("x", b"x")], "X")

        everybody = {"chief", "writer", "reader", "stranger", "other"}
        assert self.who(people, deed) == everybody

    def test_add_to_it_and_send_for_it(self, site, people, repo, propose):
        num = propose()

        def send(actor):
            with site.read_hub() as hub:
                hub.proposals.require_sender(actor, repo, f"refs/pr/{num}", proposes=False)

        def commit(actor):
            add(site, actor, repo, f"refs/pr/{num}", x=(actor.name or "").encode())

        theirs = {"chief", "writer", "stranger"}
        assert self.who(people, send) == theirs
        assert self.who(people, commit) == theirs

    def test_send_for_a_branch_and_for_a_proposal_to_come(self, site, people, repo):
        def send_to(revision, *, proposes):
            def send(actor):
                with site.read_hub() as hub:
                    hub.proposals.require_sender(actor, repo, revision, proposes=proposes)

            return self.who(people, send)

        everybody = {"chief", "writer", "reader", "stranger", "other"}
        assert send_to("main", proposes=False) == {"chief", "writer"}
        assert send_to("main", proposes=True) == everybody
        assert send_to(None, proposes=False) == everybody

    def test_merge(self, site, people, repo, propose):
        for name in people:
            num = propose("stranger", x_txt=name.encode())
            done = self.who(
                {name: people[name]}, lambda a, n=num: pull_requests.merge(site, a, repo, n)
            )
            assert bool(done) is (name in ("chief", "writer"))

    def test_push(self, site, people, repo, propose):
        names = [f"refs/pr/{propose()}", "refs/pr/9", "refs/heads/main"]
        for name, actor in people.items():
            with site.read_hub() as hub:
                pushable = hub.proposals.pushable(actor, repo, names)
            expected = {names[0]} if name in ("chief", "writer", "stranger") else set()
            assert pushable == expected

    def test_nothing_where_one_may_not_read(self, site, people, repo, propose):
        num = propose()
        with site.open_hub() as hub:
            hub.repos.set_private(people["chief"], repo, True)
        with site.read_hub() as hub:
            hidden = hub.repos.by_key(repo.key)
        with pytest.raises(NotAllowedError):
            add(site, people["stranger"], hidden, f"refs/pr/{num}", x=b"x")
        with site.read_hub() as hub:
            assert not hub.proposals.pushable(people["stranger"], hidden, [f"refs/pr/{num}"])


class TestProposing:
    def test_shows_on_its_own_ref_and_nowhere_else(self, site, repo, propose):
        before = head(site, repo)
        with site.read_hub() as hub:
            updated_at = hub.repos.by_key(repo.key).updated_at
        num = propose()
        assert read(site, repo, "notes.md", f"refs/pr/{num}").startswith(b"ONE")
        assert (read(site, repo, "notes.md"), head(site, repo)) == (NOTES, before)
        with site.read_hub() as hub:
            assert hub.repos.by_key(repo.key).updated_at == updated_at
            assert hub.repos.head_sha(repo, f"refs/pr/{num}") is None

    def test_git_finds_it_on_disk(self, site, repo, propose):
        num = propose()
        path = str(site.backends.git.path(repo.key))
        shown = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", path, "for-each-ref", "refs/pr"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert shown == f"{head(site, repo, f'refs/pr/{num}')} commit\trefs/pr/{num}\n"

    def test_begins_from_a_branch_only(self, site, people, repo, propose):
        num = propose()
        for base in ("nope", head(site, repo), f"refs/pr/{num}", "refs/tags/x"):
            with pytest.raises(RevisionNotFoundError):
                pull_requests.propose(site, people["other"], repo, base, [AddFile("x", b"")], "X")

    def test_begins_from_a_commit_of_the_branch_only(self, site, people, repo, propose):
        theirs = head(site, repo, f"refs/pr/{propose()}")
        for parent in (theirs, "0" * 40, "zzz"):
            with pytest.raises(RevisionNotFoundError):
                pull_requests.propose(
                    site,
                    people["other"],
                    repo,
                    "main",
                    [AddFile("x", b"")],
                    "X",
                    parent_sha=parent,
                )

    def test_without_a_change_it_is_a_draft(self, site, people, repo, propose):
        num = propose(notes_md=NOTES)
        assert found(site, repo, num).status is Status.DRAFT
        with pytest.raises(DraftPullRequestError):
            merge(site, people, repo, num)
        with site.open_hub() as hub:
            hub.community.set_open(people["stranger"], repo, num, True)
        with pytest.raises(NothingToMergeError):
            merge(site, people, repo, num)

    def test_takes_no_commit_once_it_is_closed(self, site, people, repo, propose):
        num = propose()
        with site.open_hub() as hub:
            hub.community.set_open(people["stranger"], repo, num, False)
        with pytest.raises(PullRequestClosedError):
            add(site, people["stranger"], repo, f"refs/pr/{num}", x=b"x")

    def test_two_commits_on_one_parent(self, site, people, repo, propose):
        num = propose()
        ref, changes = f"refs/pr/{num}", [AddFile("x", b"x")]
        seen = head(site, repo, ref)
        pull_requests.commit(site, people["stranger"], repo, ref, changes, "X", parent_sha=seen)
        with pytest.raises(BranchMovedError):
            pull_requests.commit(site, people["chief"], repo, ref, changes, "X", parent_sha=seen)

    def test_a_long_title_is_a_commit_s_and_is_shortened(self, site, repo, propose):
        assert len(found(site, repo, propose(title="x" * 999)).title) == 200

    def test_a_branch_cannot_pass_for_one(self, site, people, repo):
        with site.open_hub() as hub, pytest.raises(InvalidRefNameError):
            hub.refs.create_branch(people["chief"], repo, "refs/pr/1", "main")

    def test_a_copy_of_the_repository_has_none_of_it(self, site, people, repo, propose):
        num = propose()
        copy = duplication.duplicate(site, people["chief"], repo, "chief", "copy", private=False)
        proposed = head(site, repo, f"refs/pr/{num}")
        with site.read_hub() as hub:
            assert [ref.name for ref in hub.repos.refs(copy)] == ["refs/heads/main"]
            with pytest.raises(DiscussionNotFoundError):
                hub.community.get(copy, num)
            with pytest.raises(RevisionNotFoundError):
                hub.repos.snapshot(copy, proposed)


class TestAtOnce:
    def test_each_of_many_has_a_number_of_its_own(self, site, repo, propose):
        with ThreadPoolExecutor(6) as pool:
            nums = list(pool.map(lambda n: propose(**{f"f{n}": b"x"}), range(12)))
        assert sorted(nums) == list(range(1, 13))

    def test_commits_to_one_all_land(self, site, people, repo, propose):
        ref = f"refs/pr/{propose()}"
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(
                    lambda n: add(site, people["stranger"], repo, ref, **{f"g{n}": b""}), range(8)
                )
            )
        with site.read_hub() as hub:
            names = {entry.path for entry in hub.repos.snapshot(repo, ref).entries()}
        assert {f"g{n}" for n in range(8)} <= names

    def test_of_two_who_merge_one_does(self, site, people, repo, propose):
        num = propose()

        def try_to(who: str) -> bool:
            try:
                merge(site, people, repo, num, who)
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(try_to, ("chief", "writer"))) == [False, True]
        assert found(site, repo, num).status is Status.MERGED


class TestMerging:
    def test_moves_the_branch_forward(self, site, people, repo, propose):
        num, before = propose(), head(site, repo)
        merge(site, people, repo, num, comment="Good.")
        proposal = found(site, repo, num)
        assert head(site, repo) == proposal.merge_sha == head(site, repo, f"refs/pr/{num}")
        assert (proposal.status, proposal.merged_onto) == (Status.MERGED, before)
        with site.read_hub() as hub:
            types = [event.type for event in hub.community.events(proposal)]
        assert types == [
            EventType.COMMENT,
            EventType.COMMIT,
            EventType.COMMENT,
            EventType.STATUS,
        ]

    def test_joins_what_both_changed_elsewhere(self, site, people, repo, propose):
        num = propose(notes_md=b"ONE\ntwo\nthree\nfour\nfive\n")
        add(site, people["chief"], repo, "main", notes_md=b"one\ntwo\nthree\nfour\nFIVE\n", y=b"y")
        merge(site, people, repo, num)
        assert read(site, repo, "notes.md") == b"ONE\ntwo\nthree\nfour\nFIVE\n"
        assert read(site, repo, "y") == b"y"
        with site.read_hub() as hub:
            commit = hub.repos.snapshot(repo).commit
        assert (commit.title, commit.author, len(commit.parents)) == (
            f"Say it better (#{num})",
            "chief",
            2,
        )
        path = str(site.backends.git.path(repo.key))
        subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", path, "fsck", "--strict", "--full"], check=True
        )
        assert not list(site.backends.git.path(repo.key).glob("objects/??/*"))

    @pytest.mark.parametrize("theirs", [b"UNE\ntwo\nthree\nfour\nfive\n", None])
    def test_a_conflict_changes_nothing_and_names_the_file(
        self, site, people, repo, propose, theirs
    ):
        num = propose()
        change = AddFile("notes.md", theirs) if theirs else DeleteFile("notes.md")
        commits.commit(site, people["chief"], repo, "main", [change], "Ours")
        before = head(site, repo)
        with site.read_hub() as hub:
            assert hub.proposals.conflicts(repo, hub.community.get(repo, num)) == ["notes.md"]
        with pytest.raises(ConflictingFilesError, match=r"notes\.md"):
            merge(site, people, repo, num)
        assert (head(site, repo), found(site, repo, num).status) == (before, Status.OPEN)

    def test_with_a_branch_whose_history_was_squashed(self, site, people, repo, propose):
        num = propose()
        commits.squash(site, people["chief"], repo, "main", "Anew")
        with pytest.raises(ConflictingFilesError):
            merge(site, people, repo, num)

    def test_what_somebody_merged_by_hand(self, site, people, repo, propose):
        num = propose()
        add(site, people["chief"], repo, "main", notes_md=b"ONE\ntwo\nthree\nfour\nfive\n")
        merge(site, people, repo, num)  # the same change from both sides is no conflict
        assert found(site, repo, num).status is Status.MERGED

    def test_is_for_good(self, site, people, repo, propose):
        num = propose()
        merge(site, people, repo, num)
        with pytest.raises(PullRequestClosedError):
            merge(site, people, repo, num)
        with site.open_hub() as hub, pytest.raises(AlreadyMergedError):
            hub.community.set_open(people["chief"], repo, num, True)

    def test_a_branch_that_moves_between_is_merged_with_again(self, site, people, repo, propose):
        num = propose()
        with site.read_hub() as hub:
            drafted = hub.proposals.draft_merge(people["chief"], repo, num)
        add(site, people["chief"], repo, "main", y=b"y")
        with site.open_hub() as hub, pytest.raises(BranchMovedError):
            hub.proposals.merge(people["chief"], repo, num, drafted)

    def test_a_proposal_that_moves_between_is_not_merged_unseen(self, site, people, repo, propose):
        num = propose()
        with site.read_hub() as hub:
            drafted = hub.proposals.draft_merge(people["chief"], repo, num)
        add(site, people["stranger"], repo, f"refs/pr/{num}", evil=b"evil")
        with site.open_hub() as hub, pytest.raises(BranchMovedError):
            hub.proposals.merge(people["chief"], repo, num, drafted)


class TestPushing:
    def push(self, site, actor, repo, ref, new_sha):
        """Move a ref to what the repository has on disk, by a pack with nothing in it."""
        pack = b"PACK" + struct.pack(">II", 2, 0)
        with tempfile.TemporaryFile() as file:
            file.write(pack + hashlib.sha1(pack, usedforsecurity=False).digest())
            file.seek(0)
            pushes.push(site, actor, repo, [RefUpdate(ref, head(site, repo, ref), new_sha)], file)

    def test_to_a_commit_that_a_ref_shows(self, site, people, repo, propose):
        num, other = propose(), propose(x_txt=b"x")
        theirs = head(site, repo, f"refs/pr/{other}")
        self.push(site, people["stranger"], repo, f"refs/pr/{num}", theirs)
        assert head(site, repo, f"refs/pr/{num}") == theirs
        with site.read_hub() as hub:
            event = hub.community.events(hub.community.get(repo, num))[-1]
        assert (event.type, event.detail) == (EventType.COMMIT, theirs)

    def test_not_to_one_that_was_removed(self, site, people, repo, propose):
        num = propose()
        add(site, people["chief"], repo, "main", secret=b"oops")
        removed = head(site, repo)
        commits.squash(site, people["chief"], repo, "main", "Anew")
        with pytest.raises(PushRefusedError, match="would lead to no commit"):
            self.push(site, people["stranger"], repo, f"refs/pr/{num}", removed)

    def test_not_to_one_that_closed_meanwhile(self, site, people, repo, propose):
        num = propose()
        update = RefUpdate(f"refs/pr/{num}", head(site, repo, f"refs/pr/{num}"), head(site, repo))
        with site.open_hub() as hub:
            hub.community.set_open(people["stranger"], repo, num, False)
        with site.read_hub() as hub:
            pushed = hub.proposals.pushed_commits(repo, [update])
        with site.open_hub() as hub, pytest.raises(PullRequestClosedError):
            hub.proposals.note_pushed(people["stranger"], repo, pushed)


class TestComparing:
    def compare(self, site, repo, num):
        with site.read_hub() as hub:
            return hub.proposals.compare(repo, hub.community.get(repo, num))

    def test_lines_with_their_numbers(self, site, people, repo, propose):
        num = propose(notes_md=b"one\nTWO\nthree\nfour\nfive\n", new_txt=b"hello\n")
        add(site, people["chief"], repo, "main", later=b"no part of the proposal")
        new, notes = self.compare(site, repo, num).files
        assert (new.path, new.change) == ("new.txt", "added")
        assert (notes.path, notes.change) == ("notes.md", "modified")
        text = notes.text()
        assert (text.added, text.removed) == (1, 1)
        changed = [(line.sign, line.before, line.after, line.text) for line in text.hunks[0].lines]
        assert changed[:3] == [(" ", 1, 1, "one"), ("-", 2, None, "two"), ("+", None, 2, "TWO")]

    def test_stays_what_it_was_once_merged(self, site, people, repo, propose):
        num = propose()
        merge(site, people, repo, num)
        (file,) = self.compare(site, repo, num).files
        assert "+ONE" in file.text().patch

    def test_a_large_file_by_its_size_and_a_binary_one_by_none(self, site, repo, propose):
        num = propose(w_safetensors=LARGE, x_dat=b"\0\1\2")
        large, binary = self.compare(site, repo, num).files
        assert (large.is_large, large.after.size_bytes, large.text()) == (True, len(LARGE), None)
        assert (binary.is_large, binary.after.size_bytes, binary.text()) == (False, 3, None)
        assert "Binary files differ" in self.compare(site, repo, num).patch(10_000)

    def test_a_patch_too_long_says_what_is_missing(self, site, repo, propose):
        num = propose(a_txt=b"x\n" * 1000, b_txt=b"y\n" * 1000)
        assert self.compare(site, repo, num).patch(100).startswith("# 2 more files changed")


class TestLargeFiles:
    """What a stranger brings is held by the repository, and counts as his until it is merged."""

    def held(self, site, namespace):
        with site.read_hub() as hub:
            return hub.blobs.holdings.charged_bytes(namespace)

    def test_count_as_the_stranger_s_until_they_are_merged(self, site, people, repo, propose):
        num = propose(w_safetensors=LARGE)
        assert (self.held(site, "stranger"), self.held(site, "guild")) == (len(LARGE), 0)
        merge(site, people, repo, num)
        assert (self.held(site, "stranger"), self.held(site, "guild")) == (0, len(LARGE))

    def test_of_a_writer_are_the_repository_s_at_once(self, site, repo, propose):
        propose("writer", w_safetensors=LARGE)
        assert (self.held(site, "writer"), self.held(site, "guild")) == (0, len(LARGE))

    def test_a_stranger_with_no_room_is_refused(self, site, propose):
        site.backends = replace(site.backends, quota=Quota(10_000))
        propose(w_safetensors=LARGE)
        with pytest.raises(QuotaReachedError, match="stranger"):
            propose(v_safetensors=LARGE + LARGE)

    def test_a_repository_with_no_room_refuses_the_merge(self, site, people, repo, propose):
        num = propose(w_safetensors=LARGE)
        site.backends = replace(site.backends, quota=Quota(1_000))
        with pytest.raises(QuotaReachedError, match="guild"):
            merge(site, people, repo, num)
        assert found(site, repo, num).status is Status.OPEN

    def test_what_only_a_proposal_names_is_kept(self, site, people, repo, propose):
        num = propose(w_safetensors=LARGE)
        _age(site)
        give_back(site)
        assert read(site, repo, "w.safetensors", f"refs/pr/{num}") == LARGE

    def test_a_stranger_cannot_link_what_others_hold(self, site, people, repo):
        secret = b"\0secret" * 1000
        with site.open_hub() as hub:
            hidden = hub.repos.create(
                people["chief"], RepoType.MODEL, "guild", "hidden", private=True
            )
        commits.commit(
            site, people["chief"], hidden, "main", [AddFile("s.safetensors", secret)], "S"
        )
        pointer = AddPointer("s.safetensors", hashlib.sha256(secret).hexdigest(), len(secret))
        with pytest.raises(LargeFileNotHeldError):
            pull_requests.propose(site, people["stranger"], repo, "main", [pointer], "Give")

    def test_held_already_they_stay_the_repository_s(self, site, people, repo, propose):
        add(site, people["chief"], repo, "main", w_safetensors=LARGE)
        propose(v_safetensors=LARGE)
        assert (self.held(site, "stranger"), self.held(site, "guild")) == (0, len(LARGE))

    def test_a_writer_who_brings_them_too_takes_them_over(self, site, people, repo, propose):
        propose(w_safetensors=LARGE)
        add(site, people["chief"], repo, "main", w_safetensors=LARGE)
        assert (self.held(site, "stranger"), self.held(site, "guild")) == (0, len(LARGE))


def test_nobody_reads_what_a_proposal_of_a_hidden_repository_says(site, people):
    with site.open_hub() as hub:
        hidden = hub.repos.create(people["chief"], RepoType.MODEL, "guild", "h", private=True)
    with pytest.raises(SignInNeededError):
        pull_requests.propose(site, ANONYMOUS, hidden, "main", [AddFile("x", b"x")], "X")
    with pytest.raises(NotAllowedError):
        pull_requests.propose(site, people["stranger"], hidden, "main", [AddFile("x", b"x")], "X")


def _age(site) -> None:
    """All that is held was brought a year ago."""
    with site.open_hub() as hub:
        for link in hub.work.db.scalars(select(Holding)):
            link.held_at = link.held_at.replace(year=link.held_at.year - 1)

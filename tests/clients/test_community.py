"""Discussions and pull requests, by the real client and by git itself."""

import io
import random
import subprocess
import warnings

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, hf_hub_download
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError
from sqlalchemy import select

from etabli.features.accounts import Actor
from etabli.features.blobs import Holding
from etabli.features.repos import RepoType
from etabli.site import Site

LARGE = random.Random(3).randbytes(3_000_000)


@pytest.fixture
def repo(api, repo_id) -> str:
    api.create_repo(repo_id)
    files = {"notes.md": b"# Hello\n\nA model.\n", "config.json": b"{}\n"}
    adds = [CommitOperationAdd(path, content) for path, content in files.items()]
    api.create_commit(repo_id, adds, commit_message="Add files")
    return repo_id


def propose(api: HfApi, repo: str, path: str = "notes.md", content: bytes = b"# Hi\n", **more):
    more.setdefault("commit_message", "Say hi")
    return api.create_commit(repo, [CommitOperationAdd(path, content)], create_pr=True, **more)


def read(api: HfApi, repo: str, path: str, revision: str = "main") -> bytes:
    with open(hf_hub_download(repo, path, revision=revision, token=api.token), "rb") as file:
        return file.read()


def charged_to(site: Site, repo: str) -> list[str]:
    """Whose count the large files of a repository are in."""
    with site.read_hub() as hub:
        key = hub.repos.get(Actor("alice"), RepoType.MODEL, repo).key
        rows = hub.work.db.scalars(select(Holding).where(Holding.holder_key == key))
        return [row.charged_to for row in rows]


class TestPullRequests:
    def test_a_stranger_proposes_and_the_owner_merges(self, api, bobs_api, repo):
        info = propose(bobs_api, repo, commit_description="It is shorter.")
        assert (info.pr_num, info.pr_revision) == (1, "refs/pr/1")
        assert info.pr_url.endswith(f"{repo}/discussions/1")
        assert read(api, repo, "notes.md") == b"# Hello\n\nA model.\n"
        assert read(api, repo, "notes.md", "refs/pr/1") == b"# Hi\n"

        details = api.get_discussion_details(repo, 1)
        assert (details.title, details.author, details.status) == ("Say hi", "bob", "open")
        assert details.target_branch == "refs/heads/main"
        assert details.conflicting_files == []
        assert [event.type for event in details.events] == ["comment", "commit"]
        assert details.events[0].content == "It is shorter."
        assert details.events[1].oid == info.oid
        assert "-# Hello" in details.diff
        assert "+# Hi" in details.diff

        with pytest.raises(HfHubHTTPError) as caught:
            bobs_api.merge_pull_request(repo, 1)
        assert caught.value.response.status_code == 403
        api.merge_pull_request(repo, 1, comment="Thank you.")
        assert read(api, repo, "notes.md") == b"# Hi\n"
        details = api.get_discussion_details(repo, 1)
        assert details.status == "merged"
        assert details.merge_commit_oid == api.model_info(repo).sha == info.oid
        assert [event.type for event in details.events][2:] == ["comment", "status-change"]
        assert "-# Hello" in details.diff

    def test_more_commits_on_it_and_deletions(self, api, bobs_api, repo):
        propose(bobs_api, repo)
        changes = [CommitOperationDelete("config.json"), CommitOperationAdd("new.txt", b"new")]
        bobs_api.create_commit(repo, changes, commit_message="More", revision="refs/pr/1")
        assert "new.txt" in api.list_repo_files(repo, revision="refs/pr/1")
        assert "config.json" not in api.list_repo_files(repo, revision="refs/pr/1")
        assert [c.title for c in api.list_repo_commits(repo, revision="refs/pr/1")][:2] == [
            "More",
            "Say hi",
        ]
        assert api.get_discussion_details(repo, 1).events[-1].summary == "More"

    def test_it_is_no_branch(self, api, bobs_api, repo):
        info = propose(bobs_api, repo)
        refs = api.list_repo_refs(repo, include_pull_requests=True)
        assert [ref.name for ref in refs.branches] == ["main"]
        assert [(ref.ref, ref.target_commit) for ref in refs.pull_requests] == [
            ("refs/pr/1", info.oid)
        ]

    def test_from_an_older_commit_then_merged_with_what_came_since(self, api, bobs_api, repo):
        before = api.model_info(repo).sha
        api.create_commit(repo, [CommitOperationAdd("since.txt", b"1")], commit_message="Since")
        propose(bobs_api, repo, parent_commit=before)
        api.merge_pull_request(repo, 1)
        assert read(api, repo, "notes.md") == b"# Hi\n"
        assert read(api, repo, "since.txt") == b"1"

    def test_a_conflict_names_the_files(self, api, bobs_api, repo):
        propose(bobs_api, repo)
        ours = CommitOperationAdd("notes.md", b"# Bonjour\n")
        api.create_commit(repo, [ours], commit_message="In French")
        assert api.get_discussion_details(repo, 1).conflicting_files == ["notes.md"]
        with pytest.raises(HfHubHTTPError, match=r"notes\.md") as caught:
            api.merge_pull_request(repo, 1)
        assert caught.value.response.status_code == 409

    @pytest.mark.parametrize("way", ["path", "object"])
    def test_a_large_file_by_xet_and_by_lfs(self, running_hub, api, bobs_api, repo, tmp_path, way):
        (tmp_path / "w.safetensors").write_bytes(LARGE)
        source = tmp_path / "w.safetensors" if way == "path" else io.BytesIO(LARGE)
        with warnings.catch_warnings(action="ignore"):
            bobs_api.upload_file(
                path_or_fileobj=source,
                path_in_repo="w.safetensors",
                repo_id=repo,
                create_pr=True,
            )
        assert "w.safetensors" not in api.list_repo_files(repo)
        assert charged_to(running_hub.site, repo) == ["bob"]
        assert read(api, repo, "w.safetensors", "refs/pr/1") == LARGE
        api.merge_pull_request(repo, 1)
        assert read(api, repo, "w.safetensors") == LARGE
        assert charged_to(running_hub.site, repo) == ["alice"]

    def test_a_folder(self, api, bobs_api, repo, tmp_path):
        for number in range(5):
            (tmp_path / f"f{number}.txt").write_text(str(number))
        (tmp_path / "f.bin").write_bytes(LARGE)
        info = bobs_api.upload_folder(folder_path=tmp_path, repo_id=repo, create_pr=True)
        assert info.pr_revision == "refs/pr/1"
        assert "f4.txt" in api.list_repo_files(repo, revision="refs/pr/1")
        if api.get_discussion_details(repo, 1).status == "draft":  # clients that open it first
            bobs_api.change_discussion_status(repo, 1, "open")
        api.merge_pull_request(repo, 1)
        assert read(api, repo, "f.bin") == LARGE

    def test_an_empty_one_is_a_draft(self, api, bobs_api, repo):
        made = bobs_api.create_pull_request(repo, title="To come", description="Soon.")
        assert (made.status, made.git_reference) == ("draft", "refs/pr/1")
        with pytest.raises(HfHubHTTPError, match="still a draft"):
            api.merge_pull_request(repo, 1)
        assert [d.num for d in api.get_repo_discussions(repo, discussion_status="open")] == [1]

    def test_a_strangers_right_ends_at_his_own(self, api, bobs_api, repo):
        propose(api, repo)
        more = [CommitOperationAdd("x.txt", b"x")]
        for revision in ("main", "refs/pr/1"):
            with pytest.raises(HfHubHTTPError) as caught:
                bobs_api.create_commit(repo, more, commit_message="Mine", revision=revision)
            assert caught.value.response.status_code == 403
        with pytest.raises(RevisionNotFoundError):
            bobs_api.create_commit(repo, more, commit_message="x", revision="refs/pr/9")
        api.update_repo_settings(repo, private=True)
        with pytest.raises(RepositoryNotFoundError):
            propose(bobs_api, repo)

    def test_on_a_dataset(self, api, bobs_api, repo_id):
        api.create_repo(repo_id, repo_type="dataset")
        info = propose(bobs_api, repo_id, "data.csv", b"a,b\n", repo_type="dataset")
        assert f"datasets/{repo_id}/discussions/1" in info.pr_url
        api.merge_pull_request(repo_id, 1, repo_type="dataset")
        assert "data.csv" in api.list_repo_files(repo_id, repo_type="dataset")


class TestDiscussions:
    def test_talking(self, api, bobs_api, repo):
        made = bobs_api.create_discussion(repo, title=" A question ", description="How?")
        assert (made.num, made.title, made.is_pull_request) == (1, "A question", False)
        said = api.comment_discussion(repo, 1, "So.")
        assert (said.content, said.author, said.edited) == ("So.", "alice", False)
        edited = api.edit_discussion_comment(repo, 1, said.id, "So, and so.")
        assert (edited.content, edited.edited) == ("So, and so.", True)
        renamed = bobs_api.rename_discussion(repo, 1, "Another question")
        assert (renamed.old_title, renamed.new_title) == ("A question", "Another question")
        closed = api.change_discussion_status(repo, 1, "closed", comment="Answered.")
        assert closed.new_status == "closed"
        with warnings.catch_warnings(action="ignore"):
            hidden = api.hide_discussion_comment(repo, 1, said.id)
        assert (hidden.hidden, hidden.content) == (True, "")
        types = [event.type for event in api.get_discussion_details(repo, 1).events]
        assert types == ["comment", "comment", "title-change", "comment", "status-change"]

    def test_listing(self, api, bobs_api, repo):
        for number in range(55):
            api.create_discussion(repo, title=f"Number {number}")
        propose(bobs_api, repo)
        api.change_discussion_status(repo, 3, "closed")
        assert [d.num for d in api.get_repo_discussions(repo)] == list(range(56, 0, -1))
        only = {
            "discussion_type": ("pull_request", [56]),
            "discussion_status": ("closed", [3]),
            "author": ("bob", [56]),
        }
        for name, (value, nums) in only.items():
            found = api.get_repo_discussions(repo, **{name: value})
            assert [discussion.num for discussion in found] == nums

    def test_an_attachment_is_refused_with_a_sentence(self, api, tmp_path):
        if not hasattr(api, "upload_attachment"):
            pytest.skip("this version has none")
        (tmp_path / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")
        with pytest.raises(HfHubHTTPError, match="no attachments"):
            api.upload_attachment(tmp_path / "x.png")


class TestGit:
    @pytest.fixture
    def git(self, run, running_hub, repo, tmp_path):
        host = running_hub.endpoint.removeprefix("http://")

        def git(*words: str, who: str = "alice", **more) -> str:
            address = f"http://{who}:{running_hub.tokens[who]}@{host}/{repo}"
            words = tuple(word.replace("ADDRESS", address) for word in words)
            name = ("-c", f"user.name={who}", "-c", f"user.email={who}@example.org")
            return run("git", "-C", str(tmp_path), *name, *words, **more)

        return git

    def test_fetches_it(self, git, bobs_api, repo, tmp_path):
        info = propose(bobs_api, repo)
        assert f"{info.oid}\trefs/pr/1" in git("ls-remote", "ADDRESS")
        git("clone", "ADDRESS", "here")
        assert "refs/pr" not in git("-C", "here", "for-each-ref")
        git("-C", "here", "fetch", "origin", "refs/pr/1:refs/heads/theirs")
        assert git("-C", "here", "show", "theirs:notes.md") == "# Hi\n"

    def test_its_author_pushes_to_it_and_to_nothing_else(self, git, api, bobs_api, repo, tmp_path):
        propose(bobs_api, repo)
        git("clone", "ADDRESS", "here")
        git("-C", "here", "fetch", "origin", "refs/pr/1")
        git("-C", "here", "checkout", "FETCH_HEAD")
        (tmp_path / "here" / "more.txt").write_text("more")
        git("-C", "here", "add", "more.txt")
        git("-C", "here", "commit", "-m", "More of it", who="bob")
        push = ("-C", "here", "push", "ADDRESS")
        assert "403" in git(*push, "HEAD:refs/heads/main", who="bob", fails=True)
        assert "403" in git(*push, "HEAD:refs/pr/2", who="bob", fails=True)
        git(*push, "HEAD:refs/pr/1", who="bob")
        assert "more.txt" in api.list_repo_files(repo, revision="refs/pr/1")
        event = api.get_discussion_details(repo, 1).events[-1]
        assert (event.type, event.summary, event.author) == ("commit", "More of it", "bob")
        assert "neither a branch" in git(*push, "HEAD:refs/pr/2", fails=True)
        assert "neither a branch" in git(*push, ":refs/pr/1", fails=True)
        api.change_discussion_status(repo, 1, "closed")
        assert "403" in git(*push, "HEAD~1:refs/pr/1", "--force", who="bob", fails=True)

    def test_a_strangers_pack_is_not_taken(self, git, bobs_api, repo, tmp_path):
        git("clone", "ADDRESS", "here")
        (tmp_path / "here" / "x.txt").write_text("x")
        git("-C", "here", "add", "x.txt")
        git("-C", "here", "commit", "-m", "x")
        assert "403" in git("-C", "here", "push", "ADDRESS", "HEAD:main", who="bob", fails=True)

    def test_a_conflict_is_resolved_with_git_as_the_page_says(
        self, git, api, bobs_api, repo, tmp_path
    ):
        propose(bobs_api, repo)
        ours = CommitOperationAdd("notes.md", b"# Bonjour\n")
        api.create_commit(repo, [ours], commit_message="In French")
        git("clone", "ADDRESS", "here")
        here = ("-C", "here")
        git(*here, "fetch", "ADDRESS", "refs/pr/1", who="bob")
        git(*here, "switch", "--detach", "FETCH_HEAD")
        git(*here, "fetch", "ADDRESS", "main", who="bob")
        assert "CONFLICT" in git(*here, "merge", "FETCH_HEAD", who="bob", fails=True)
        (tmp_path / "here" / "notes.md").write_text("# Hi, bonjour\n")
        git(*here, "commit", "--all", "-m", "Both", who="bob")
        git(*here, "push", "ADDRESS", "HEAD:refs/pr/1", who="bob")
        assert api.get_discussion_details(repo, 1).conflicting_files == []
        api.merge_pull_request(repo, 1)
        assert read(api, repo, "notes.md") == b"# Hi, bonjour\n"

    def test_a_merge_is_what_git_calls_one(self, git, api, bobs_api, repo, tmp_path):
        propose(bobs_api, repo)
        api.create_commit(repo, [CommitOperationAdd("x", b"x")], commit_message="Meanwhile")
        api.merge_pull_request(repo, 1)
        git("clone", "ADDRESS", "here")
        subprocess.run(["git", "-C", str(tmp_path / "here"), "fsck", "--strict"], check=True)
        log = git("-C", "here", "log", "--merges", "--format=%s %an")
        assert log == "Say hi (#1) alice\n"

"""Git LFS: huggingface_hub without Xet, and git-lfs itself."""

import hashlib
import random
import subprocess
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, constants, hf_hub_download

from etabli.api.git import lfs
from etabli.operations.maintenance import check_bytes
from tests.parts import lack

# huggingface_hub's own way of sending a file in memory.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

BIG = random.Random(1).randbytes(60_000_000)


@pytest.fixture(autouse=True)
def without_xet(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)


@pytest.fixture
def repo(api, repo_id) -> str:
    api.create_repo(repo_id)
    return repo_id


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class TestHuggingfaceHub:
    def test_what_is_large_goes_its_own_way_and_comes_back(self, running_hub, api, repo, tmp_path):
        files = {"a.safetensors": b"small", "deep/b.bin": BIG, "c.txt": b"text", "d.bin": b""}
        adds = [CommitOperationAdd(path, content) for path, content in files.items()]
        api.create_commit(repo, adds, commit_message="Add")
        for path, content in files.items():
            got = hf_hub_download(repo, path, cache_dir=tmp_path / "cache", token=api.token)
            assert Path(got).read_bytes() == content
        entries = {e.path: e for e in api.list_repo_tree(repo, recursive=True)}
        assert entries["deep/b.bin"].lfs.sha256 == sha256(BIG)
        assert entries["deep/b.bin"].size == len(BIG)
        assert entries["a.safetensors"].lfs.size == 5
        assert entries["c.txt"].lfs is None
        assert entries["d.bin"].lfs is None

    def test_in_parts(self, monkeypatch, api, repo, running_hub, tmp_path):
        monkeypatch.setattr(lfs, "IN_PARTS_FROM_BYTES", 1_000_000)
        monkeypatch.setattr(lfs, "PART_BYTES", 7_000_000)
        file = tmp_path / "big.bin"
        file.write_bytes(BIG)

        def upload():
            api.upload_file(path_or_fileobj=file, path_in_repo="big.bin", repo_id=repo)

        asked = running_hub.requests_during(upload)
        assert sum(one.startswith("PUT /lfs/parts/") for one in asked) == 9
        got = hf_hub_download(repo, "big.bin", cache_dir=tmp_path / "cache", token=api.token)
        assert Path(got).read_bytes() == BIG

    def test_what_is_there_is_not_sent_again(self, api, repo, running_hub):
        def upload(content: bytes = b"0123456789"):
            api.upload_file(path_or_fileobj=content, path_in_repo="x.bin", repo_id=repo)

        upload()
        assert not any(one.startswith("PUT") for one in running_hub.requests_during(upload))

    def test_what_only_another_repository_holds_is_sent(self, api, repo, running_hub):
        api.create_repo("alice/other-holder", private=True)
        for repo_id in ("alice/other-holder", repo):
            asked = running_hub.requests_during(
                lambda repo_id=repo_id: api.upload_file(
                    path_or_fileobj=b"shared", path_in_repo="x.bin", repo_id=repo_id
                )
            )
            assert any(one.startswith("PUT /lfs/") for one in asked)


class TestGitLfs:
    @pytest.fixture(autouse=True)
    def needs_git_lfs(self):
        if subprocess.run(["git", "lfs", "version"], capture_output=True, check=False).returncode:
            lack("git-lfs is not installed")

    @pytest.fixture
    def git(self, run, running_hub, tmp_path):
        config = tmp_path / "gitconfig"
        config.write_text("[user]\nname = alice\nemail = alice@example.org\n")
        env = {"GIT_CONFIG_GLOBAL": str(config), "HOME": str(tmp_path)}

        def git(*arguments: str, **more: object) -> str:
            return run("git", *arguments, **{**env, **more})

        git("lfs", "install", "--skip-repo")
        return git

    @pytest.fixture
    def address(self, running_hub, repo) -> str:
        host = running_hub.endpoint.removeprefix("http://")
        return f"http://alice:{running_hub.tokens['alice']}@{host}/{repo}"

    def test_pulls_what_came_by_the_api(self, api, repo, git, address, tmp_path):
        api.upload_file(path_or_fileobj=BIG, path_in_repo="big.bin", repo_id=repo)
        git("clone", address, "here")
        assert (tmp_path / "here/big.bin").read_bytes() == BIG
        git("-C", "here", "lfs", "fsck")

    def test_goes_on_where_it_was_cut(self, api, repo, git, address, running_hub, tmp_path):
        api.upload_file(path_or_fileobj=BIG, path_in_repo="big.bin", repo_id=repo)
        git("clone", address, "here", GIT_LFS_SKIP_SMUDGE="1")
        oid = sha256(BIG)
        partial = tmp_path / "here/.git/lfs/incomplete" / f"{oid}.part"
        partial.parent.mkdir(parents=True)
        partial.write_bytes(BIG[:50_000_000])
        traced = git("-C", "here", "lfs", "pull", GIT_TRACE="1")
        assert "server accepted resume download request" in traced
        assert (tmp_path / "here/big.bin").read_bytes() == BIG

    def test_heals_what_the_hub_has_lost(self, api, repo, git, address, running_hub, tmp_path):
        content = b"some bytes that a disk will change"
        api.upload_file(path_or_fileobj=content, path_in_repo="x.bin", repo_id=repo)
        git("clone", address, "here")
        site = running_hub.site
        with site.read_hub() as hub:
            path = hub.blobs.local_path(hub.blobs.get(sha256(content)))
        path.chmod(0o600)
        path.write_bytes(content[::-1])
        assert len(list(check_bytes(site))) == 1
        git("-C", "here", "lfs", "push", "--object-id", "origin", sha256(content))
        assert list(check_bytes(site)) == []
        git("clone", address, "there")
        assert (tmp_path / "there/x.bin").read_bytes() == content

    def test_pushes_and_the_api_sees_it(self, api, repo, git, address, tmp_path):
        git("clone", address, "here")
        (tmp_path / "here/big.bin").write_bytes(BIG)
        git("-C", "here", "add", ".")
        git("-C", "here", "commit", "-m", "Add big")
        git("-C", "here", "push")
        (entry,) = api.get_paths_info(repo, "big.bin")
        assert entry.lfs.sha256 == sha256(BIG)
        got = hf_hub_download(repo, "big.bin", cache_dir=tmp_path / "cache", token=api.token)
        assert Path(got).read_bytes() == BIG

    def test_a_stranger_pushes_to_a_proposal_of_his(self, running_hub, api, repo, git, tmp_path):
        bobs_token = running_hub.tokens["bob"]
        host = running_hub.endpoint.removeprefix("http://")
        HfApi(running_hub.endpoint, token=bobs_token).create_pull_request(repo, title="Big")
        git("clone", f"http://bob:{bobs_token}@{host}/{repo}", "here")
        (tmp_path / "here/w.safetensors").write_bytes(BIG[:2_000_000])
        git("-C", "here", "add", ".")
        git("-C", "here", "commit", "-m", "Add big")
        refused = git("-C", "here", "push", "origin", "HEAD:main", fails=True)
        assert "You may not do this in alice." in refused
        git("-C", "here", "push", "origin", "HEAD:refs/pr/1")
        got = hf_hub_download(repo, "w.safetensors", revision="refs/pr/1", token=api.token)
        assert Path(got).read_bytes() == BIG[:2_000_000]

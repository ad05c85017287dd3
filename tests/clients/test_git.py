"""Git itself."""

import os
import time
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd

BIG = b"0123456789" * 20_000


@pytest.fixture
def repo(api, repo_id) -> str:
    """A public model of three commits."""
    api.create_repo(repo_id)
    for number, content in enumerate((b"one", BIG)):
        add = [CommitOperationAdd(f"deep/{number} é.txt", content)]
        api.create_commit(repo_id, add, commit_message=f"Add {number}")
    return repo_id


@pytest.fixture
def git(run):
    def git(*arguments: str, **more: object) -> str:
        return run("git", *arguments, **more)

    return git


def test_clone_and_pull(running_hub, api, repo, git, tmp_path):
    git("clone", f"{running_hub.endpoint}/{repo}", "here")
    assert (tmp_path / "here/deep/0 é.txt").read_bytes() == b"one"
    assert git("-C", "here", "log", "--format=%s").split("\n")[:-1] == [
        "Add 1", "Add 0", "initial commit",
    ]  # fmt: skip
    add = [CommitOperationAdd("new.txt", b"new")]
    api.create_commit(repo, add, commit_message="Add new")
    api.create_branch(repo, branch="dev")
    git("-C", "here", "pull")
    assert (tmp_path / "here/new.txt").read_text() == "new"
    assert "origin/dev" in git("-C", "here", "branch", "-r")
    git("-C", "here", "fsck", "--strict")


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_each_version_of_the_protocol(running_hub, repo, git, version):
    address = f"{running_hub.endpoint}/{repo}.git"
    git("-c", f"protocol.version={version}", "clone", address, "here")
    assert "refs/heads/main" in git("-c", f"protocol.version={version}", "ls-remote", address)


def test_a_part_of_it(running_hub, repo, git, tmp_path):
    address = f"{running_hub.endpoint}/{repo}"
    git("clone", "--depth=1", address, "shallow")
    assert git("-C", "shallow", "rev-list", "--count", "HEAD").strip() == "1"
    git("-C", "shallow", "fetch", "--unshallow")
    assert git("-C", "shallow", "rev-list", "--count", "HEAD").strip() == "3"
    git("clone", "--filter=blob:none", "--no-checkout", address, "partial")
    git("-C", "partial", "checkout", "main")
    assert (tmp_path / "partial/deep/1 é.txt").read_bytes() == BIG


def test_what_is_private_by_a_token(running_hub, api, repo_id, git):
    api.create_repo(repo_id, repo_type="dataset", private=True)
    host = running_hub.endpoint.removeprefix("http://")
    tokens = running_hub.tokens
    git("clone", f"http://alice:{tokens['alice']}@{host}/datasets/{repo_id}", "here")
    for who in ("", f"bob:{tokens['bob']}@", "alice:wrong@"):
        git("clone", f"http://{who}{host}/datasets/{repo_id}", "there", fails=True)


class TestWhoLeaves:
    """Slow clients hold git's processes; those who go take theirs along."""

    def test_leaves_no_process_behind_and_only_four_run(self, running_hub, api, repo_id):
        api.create_repo(repo_id)
        add = [CommitOperationAdd(f"{n}.txt", os.urandom(4_500_000).hex().encode()) for n in "abcd"]
        sha = api.create_commit(repo_id, add, commit_message="Add big").oid
        lines = [b"command=fetch", b"0001", b"want " + sha.encode(), b"done"]
        body = b"".join(line if line == b"0001" else _pkt(line) for line in lines) + b"0000"
        clients = [self.ask(running_hub, repo_id, body) for _ in range(6)]
        assert self.settles_at(4, running_hub)
        for client in clients:
            client.close()
        assert self.settles_at(0, running_hub)

    def ask(self, running_hub, repo_id: str, body: bytes) -> HTTPConnection:
        client = HTTPConnection(running_hub.endpoint.removeprefix("http://"))
        client.request("POST", f"/{repo_id}/git-upload-pack", body, {"Git-Protocol": "version=2"})
        return client

    def settles_at(self, wanted: int, running_hub) -> bool:
        data = str(running_hub.site.settings.data_dir).encode()
        for _ in range(100):
            if len([c for c in _commands() if b"--strict" in c and data in c]) == wanted:
                return True
            time.sleep(0.1)
        return False


def _commands() -> list[bytes]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it has just ended
            found.append(file.read_bytes())
    return found


def _pkt(line: bytes) -> bytes:
    return b"%04x" % (len(line) + 5) + line + b"\n"

"""Git itself, pushing."""

import hashlib
import random
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError

from etabli.cli import fsck
from tests.old_cards import plant


@pytest.fixture
def repo(api, repo_id) -> str:
    api.create_repo(repo_id)
    return repo_id


@pytest.fixture
def address(running_hub, repo) -> str:
    host = running_hub.endpoint.removeprefix("http://")
    return f"http://alice:{running_hub.tokens['alice']}@{host}/{repo}"


class Clone:
    """A clone of the repository, without git-lfs: what is large is pushed as it is."""

    def __init__(self, run, address: str, folder: Path) -> None:
        self._run, self.folder = run, folder
        run("git", "clone", address, str(folder))

    def git(self, *arguments: str, **more: object) -> str:
        who = ("-c", "user.name=alice", "-c", "user.email=alice@example.org")
        lfs = ("-c", "filter.lfs.clean=", "-c", "filter.lfs.process=")
        return self._run("git", "-C", str(self.folder), *who, *lfs, *arguments, **more)

    def commit(self, **files: str | bytes) -> str:
        for name, content in files.items():
            path = self.folder / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "--all")
        self.git("commit", "-m", f"Change {' '.join(files)}")
        return self.git("rev-parse", "HEAD").strip()


@pytest.fixture
def clone(run, address, tmp_path):
    def clone(name: str = "here") -> Clone:
        return Clone(run, address, tmp_path / name)

    return clone


def paths(api: HfApi, repo: str, revision: str = "main") -> list[str]:
    return sorted(set(api.list_repo_files(repo, revision=revision)) - {".gitattributes"})


def test_a_push_is_seen_by_the_api_and_back(api, repo, clone):
    here = clone()
    sha = here.commit(a_dot_txt="one", deep__b_dot_txt="two")
    assert "main -> main" in here.git("push")
    assert paths(api, repo) == ["a.txt", "deep/b.txt"]
    assert api.repo_info(repo).sha == sha
    add = [CommitOperationAdd("web.txt", b"three")]
    api.create_commit(repo, add, commit_message="From the web")
    here.git("pull")
    assert (here.folder / "web.txt").read_text() == "three"
    here.git("fsck", "--strict")


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_by_each_version_of_the_protocol(api, repo, clone, version):
    here = clone()
    here.commit(a_dot_txt=version)
    here.git("-c", f"protocol.version={version}", "push")
    assert paths(api, repo) == ["a.txt"]


def test_branches_and_tags_come_and_go(api, repo, clone):
    here = clone()
    sha = here.commit(a_dot_txt="one")
    here.git("tag", "light")
    here.git("tag", "-a", "heavy", "-m", "A release")
    here.git("push", "origin", "main", "main:dev/one", "light", "heavy")
    refs = api.list_repo_refs(repo)
    assert {r.name: r.target_commit for r in refs.branches} == {"main": sha, "dev/one": sha}
    assert {r.name: r.target_commit for r in refs.tags} == {"light": sha, "heavy": sha}
    assert paths(api, repo, "heavy") == ["a.txt"]
    other = clone("there")
    assert "A release" in other.git("tag", "-n", "-l", "heavy")
    here.git("push", "origin", ":dev/one", ":heavy")
    refs = api.list_repo_refs(repo)
    assert ([r.name for r in refs.branches], [r.name for r in refs.tags]) == (["main"], ["light"])
    api.create_branch(repo, branch="from-tag", revision="light")


def test_an_old_history_can_be_pushed_over_by_force_only(api, repo, clone):
    here, there = clone("here"), clone("there")
    here.commit(a_dot_txt="one")
    here.git("push")
    sha = there.commit(b_dot_txt="two")
    assert "fetch first" in there.git("push", fails=True)
    there.git("push", "--force")
    assert api.repo_info(repo).sha == sha
    assert paths(api, repo) == ["b.txt"]


def test_of_two_who_push_at_once_one_is_told_to_fetch(api, repo, clone):
    clones = [clone(f"clone-{number}") for number in range(4)]
    for number, one in enumerate(clones):
        one.commit(**{f"{number}_dot_txt": str(number)})

    def push(one: Clone) -> bool:
        command = ["git", "-C", str(one.folder), "push"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0 or "fetch first" in done.stderr, done.stderr
        return done.returncode == 0

    with ThreadPoolExecutor() as pool:
        assert sum(pool.map(push, clones)) == 1
    assert len(paths(api, repo)) == 1


class TestWhatIsRefused:
    @pytest.mark.parametrize("ref", ["refs/pr/1", "refs/convert/parquet", "refs/notes/commits"])
    def test_other_refs(self, clone, ref):
        here = clone()
        here.commit(a_dot_txt="one")
        assert "neither a branch nor a tag" in here.git("push", "origin", f"main:{ref}", fails=True)

    def test_to_delete_main(self, clone):
        here = clone()
        here.git("push", "origin", ":main", fails=True)

    def test_what_git_should_not_carry(self, api, repo, clone):
        here = clone()
        here.commit(big_dot_dat=random.Random(1).randbytes(10_000_001))
        said = here.git("push", fails=True)
        assert "git lfs migrate import --include=big.dat" in said
        assert paths(api, repo) == []

    def test_a_pointer_to_bytes_that_are_not_here(self, api, repo, clone):
        api.create_repo("alice/with-a-secret", exist_ok=True, private=True)
        secret = b"the bytes of another repository"
        add = [CommitOperationAdd("x.bin", secret)]
        api.create_commit("alice/with-a-secret", add, commit_message="Add")
        oid = hashlib.sha256(secret).hexdigest()
        pointer = (
            f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {len(secret)}\n"
        )
        here = clone()
        here.commit(stolen_dot_bin=pointer)
        assert "does not hold" in here.git("push", fails=True)
        assert paths(api, repo) == []

    def test_a_submodule(self, api, repo, clone):
        here = clone()
        here.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
        here.git("commit", "-m", "A submodule")
        assert "submodule" in here.git("push", fails=True)

    def test_one_ref_takes_the_others_along(self, api, repo, clone):
        here = clone()
        here.commit(a_dot_txt="one")
        said = here.git("push", "origin", "main", "main:refs/pr/1", fails=True)
        assert "not moved, because refs/pr/1 was refused" in said
        assert paths(api, repo) == []

    def test_whoever_may_not_write(self, running_hub, api, repo, run, tmp_path):
        host = running_hub.endpoint.removeprefix("http://")
        for who in ("", f"bob:{running_hub.tokens['bob']}@"):
            here = Clone(run, f"http://{who}{host}/{repo}", tmp_path / f"as-{bool(who)}")
            here.commit(a_dot_txt="one")
            here.git("push", fails=True)
        assert paths(api, repo) == []


def test_from_a_shallow_clone(api, repo, run, address, tmp_path):
    add = [CommitOperationAdd("a.txt", b"one")]
    api.create_commit(repo, add, commit_message="One")
    run("git", "clone", "--depth=1", address, "shallow")
    here = Clone.__new__(Clone)
    here._run, here.folder = run, tmp_path / "shallow"
    here.commit(b_dot_txt="two")
    here.git("push")
    assert paths(api, repo) == ["a.txt", "b.txt"]


def test_many_files_at_once(api, repo, clone):
    here = clone()
    rng = random.Random(2)
    here.commit(**{f"d{n % 10}__f{n}_dot_txt": rng.randbytes(2000).hex() for n in range(2000)})
    here.git("-c", "http.postBuffer=65536", "push")
    assert len(paths(api, repo)) == 2000


BAD_CARD = "---\nlicense: mit\ntags: [\n---\nHello\n"


def test_a_card_that_cannot_be_read_is_refused_where_it_changes(api, repo, clone):
    here = clone()
    here.commit(README_dot_md=BAD_CARD, a_dot_txt="a")
    said = here.git("push", fails=True)
    assert "README.md was not taken: The metadata of the card cannot be read at line 3" in said
    assert paths(api, repo) == []
    for ref in ("HEAD:refs/heads/side", "HEAD:refs/heads/main"):
        assert "README.md was not taken" in here.git("push", "origin", ref, fails=True)
    here.git("push", "origin", "HEAD:refs/tags/v1")  # a tag shows no card

    here.commit(README_dot_md=BAD_CARD.replace("[", "[a]"))
    here.git("push")
    assert paths(api, repo) == ["README.md", "a.txt"]


def test_an_old_card_stands_in_nobodys_way(running_hub, api, repo, clone):
    site = running_hub.site
    with site.read_hub() as hub:
        alice = hub.accounts.actor("alice")
        old = hub.repos.get(alice, "model", repo)
    plant(site, alice, old, BAD_CARD.encode())
    here = clone()
    here.commit(a_dot_txt="a")
    here.git("push")
    here.git("push", "origin", "HEAD:refs/heads/side")
    here.commit(README_dot_md=f"{BAD_CARD} more")
    assert "README.md was not taken" in here.git("push", fails=True)


def test_the_api_says_the_same_as_git(api, repo):
    add = [CommitOperationAdd("README.md", BAD_CARD.encode())]
    with pytest.raises(ValueError, match="cannot be read at line 3"):
        api.create_commit(repo, add, commit_message="asked before")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HfApi, "_validate_yaml", lambda *_, **__: None)
        with pytest.raises(HfHubHTTPError, match="was not taken") as refused:
            api.create_commit(repo, add, commit_message="not asked before")
    assert refused.value.response.status_code == 400


def test_an_annotated_tag_is_no_fault_of_the_disk(running_hub, api, repo, clone):
    here = clone()
    here.commit(a_dot_txt="a")
    here.git("tag", "-a", "v1", "-m", "one")
    here.git("push", "origin", "main", "v1")
    found = [str(fault) for fault in fsck.faults(running_hub.site, thorough=True)]
    assert [fault for fault in found if repo in fault] == []

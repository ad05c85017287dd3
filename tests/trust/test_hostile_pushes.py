"""Pushes that are small to send and large to unpack, or to look through: refused from the heads of
the objects, and nothing stays of them."""

import functools

import pygit2
import pytest

from etabli.features.git import AddFile, PathTooDeepError, TreeTooLargeError, tree_objects
from etabli.features.git import quarantine as quarantining
from etabli.features.git.paths import MAX_DEPTH
from etabli.features.repos import PushRefusedError, RefUpdate, RepoType
from etabli.operations import commits, pull_requests, pushes
from tests import broken, packs

MAIN = "refs/heads/main"
MB = 1_000_000


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "box")


@pytest.fixture
def push(site, alice, repo):
    def push(commit, *entries: bytes):
        with site.read_hub() as hub:
            update = RefUpdate(MAIN, hub.repos.head_sha(repo), packs.name_of(commit))
        with packs.pack_of_entries([packs.entry(commit), *entries]) as pack:
            pushes.push(site, alice, repo, [update], pack)

    return push


@pytest.fixture
def read_bytes(monkeypatch):
    """How large each object is that is read whole."""
    sizes = []
    real = pygit2.Repository.__getitem__

    def counted(self, sha):
        found = real(self, sha)
        sizes.append(self.odb.read_header(found.id)[1])
        return found

    monkeypatch.setattr(pygit2.Repository, "__getitem__", functools.wraps(real)(counted))
    return sizes


@pytest.fixture
def nothing_stays(site, repo):
    before = everything(site, repo)
    yield
    assert everything(site, repo) == before
    assert list((site.backends.git.root / "incoming").glob("*")) == []


def everything(site, repo):
    with site.read_hub() as hub:
        head = hub.repos.head_sha(repo)
    return head, sorted((site.backends.git.path(repo.key) / "objects").rglob("*"))


def refused(error) -> str:
    return str(error.value)


class TestWhatUnpacksToMuch:
    @pytest.mark.usefixtures("nothing_stays")
    def test_a_file_of_zeros_is_named_and_not_read(self, push, read_bytes):
        """50 MB here; what is read of it is nothing, however large it is."""
        sha, entry = packs.zeros(50 * MB)
        folder = packs.TREE, b"100644 zeros.bin\0" + bytes.fromhex(sha)
        tree = packs.tree(deep=folder)
        with pytest.raises(PushRefusedError, match=r"zeros\.bin is over 10 MB"):
            push(packs.commit(tree), packs.entry(folder), packs.entry(tree), entry)
        assert max(read_bytes) < 1000

    @pytest.mark.usefixtures("nothing_stays")
    def test_a_message_of_megabytes(self, push, read_bytes):
        tree = packs.tree(a=packs.blob(b"1"))
        with pytest.raises(PushRefusedError, match="over 1 MB"):
            push(
                packs.commit(tree, message=b"x" * 2 * MB),
                packs.entry(tree),
                packs.entry(packs.blob(b"1")),
            )
        assert max(read_bytes, default=0) < 1000

    @pytest.mark.usefixtures("nothing_stays")
    def test_folders_that_are_too_large_together(self, push, read_bytes, monkeypatch):
        monkeypatch.setattr(quarantining, "MAX_UNPACKED_TREE_BYTES", 10_000)
        file = packs.blob(b"1")
        large = packs.tree_of({f"{number:05}": file for number in range(1000)})
        with pytest.raises(PushRefusedError, match="unpacked"):
            push(packs.commit(large), packs.entry(large), packs.entry(file))
        assert max(read_bytes, default=0) < 1000

    def test_a_long_readme_is_a_file_like_others(self, site, repo, push, read_bytes):
        readme = packs.blob(b"---\nlicense: [1\n---\n" + b"x" * 2 * MB)
        tree = packs.tree_of({"README.md": readme})
        push(packs.commit(tree), packs.entry(tree), packs.entry(readme))
        with site.read_hub() as hub:
            assert hub.repos.snapshot(repo).get("README.md").size_bytes > 2 * MB


def nested(depth, file):
    made = [packs.tree(file=file)]
    for _ in range(depth):
        made.append(packs.tree(d=made[-1]))
    return made


class TestWhatIsTooDeep:
    @pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 3000])
    @pytest.mark.usefixtures("nothing_stays")
    def test_pushed(self, push, depth):
        file = packs.blob(b"1")
        made = nested(depth, file)
        with pytest.raises(PushRefusedError, match="at most 64 folders within each other"):
            push(packs.commit(made[-1]), *map(packs.entry, made), packs.entry(file))

    def test_the_deepest_that_is_taken_is_shown(self, site, alices_client, repo, push):
        file = packs.blob(b"1")
        made = nested(MAX_DEPTH, file)
        push(packs.commit(made[-1]), *map(packs.entry, made), packs.entry(file))
        path = "d/" * MAX_DEPTH + "file"
        with site.read_hub() as hub:
            entries = hub.repos.snapshot(repo).entries(recursive=True)
        assert path in {entry.path for entry in entries}
        for address in ("/alice/box", "/api/models?full=true", f"/alice/box/blob/main/{path}"):
            assert alices_client.get(address).status_code == 200

    @pytest.mark.usefixtures("nothing_stays")
    def test_a_few_folders_that_are_a_billion(self, push):
        file = packs.blob(b"1")
        made = [packs.tree(f=file)]
        for _ in range(9):
            made.append(packs.tree_of({f"d{number}": made[-1] for number in range(10)}))
        with pytest.raises(PushRefusedError, match="files and folders in all"):
            push(packs.commit(made[-1]), *map(packs.entry, made), packs.entry(file))

    @pytest.mark.usefixtures("nothing_stays")
    def test_a_path_that_is_too_long_in_all(self, push):
        file = packs.blob(b"1")
        made = [packs.tree(file=file)]
        for _ in range(20):
            made.append(packs.tree_of({"n" * 250: made[-1]}))
        with pytest.raises(PushRefusedError, match="paths of 4096 bytes"):
            push(packs.commit(made[-1]), *map(packs.entry, made), packs.entry(file))

    def test_new_folders_around_old_ones(self, site, repo, push):
        """What is new is within the limits by itself."""
        old = broken.deep_tree(site.backends.git.open(repo.key), MAX_DEPTH)
        around = packs.tree(d=str(old))
        loose = sorted((site.backends.git.path(repo.key) / "objects").rglob("*"))
        with pytest.raises(PushRefusedError, match="at most 64 folders"):
            push(packs.commit(around), packs.entry(around))
        assert loose == sorted((site.backends.git.path(repo.key) / "objects").rglob("*"))

    def test_committed(self, site, alice, repo):
        with pytest.raises(PathTooDeepError):
            commits.commit(site, alice, repo, "main", [AddFile("d/" * 65 + "f", b"1")], "deep")

    def test_squashed_or_copied_from_before_the_limits(self, site, alice, repo):
        broken.plant_tree(site, repo, broken.deep_tree(site.backends.git.open(repo.key), 300))
        with pytest.raises(TreeTooLargeError):
            commits.squash(site, alice, repo, "main", "less")
        with pytest.raises(TreeTooLargeError):
            commits.commit(site, alice, repo, "main", [AddFile("a", b"1")], "more")

    def test_more_files_than_a_revision_may_have(self, site, alice, repo, monkeypatch):
        monkeypatch.setattr(tree_objects, "MAX_ENTRIES", 20)
        commits.commit(
            site, alice, repo, "main", [AddFile(f"a/{n}", b"1") for n in range(12)], "some"
        )
        num = pull_requests.propose(
            site, alice, repo, "main", [AddFile(f"b/{n}", b"1") for n in range(4)], "few"
        ).num
        commits.commit(
            site, alice, repo, "main", [AddFile(f"c/{n}", b"1") for n in range(3)], "a few"
        )
        with pytest.raises(TreeTooLargeError):
            pull_requests.merge(site, alice, repo, num)
        with pytest.raises(TreeTooLargeError):
            commits.commit(
                site, alice, repo, "main", [AddFile(f"d/{n}", b"1") for n in range(9)], "more"
            )
        changes = [AddFile(f"d/{n}", b"1") for n in range(9)]
        with pytest.raises(TreeTooLargeError):
            pull_requests.propose(site, alice, repo, "main", changes, "many")


@pytest.mark.parametrize(
    "head", [b"encoding nonsense\n", b"encoding hex\n"], ids=["no encoding", "no text"]
)
def test_a_commit_in_an_encoding_that_there_is_not(site, alices_client, repo, push, head):
    file = packs.blob(b"1")
    tree = packs.tree(a=file)
    push(packs.commit(tree, head=head, message=b"caf\xe9"), packs.entry(tree), packs.entry(file))
    for address in (
        "/alice/box/tree/main",
        "/alice/box/commits/main",
        "/api/models/alice/box/commits/main",
    ):
        assert alices_client.get(address).status_code == 200

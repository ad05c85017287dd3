"""Paths that would harm whoever clones: all are refused, and none leaves a trace."""

import unicodedata

import pytest

from etabli.features.git import AddFile, CopyFile, DeleteFile, InvalidPathError
from etabli.features.repos import RepoType
from etabli.operations import commits

HOSTILE = [
    "",
    "/",
    "//",
    ".",
    "..",
    "./a",
    "../a",
    "a/..",
    "a/../b",
    "a/./b",
    "../../etc/passwd",
    "a/../../b",
    "/etc/passwd",
    "//server/share",
    "a//b",
    "a/",
    "a/b//",
    "\\",
    "..\\a",
    "a\\b",
    "a\\..\\b",
    "\\\\server\\share\\a",
    "C:\\Windows\\a",
    "\0",
    "a\0b",
    "a/\0",
    "a\nb",
    "a\rb",
    "a\tb",
    "\x1b[31m",
    "a\x7f",
    "a/b\x01/c",
    ".git",
    ".git/config",
    ".GIT/hooks/post-checkout",
    ".Git",
    "a/.git/config",
    "a/.gIt",
    ".git.",
    ".git ",
    ".git . .",
    ".git::$INDEX_ALLOCATION",
    ".git::$INDEX_ALLOCATION/config",
    ".git:stream",
    "git~1",
    "GIT~1/config",
    "git~2",
    ".g\u200cit",
    ".gi\u200dt/config",
    "\u200e.git",
    ".git\ufeff",
    ".\u202agit",
    ".g\u206ait",
    ".gitmodules",
    ".GITMODULES",
    ".gitmodules ",
    "a/.gitmodules",
    ".gitmodules::$DATA",
    "gitmod~1",
    ".git\u200cmodules",
    "\ud800",
    "a/\udfff",
    "x" * 256,
    "é" * 128,
    "/".join(["d" * 200] * 21),
    "a/" * 3000 + "b",
]

ODD_BUT_FINE = [
    "a",
    "a.b",
    ".a",
    "...",
    "a b",
    "a..b",
    "..a",
    "a/b/c/d/e/f/g",
    ".gitattributes",
    ".gitignore",
    ".github/workflows/ci.yml",
    "git",
    "a.git",
    "gitx~1",
    "é/ü/日本",
    "🙂.txt",
    "a:b",
    "-rf",
    "--",
    "*",
    "?",
    "%2e%2e",
    "$(id)",
    "'quoted'",
    '"double"',
    "CON",
    "x" * 255,
    "README.md",
    "readme.md",
]


@pytest.fixture
def repo(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "box")


def shown(path: str) -> str:
    return repr(path[:40])


@pytest.mark.parametrize("path", HOSTILE, ids=shown)
def test_a_hostile_path_is_refused(site, alice, repo, path):
    with site.read_hub() as hub:
        before = hub.repos.head_sha(repo)
    changes = [AddFile("good.txt", b"good"), AddFile(path, b"bad")]
    with pytest.raises(InvalidPathError):
        commits.commit(site, alice, repo, "main", changes, "sneak in")
    with site.read_hub() as hub:
        assert hub.repos.head_sha(repo) == before
    assert len(list(site.backends.git.path(repo.key).glob("objects/pack/*.pack"))) == 1


@pytest.mark.parametrize("path", HOSTILE, ids=shown)
def test_a_hostile_path_is_no_better_as_a_copy(site, alice, repo, path):
    with site.read_hub() as hub:
        head = hub.repos.head_sha(repo)
    with pytest.raises(InvalidPathError):
        copy = CopyFile(path, ".gitattributes", head)
        commits.commit(site, alice, repo, "main", [copy], "copy")


@pytest.mark.parametrize("path", HOSTILE, ids=shown)
def test_a_hostile_path_reads_nothing(site, repo, path):
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo)
    assert snapshot.find(path) is None


@pytest.mark.parametrize("path", ODD_BUT_FINE, ids=shown)
def test_an_odd_path_is_kept_as_it_is(site, alice, repo, path):
    commits.commit(site, alice, repo, "main", [AddFile(path, b"here")], "add")
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo)
    assert snapshot.read(path) == b"here"
    assert path in {entry.path for entry in snapshot.entries(recursive=True)}
    commits.commit(site, alice, repo, "main", [DeleteFile(path)], "delete")
    with site.read_hub() as hub:
        assert hub.repos.snapshot(repo).find(path) is None


def test_two_spellings_of_one_letter_are_two_files(site, alice, repo):
    """As git has it: nothing is renamed behind somebody's back."""
    names = {unicodedata.normalize(form, "é.txt") for form in ("NFC", "NFD")}
    commits.commit(
        site, alice, repo, "main", [AddFile(n, n.encode()) for n in sorted(names)], "add"
    )
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo)
    assert all(snapshot.read(name) == name.encode() for name in names)

"""Pushed objects, looked at before anybody else can see them.

A bare repository of its own, which knows the objects of the one it is for. Git's own program reads
the pack and checks every object and every link; then we check what is ours to check.
"""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pygit2
from dulwich.object_format import SHA1
from dulwich.pack import load_pack_index

from etabli.features.git.command import lacked_room, run_git
from etabli.features.git.errors import (
    BadPackError,
    GitFileTooLargeError,
    GitObjectTooLargeError,
    InvalidPathError,
    PushTooLargeError,
    SubmoduleError,
)
from etabli.features.git.lfs_pointers import LARGE_FROM_BYTES, Pointer, may_be_pointer, read_pointer
from etabli.features.git.packs import pack_folder, put_pack
from etabli.features.git.paths import is_bad_part
from etabli.features.git.tree_objects import damage_named, read_from, require_bounds
from etabli.foundation.durable_files import (
    DiskFullError,
    FileState,
    full_disk_named,
    require_unchanged,
    sync_folder,
)

MAX_CPU_S = 600
_COMMIT, _TREE = pygit2.enums.ObjectType.COMMIT, pygit2.enums.ObjectType.TREE
_BLOB, _TAG = pygit2.enums.ObjectType.BLOB, pygit2.enums.ObjectType.TAG

MAX_OBJECT_BYTES = {_COMMIT: 1_000_000, _TAG: 1_000_000, _TREE: 30_000_000}
"""What is larger is not read into memory, and not taken in. Commits and tags are messages; a
folder of 200,000 files with long names takes 20 MB. Of files, `LARGE_FROM_BYTES` decides."""
MAX_UNPACKED_TREE_BYTES = 1_000_000_000
"""Of all the new folders of one push: each is looked through, and a pack can hold a folder of a
hundred thousand files ten thousand times, one name changed, in a megabyte."""


@dataclass(frozen=True)
class Target:
    """What a pushed ref points to."""

    commit_sha: str
    tag_sha: str | None
    """The tag object on the way to it, if there is one."""


class Quarantine:
    def __init__(self, folder: Path, repo: Path) -> None:
        self.folder = folder
        self.repo = repo
        objects = (repo / "objects").resolve()
        (folder / "objects" / "info").mkdir(exist_ok=True)
        (folder / "objects" / "info" / "alternates").write_text(f"{objects}\n")
        self._states: dict[Path, FileState] = {}
        """Of each file of a pack, as it was before anything was read of it here."""

    def index(self, pack: IO[bytes], most_bytes: int) -> None:
        """Take in a pack, read from where the file stands, and check each object in it.

        Raises:
            BadPackError: it is damaged, or names objects that nobody has.
            PushTooLargeError: it is over the limit.
            DiskFullError: there is no room.
        """
        most = f"--max-input-size={most_bytes}"
        words = ("index-pack", "--stdin", "--strict", "--fix-thin", most)
        settings = ("core.bigFileThreshold=16m",)
        done = run_git(self.folder, words, pack, most_cpu_s=MAX_CPU_S, settings=settings)
        if done.returncode:
            raise _problem(done.stderr.decode("utf-8", "replace"), most_bytes)
        self.packs()

    def check(self) -> Sequence[Pointer]:
        """Look at all that is new; the large files that it points to.

        Raises:
            InvalidPathError, SubmoduleError, GitFileTooLargeError, GitObjectTooLargeError,
                PushTooLargeError, TreeTooLargeError: what no repository here takes.
        """
        git = self.open()
        found = self._by_kind(git)
        trees = read_from(git)
        for sha in found.trees:
            _check_tree(git, sha)
        for sha in found.roots(git):
            require_bounds(sha, trees)
        if found.too_large:
            name = _name_of(git, found.trees, found.too_large)
            raise GitFileTooLargeError(name, LARGE_FROM_BYTES // 1_000_000)
        pointers = [read_pointer(_blob(git, sha).data) for sha in found.small]
        return list({one.sha256: one for one in pointers if one is not None}.values())

    def _by_kind(self, git: pygit2.Repository) -> "_Arrived":
        """What is new, by the heads of the objects alone: a few bytes can unpack to gigabytes.

        Raises:
            GitObjectTooLargeError, PushTooLargeError: no more is to be read of it.
        """
        found = _Arrived()
        unpacked_bytes = 0
        for sha in self._new():
            kind, size_bytes = git.odb.read_header(pygit2.Oid(hex=sha))
            if kind != _BLOB and size_bytes > MAX_OBJECT_BYTES[kind]:
                raise GitObjectTooLargeError(sha, MAX_OBJECT_BYTES[kind] // 1_000_000)
            if kind == _TREE:
                unpacked_bytes += size_bytes
                found.trees.append(sha)
            elif kind == _COMMIT:
                found.commits.append(sha)
            elif kind == _BLOB and size_bytes > LARGE_FROM_BYTES:
                found.too_large.add(sha)
            elif kind == _BLOB and may_be_pointer(size_bytes):
                found.small.append(sha)
        if unpacked_bytes > MAX_UNPACKED_TREE_BYTES:
            raise PushTooLargeError(MAX_UNPACKED_TREE_BYTES // 1_000_000, unpacked=True)
        return found

    def target(self, sha: str) -> Target | None:
        """The commit that a ref at `sha` would show; None when it would show none."""
        git = self.open()
        try:
            found = git[sha]
            commit = found.peel(pygit2.Commit)
        except (KeyError, ValueError, pygit2.InvalidSpecError, pygit2.GitError):
            return None
        return Target(str(commit.id), sha if isinstance(found, pygit2.Tag) else None)

    def file(self, commit_sha: str, name: str) -> pygit2.Blob | None:
        """A file that is in no folder, as it is in git."""
        with damage_named():
            tree = self.open()[commit_sha].peel(pygit2.Commit).tree
        try:
            found = tree[name]
        except KeyError:
            return None
        return found if isinstance(found, pygit2.Blob) else None

    def size_bytes(self, blob: pygit2.Blob) -> int:
        """From its head: to ask the blob itself would unpack all of it."""
        with damage_named():
            return self.open().odb.read_header(blob.id)[1]

    def revives(self, sha: str, shown: Sequence[str]) -> bool:
        """Whether a commit leads to one that was not sent now, and that nothing here shows."""
        git, sent = self.open(), set(self._new())
        walker = git.walk(git[sha].id)
        for known in shown:
            walker.hide(git[known].id)
        return any(str(commit.id) not in sent for commit in walker)

    def open(self) -> pygit2.Repository:
        """As git sees it: what is here, and all that the repository has."""
        return pygit2.Repository(str(self.folder), pygit2.enums.RepositoryOpenFlag.BARE)

    def loose(self) -> Iterator[str]:
        """The objects that were made here, and not sent in a pack."""
        for file in sorted((self.folder / "objects").glob("[0-9a-f][0-9a-f]/*")):
            yield file.parent.name + file.name

    def publish(self) -> None:
        """Put the objects in the repository, to survive a power cut once this returns.

        No ref shows them yet.

        Raises:
            FileChangedError: they are not what was checked, or somebody can still write to them.
        """
        for index in self.packs():
            pack = index.with_suffix(".pack")
            for file in (pack, index):
                require_unchanged(file, self._states[file])
            with full_disk_named():
                sync_folder(pack)
                sync_folder(index)
            put_pack(pack_folder(self.repo), index.stem, pack, index)

    def packs(self) -> list[Path]:
        found = sorted((self.folder / "objects" / "pack").glob("pack-*.idx"))
        for index in found:
            for file in (index.with_suffix(".pack"), index):
                self._states.setdefault(file, FileState.of(file))
        return found

    def _new(self) -> Iterator[str]:
        for index in self.packs():
            found = load_pack_index(index, SHA1)
            try:
                for sha, _offset, _crc in found.iterentries():
                    yield sha.hex()
            finally:
                found.close()


@dataclass
class _Arrived:
    """The SHA-1 of what is new, by what is to be looked at in it."""

    commits: list[str] = field(default_factory=list)
    trees: list[str] = field(default_factory=list)
    small: list[str] = field(default_factory=list)
    """Files that may be pointers."""
    too_large: set[str] = field(default_factory=set)

    def roots(self, git: pygit2.Repository) -> set[str]:
        """The trees of the commits."""
        return {str(git[sha].peel(pygit2.Commit).tree_id) for sha in self.commits}


def _name_of(git: pygit2.Repository, trees: Sequence[str], shas: set[str]) -> str:
    """What a new tree calls one of these blobs, for a person to find it by."""
    for sha in trees:
        tree = git[sha]
        assert isinstance(tree, pygit2.Tree)  # noqa: S101
        for entry in tree:
            if str(entry.id) in shas:
                return entry.name or ""
    return next(iter(shas))


def _check_tree(git: pygit2.Repository, sha: str) -> None:
    tree = git[sha]
    assert isinstance(tree, pygit2.Tree)  # noqa: S101
    for entry in tree:
        name = entry.name or ""
        if is_bad_part(name):
            raise InvalidPathError(name)
        if stat.S_IFMT(int(entry.filemode)) == 0o160000:
            raise SubmoduleError(name)


def _blob(git: pygit2.Repository, sha: str) -> pygit2.Blob:
    blob = git[sha]
    assert isinstance(blob, pygit2.Blob)  # noqa: S101
    return blob


def _problem(said: str, most_bytes: int) -> Exception:
    if lacked_room(said):
        return DiskFullError()
    if "maximum allowed size" in said:
        return PushTooLargeError(most_bytes // 1_000_000)
    lines = [line for line in said.splitlines() if line.startswith(("fatal:", "error:"))]
    return BadPackError(lines[-1] if lines else "")

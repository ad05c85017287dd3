"""From a list of changes to the git objects of a new commit, all in memory."""

import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pygit2
from dulwich.objects import Blob, Commit, ObjectID, ShaFile, Tree

from etabli.features.git.errors import EntryNotFoundError, NothingToDeleteError, PathClashError
from etabli.features.git.lfs_pointers import Pointer
from etabli.features.git.paths import path_parts
from etabli.features.git.tree_objects import Child, damage_named, read_from, require_bounds
from etabli.foundation.i18n.messages import plain

_FILE_MODE = stat.S_IFREG | 0o644
_FOLDER_MODE = stat.S_IFDIR


@dataclass(frozen=True)
class AddFile:
    path: str
    content: bytes


@dataclass(frozen=True)
class AddPointer:
    """Add a large file whose bytes the repository holds already."""

    path: str
    sha256: str
    size_bytes: int | None = None
    """None: as large as what is held."""


@dataclass(frozen=True)
class CopyFile:
    """Copy a file of `commit_sha`, a commit of the same repository, to `path`."""

    path: str
    source_path: str
    source_commit_sha: str


@dataclass(frozen=True)
class DeleteFile:
    """Delete a file, or a folder with all that is in it: the clients take one for the other."""

    path: str


@dataclass(frozen=True)
class DeleteFolder:
    path: str


Change = AddFile | AddPointer | CopyFile | DeleteFile | DeleteFolder


@dataclass(frozen=True)
class PreparedCommit:
    """A commit whose objects are safe on disk, and which no ref shows yet."""

    repo_key: str
    ref: str
    base_sha: str | None
    """Where the ref must still be when this lands."""
    commit_sha: str

    @property
    def changes_nothing(self) -> bool:
        return self.commit_sha == self.base_sha


@dataclass
class _Folder:
    """A folder being changed: its entries in git, and the folders inside that were opened."""

    entries: dict[str, tuple[int, str]]
    opened: dict[str, "_Folder"] = field(default_factory=dict)


class CommitBuilder:
    """Applies changes to a base commit and gathers the objects that this makes."""

    def __init__(self, git: pygit2.Repository, base_sha: str | None) -> None:
        self._git = git
        self._base_sha = base_sha
        with damage_named():
            base_tree = git[base_sha].peel(pygit2.Commit).tree if base_sha else None
        self._base_tree_sha = str(base_tree.id) if base_tree else None
        self._base_entries = _entries(base_tree)
        self._root = _Folder(dict(self._base_entries))
        self._objects: dict[ObjectID, ShaFile] = {}

    def apply(self, changes: Iterable[Change]) -> None:
        """
        Raises:
            InvalidPathError, PathClashError: a path that cannot be.
            EntryNotFoundError: a copy or a deletion of what is not there.
        """
        for change in changes:
            match change:
                case AddFile(path, content):
                    self._put(path, self._keep(Blob.from_string(content)))
                case AddPointer(path, sha256, size_bytes):
                    pointer = Pointer(sha256, size_bytes or 0)
                    self._put(path, self._keep(Blob.from_string(pointer.content)))
                case CopyFile(path, source_path, source_commit_sha):
                    self._put(path, self._sha_of(source_path, source_commit_sha))
                case DeleteFile(path) | DeleteFolder(path):
                    self._delete(path.rstrip("/"))

    def changed(self, name: str) -> bytes | None:
        """What a file that is in no folder becomes; None: it stays as it was, or goes."""
        entry = self._root.entries.get(name)
        if entry is None or _is_folder(entry) or entry == self._base_entries.get(name):
            return None
        made = self._objects.get(ObjectID(entry[1].encode()))
        return made.as_raw_string() if made else self._git[entry[1]].read_raw()

    def commit(
        self, message: str, author: str, committed_at: datetime
    ) -> tuple[str, Sequence[ShaFile]]:
        """The new commit's SHA-1 and the objects to write; the base itself if nothing changed.

        Raises:
            TreeTooLargeError: it would have more files or folders than a revision may.
        """
        tree_sha = self._write(self._root) or self._keep(Tree())
        if tree_sha == self._base_tree_sha and self._base_sha:
            return self._base_sha, []
        require_bounds(tree_sha, self._read_tree)
        return self._sign(tree_sha, self._base_sha, message, author, committed_at)

    def squash(
        self,
        message: str,
        author: str,
        committed_at: datetime,
        *,
        parent_sha: str | None = None,
    ) -> tuple[str, Sequence[ShaFile]]:
        """A commit of the base's files, whose only parent is `parent_sha`, or that has none.

        Raises:
            TreeTooLargeError: it has more files or folders than a revision may.
        """
        assert self._base_tree_sha is not None  # noqa: S101 - a commit always has a tree
        require_bounds(self._base_tree_sha, self._read_tree)
        return self._sign(self._base_tree_sha, parent_sha, message, author, committed_at)

    def _sign(
        self,
        tree_sha: str,
        parent_sha: str | None,
        message: str,
        author: str,
        committed_at: datetime,
    ) -> tuple[str, Sequence[ShaFile]]:
        parents = [parent_sha] if parent_sha else []
        commit = make_commit(tree_sha, parents, message, author, committed_at)
        return self._keep(commit), list(self._objects.values())

    def _put(self, path: str, blob_sha: str) -> None:
        *folders, name = path_parts(path)
        folder = self._root
        for part in folders:
            folder = self._open(folder, part, path)
        if name in folder.opened or _is_folder(folder.entries.get(name)):
            raise PathClashError(path)
        folder.entries[name] = (_FILE_MODE, blob_sha)

    def _delete(self, path: str) -> None:
        *folders, name = path_parts(path)
        folder = self._root
        for part in folders:
            if part not in folder.opened and not _is_folder(folder.entries.get(part)):
                raise NothingToDeleteError(path, self._base_sha or "")
            folder = self._open(folder, part, path)
        if name not in folder.entries and name not in folder.opened:
            raise NothingToDeleteError(path, self._base_sha or "")
        folder.entries.pop(name, None)
        folder.opened.pop(name, None)

    def _open(self, parent: _Folder, name: str, path: str) -> _Folder:
        if name not in parent.opened:
            known = parent.entries.get(name)
            if known is not None and not _is_folder(known):
                raise PathClashError(path)
            with damage_named():
                tree = self._git[known[1]] if known else None
            parent.opened[name] = _Folder(_entries(tree))
        return parent.opened[name]

    def _write(self, folder: _Folder) -> str | None:
        """The folder's SHA-1 once its objects are gathered; None when nothing is left in it.

        It goes no deeper than the paths of the changes, which are bounded.
        """
        for name, inside in folder.opened.items():
            sha = self._write(inside)
            if sha is None:
                folder.entries.pop(name, None)
            else:
                folder.entries[name] = (_FOLDER_MODE, sha)
        if not folder.entries:
            return None
        tree = Tree()
        for name, (mode, sha) in folder.entries.items():
            tree.add(name.encode("utf-8", "surrogateescape"), mode, ObjectID(sha.encode()))
        return self._keep(tree)

    def _read_tree(self, sha: str) -> Sequence[Child]:
        made = self._objects.get(ObjectID(sha.encode()))
        if not isinstance(made, Tree):
            return read_from(self._git)(sha)
        return [(len(item.path), item.mode, item.sha.decode()) for item in made.iteritems()]

    def _sha_of(self, path: str, commit_sha: str) -> str:
        with damage_named():
            tree = self._git[commit_sha].peel(pygit2.Commit).tree
        try:
            with damage_named(but=KeyError):
                source = tree[path]
        except KeyError as error:
            raise EntryNotFoundError(path, commit_sha) from error
        if not isinstance(source, pygit2.Blob):
            raise EntryNotFoundError(path, commit_sha)
        return str(source.id)

    def _keep(self, made: ShaFile) -> str:
        self._objects[made.id] = made
        return made.id.decode()


def make_commit(
    tree_sha: str, parents: Sequence[str], message: str, author: str, committed_at: datetime
) -> Commit:
    commit = Commit()
    commit.tree = ObjectID(tree_sha.encode())
    commit.parents = [ObjectID(parent.encode()) for parent in parents]
    commit.author = commit.committer = _identity(author)
    commit.author_time = commit.commit_time = int(committed_at.timestamp())
    commit.author_timezone = commit.commit_timezone = 0
    commit.encoding = b"UTF-8"
    commit.message = plain(message).encode()
    return commit


def _entries(tree: pygit2.Object | None) -> dict[str, tuple[int, str]]:
    if not isinstance(tree, pygit2.Tree):
        return {}
    return {entry.name or "": (int(entry.filemode), str(entry.id)) for entry in tree}


def _is_folder(entry: tuple[int, str] | None) -> bool:
    return entry is not None and stat.S_ISDIR(entry[0])


def _identity(name: str) -> bytes:
    plain = "".join(c for c in name if c not in "<>\n\0")
    return f"{plain} <{plain}@users.noreply>".encode()

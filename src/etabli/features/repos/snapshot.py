"""A repository as it is at one commit: what reading needs, and nothing that changes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pygit2

from etabli.features.repos.errors import EntryNotFoundError

LONGEST_SEARCH = 10_000
"""Commits looked through, at most, for the last one that touched a file."""


@dataclass(frozen=True)
class Entry:
    """A file or a folder in a tree."""

    path: str
    is_folder: bool
    sha: str
    """The git SHA-1 of the blob or of the tree: not the hash of the file's bytes."""
    size_bytes: int

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class CommitInfo:
    sha: str
    title: str
    message: str
    author: str
    committed_at: datetime
    parents: Sequence[str]


class Snapshot:
    """What can be read of one repository at one commit."""

    def __init__(self, git: pygit2.Repository, commit_sha: str) -> None:
        self._git = git
        self._commit = git[commit_sha].peel(pygit2.Commit)
        self.commit_sha = str(self._commit.id)

    @property
    def commit(self) -> CommitInfo:
        return _info(self._commit)

    def entries(self, folder: str = "", *, recursive: bool = False) -> list[Entry]:
        """The folders, then the files, each in order; with what is in the folders if asked.

        Raises:
            EntryNotFoundError: there is no such folder; a file is not one.
        """
        tree = self._folder(folder)
        prefix = f"{folder}/" if folder else ""
        return _folders_first(self._walk(tree, prefix, recursive))

    def find(self, path: str) -> Entry | None:
        """One file or folder, or None."""
        found = self._lookup(path)
        return None if found is None else self._entry(path, found)

    def get(self, path: str) -> Entry:
        """One file.

        Raises:
            EntryNotFoundError: there is none, or it is a folder.
        """
        entry = self.find(path)
        if entry is None or entry.is_folder:
            raise EntryNotFoundError(path, self.commit_sha)
        return entry

    def read(self, path: str) -> bytes:
        """A file's bytes, all in memory: for files that are known to be small."""
        return self.read_blob(self.get(path).sha)

    def read_blob(self, sha: str) -> bytes:
        blob = self._git[sha]
        assert isinstance(blob, pygit2.Blob)  # noqa: S101
        return blob.data

    def find_text(self, path: str, at_most_bytes: int = 1_000_000) -> str | None:
        """A small text file, or None when there is none, it is too large or it is not text."""
        entry = self.find(path)
        if entry is None or entry.is_folder or entry.size_bytes > at_most_bytes:
            return None
        try:
            return self.read_blob(entry.sha).decode()
        except UnicodeDecodeError:
            return None

    def history(self) -> Iterator[CommitInfo]:
        """The commits that led here, newest first."""
        order = pygit2.enums.SortMode.TOPOLOGICAL | pygit2.enums.SortMode.TIME
        for commit in self._git.walk(self._commit.id, order):
            yield _info(commit)

    def last_commits(self, entries: Sequence[Entry]) -> dict[str, CommitInfo]:
        """For each path, the last commit that touched it. Needs entries of this snapshot."""
        wanted = {entry.path: entry.sha for entry in entries}
        found: dict[str, CommitInfo] = {}
        commit: pygit2.Commit | None = self._commit
        for _ in range(LONGEST_SEARCH):
            if commit is None or not wanted:
                break
            parent = commit.parents[0] if commit.parents else None
            for path, sha in list(wanted.items()):
                before = _sha_in(parent, path)
                if before != sha:
                    found[path] = _info(commit)
                    del wanted[path]
            commit = parent
        return found

    def changed_paths(self) -> list[tuple[str, str]]:
        """What this commit changed: (path, "added", "modified" or "deleted")."""
        parents = self._commit.parents
        diff = (
            self._commit.tree.diff_to_tree(parents[0].tree, swap=True)
            if parents
            else self._commit.tree.diff_to_tree(swap=True)
        )
        return [
            (delta.new_file.path, delta.status.name.lower())
            for delta in diff.deltas
            if delta.status.name
        ]

    def _folder(self, path: str) -> pygit2.Tree:
        found = self._lookup(path) if path else self._commit.tree
        if not isinstance(found, pygit2.Tree):
            raise EntryNotFoundError(path, self.commit_sha)
        return found

    def _lookup(self, path: str) -> pygit2.Object | None:
        if not path or path.startswith("/") or path.endswith("/") or "\0" in path:
            return None
        try:
            return self._commit.tree[path]
        except (KeyError, TypeError):  # TypeError: no text that could be a name
            return None

    def _walk(self, tree: pygit2.Tree, prefix: str, recursive: bool) -> Iterator[Entry]:
        for item in tree:
            path = f"{prefix}{item.name}"
            yield self._entry(path, item)
            if recursive and isinstance(item, pygit2.Tree):
                yield from self._walk(item, f"{path}/", recursive)

    def _entry(self, path: str, item: pygit2.Object) -> Entry:
        is_folder = isinstance(item, pygit2.Tree)
        # From the header alone: to ask the object for its size would unpack all of it.
        size_bytes = self._git.odb.read_header(item.id)[1] if isinstance(item, pygit2.Blob) else 0
        return Entry(path, is_folder, str(item.id), size_bytes)


def _folders_first(entries: Iterator[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (not entry.is_folder, entry.path))


def _sha_in(commit: pygit2.Commit | None, path: str) -> str | None:
    if commit is None:
        return None
    try:
        return str(commit.tree[path].id)
    except KeyError:
        return None


def _info(commit: pygit2.Commit) -> CommitInfo:
    title, _, rest = commit.message.partition("\n")
    return CommitInfo(
        sha=str(commit.id),
        title=title,
        message=rest.strip("\n"),
        author=commit.author.name,
        committed_at=datetime.fromtimestamp(commit.commit_time, UTC),
        parents=[str(parent) for parent in commit.parent_ids],
    )

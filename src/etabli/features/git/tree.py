"""A repository as it is at one commit: what reading needs, and nothing that changes it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pygit2

from etabli.features.git.errors import EntryNotFoundError
from etabli.features.git.kept_reads import MAX_LISTED, KeptReads
from etabli.features.git.lfs_pointers import (
    ATTRIBUTES,
    Attributes,
    Pointer,
    may_be_pointer,
    read_pointer,
)
from etabli.features.git.log import CommitInfo, commit_info, last_commits
from etabli.features.git.tree_objects import damage_named, inside, walk

ReadLarge = Callable[[Pointer, int, int], Iterator[bytes]]
"""The bytes of a large file from one place to another, in pieces."""


@dataclass(frozen=True)
class Entry:
    """A file or a folder in a tree."""

    path: str
    is_folder: bool
    sha: str
    """The git SHA-1 of the blob or of the tree: not the hash of the file's bytes."""
    size_bytes: int
    """Of the file itself, if it is a large one that has only a pointer in git."""
    large: Pointer | None = None
    """What stands for it in git."""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Snapshot:
    """What can be read of one repository at one commit."""

    def __init__(
        self,
        open_git: Callable[[], pygit2.Repository],
        repo_key: str,
        commit_sha: str,
        read_large: ReadLarge,
        *,
        from_disk: bool = False,
    ) -> None:
        """
        Args:
            open_git: called when something is to be read that is not kept in memory.
            from_disk: see `KeptReads`.

        Raises:
            DamagedRepoError: the commit is lost. All that reads here may raise a `BrokenRepoError`.
        """
        self._open_git = open_git
        self._read_large = read_large
        self.commit_sha = commit_sha
        self._kept = KeptReads(repo_key, commit_sha, from_disk=from_disk)
        if not self._kept.has_commit():
            assert self._tree is not None  # noqa: S101 - it is there
            self._kept.keep_commit()

    @cached_property
    def _git(self) -> pygit2.Repository:
        return self._open_git()

    @cached_property
    def _commit(self) -> pygit2.Commit:
        with damage_named():
            return self._git[self.commit_sha].peel(pygit2.Commit)

    @cached_property
    def _tree(self) -> pygit2.Tree:
        with damage_named():
            return self._commit.tree

    @property
    def commit(self) -> CommitInfo:
        return commit_info(self._commit)

    def entries(self, folder: str = "", *, recursive: bool = False) -> list[Entry]:
        """The folders, then the files, each in order; with what is in the folders if asked.

        Raises:
            EntryNotFoundError: there is no such folder; a file is not one.
            TreeOutOfBoundsError: what is in the folders is deeper or more than `trees` allows.
        """
        return self.page(folder, 0, None, recursive=recursive)

    def page(
        self, folder: str, start: int, end: int | None, *, recursive: bool = False
    ) -> list[Entry]:
        """Some of `entries`, from one place to another: it costs little more than those."""
        kept = self._kept.listed(folder, recursive=recursive)
        if kept is not None:
            return list(kept[start:end])
        tree = self._folder(folder)
        prefix = f"{folder}/" if folder else ""
        found = walk(tree, prefix) if recursive else inside(tree, prefix)
        names = sorted(found, key=_folders_first)
        if len(names) > MAX_LISTED:
            return [self._entry(path, item) for path, item in names[start:end]]
        entries = [self._entry(path, item) for path, item in names]
        self._kept.keep_list(folder, entries, recursive=recursive)
        return entries[start:end]

    def find(self, path: str) -> Entry | None:
        """One file or folder, or None."""
        kept = self._kept.entry(path)
        if kept is not None:
            return kept[0]
        found = self._lookup(path)
        entry = None if found is None else self._entry(path, found)
        self._kept.keep_entry(path, entry)
        return entry

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
        return self.read_entry(self.get(path))

    def read_entry(self, entry: Entry) -> bytes:
        """As `read`, of a file that was found already."""
        return b"".join(self.pieces(entry))

    def pieces(self, entry: Entry, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """A file's bytes from `start` to before `end`, a piece at a time if it is a large one.

        Raises:
            EntryNotFoundError: it is a large file which the repository does not hold.
        """
        if entry.large is not None:
            end = entry.size_bytes if end is None else end
            return self._read_large(entry.large, start, end)
        return iter([self.as_in_git(entry)[start:end]])

    def as_in_git(self, entry: Entry) -> bytes:
        """A file's bytes in git: of a large file, its pointer."""
        kept = self._kept.content(entry.sha)
        if kept is not None:
            return kept
        with damage_named():
            blob = self._git[entry.sha]
        assert isinstance(blob, pygit2.Blob)  # noqa: S101
        content = blob.data
        self._kept.keep_content(entry.sha, content)
        return content

    def find_text(self, path: str, at_most_bytes: int = 1_000_000) -> str | None:
        """A small text file, or None when there is none, it is too large or it is not text."""
        entry = self.find(path)
        if entry is None or entry.is_folder or entry.size_bytes > at_most_bytes:
            return None
        try:
            return self.read_entry(entry).decode()
        except UnicodeDecodeError:
            return None

    def find_bytes(self, path: str, at_most_bytes: int) -> bytes | None:
        """The beginning of a file, so long at most, or None when there is none."""
        entry = self.find(path)
        if entry is None or entry.is_folder:
            return None
        return b"".join(self.pieces(entry, 0, min(entry.size_bytes, at_most_bytes)))

    @cached_property
    def attributes(self) -> Attributes:
        """What `.gitattributes` says here of which files are large."""
        content = self.find_bytes(ATTRIBUTES, Attributes.MAX_BYTES + 1) or b""
        return Attributes(content if len(content) <= Attributes.MAX_BYTES else None)

    def history(self) -> Iterator[CommitInfo]:
        """The commits that led here, newest first."""
        order = pygit2.enums.SortMode.TOPOLOGICAL | pygit2.enums.SortMode.TIME
        with damage_named():
            for commit in self._git.walk(self._commit.id, order):
                yield commit_info(commit)

    def last_commits(self, entries: Sequence[Entry]) -> dict[str, CommitInfo]:
        """For each path, the last commit that touched it. Needs entries of this snapshot."""
        return last_commits(self._git, self._commit, [entry.path for entry in entries])

    def changed_paths(self) -> list[tuple[str, str]]:
        """What this commit changed: (path, "added", "modified" or "deleted")."""
        with damage_named():
            first = next(iter(self._commit.parent_ids), None)
            before = self._git[first].peel(pygit2.Commit).tree if first else None
            diff = (
                self._tree.diff_to_tree(before, swap=True)
                if before is not None
                else self._tree.diff_to_tree(swap=True)
            )
            return [
                (delta.new_file.path, delta.status.name.lower())
                for delta in diff.deltas
                if delta.status.name
            ]

    def _folder(self, path: str) -> pygit2.Tree:
        found = self._lookup(path) if path else self._tree
        if not isinstance(found, pygit2.Tree):
            raise EntryNotFoundError(path, self.commit_sha)
        return found

    def _lookup(self, path: str) -> pygit2.Object | None:
        if not path or path.startswith("/") or path.endswith("/") or "\0" in path:
            return None
        try:
            with damage_named(but=KeyError):
                return self._tree[path]
        except (KeyError, ValueError, TypeError):  # no text that could be a name
            return None

    def _entry(self, path: str, item: pygit2.Object) -> Entry:
        if not isinstance(item, pygit2.Blob):
            return Entry(path, isinstance(item, pygit2.Tree), str(item.id), 0)
        # From the header alone: to ask the object for its size would unpack all of it.
        with damage_named():
            size_bytes = self._git.odb.read_header(item.id)[1]
            large = read_pointer(item.data) if may_be_pointer(size_bytes) else None
        return Entry(path, False, str(item.id), large.size_bytes if large else size_bytes, large)


def _folders_first(named: tuple[str, pygit2.Object]) -> tuple[bool, str]:
    path, item = named
    return not isinstance(item, pygit2.Tree), path

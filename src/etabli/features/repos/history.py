"""Commits, and which of them touched a file last."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pygit2

LONGEST_SEARCH = 10_000
"""Commits looked through, at most, for the last one that touched a file."""

MOST_REMEMBERED = 64
"""Folders whose last commits are kept in memory, so that pages of a list cost nothing more."""


@dataclass(frozen=True)
class CommitInfo:
    sha: str
    title: str
    message: str
    author: str
    committed_at: datetime
    parents: Sequence[str]


def commit_info(commit: pygit2.Commit) -> CommitInfo:
    title, _, rest = commit.message.partition("\n")
    return CommitInfo(
        sha=str(commit.id),
        title=title,
        message=rest.strip("\n"),
        author=commit.author.name,
        committed_at=datetime.fromtimestamp(commit.commit_time, UTC),
        parents=[str(parent) for parent in commit.parent_ids],
    )


def last_commits(
    git: pygit2.Repository, commit: pygit2.Commit, paths: Iterable[str]
) -> dict[str, CommitInfo]:
    """For each path that is there, the last commit, by first parents, that touched it."""
    folders: dict[str, list[str]] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append(name)
    found = {}
    infos: dict[str, CommitInfo] = {}
    for folder, names in folders.items():
        shas = _REMEMBERED.of_folder(git, commit, folder)
        for name in names:
            if sha := shas.get(name):
                if sha not in infos:
                    infos[sha] = commit_info(git[sha].peel(pygit2.Commit))
                found[f"{folder}/{name}" if folder else name] = infos[sha]
    return found


class _Remembered:
    """Of each folder at some commits: the commit that touched each name in it last.

    The folder of a later commit is found from that of an earlier one, so a walk ends where the
    one before it began. Can be forgotten at any time.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str, str], Mapping[str, str]] = OrderedDict()
        self._lock = threading.Lock()

    def of_folder(
        self, git: pygit2.Repository, commit: pygit2.Commit, folder: str
    ) -> Mapping[str, str]:
        where = (git.path, folder, str(commit.id))
        found = self._get(where)
        if found is None:
            found = self._walk(git, commit, folder)
            with self._lock:
                self._known[where] = found
                while len(self._known) > MOST_REMEMBERED:
                    self._known.popitem(last=False)
        return found

    def _walk(
        self, git: pygit2.Repository, commit: pygit2.Commit, folder: str
    ) -> Mapping[str, str]:
        tree = _tree_at(commit, folder)
        missing = {entry.name or "" for entry in tree} if tree is not None else set()
        found: dict[str, str] = {}
        for _ in range(LONGEST_SEARCH):
            known = self._get((git.path, folder, str(commit.id)))
            if known is not None:
                found |= {name: known[name] for name in missing if name in known}
                break
            parent = commit.parents[0] if commit.parents else None
            before = _tree_at(parent, folder) if parent else None
            touched = _changed_names(tree, before) & missing
            found |= dict.fromkeys(touched, str(commit.id))
            missing -= touched
            if parent is None or not missing:
                break
            commit, tree = parent, before
        return found

    def _get(self, where: tuple[str, str, str]) -> Mapping[str, str] | None:
        with self._lock:
            found = self._known.get(where)
            if found is not None:
                self._known.move_to_end(where)
            return found


_REMEMBERED = _Remembered()


def _tree_at(commit: pygit2.Commit, folder: str) -> pygit2.Tree | None:
    if not folder:
        return commit.tree
    try:
        found = commit.tree[folder]
    except KeyError:
        return None
    return found if isinstance(found, pygit2.Tree) else None


def _changed_names(tree: pygit2.Tree | None, before: pygit2.Tree | None) -> set[str]:
    """The names in `tree` that are not the same in `before`."""
    if tree is None or (before is not None and tree.id == before.id):
        return set()
    if before is None:
        return {entry.name or "" for entry in tree}
    changed = tree.diff_to_tree(before, swap=True).deltas
    return {delta.new_file.path.partition("/")[0] for delta in changed}

"""Commits, and which of them touched a file last."""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pygit2

from etabli.features.git.tree_objects import damage_named

LONGEST_SEARCH = 10_000
"""Commits looked through, at most, for the last ones that touched some paths."""

MAX_LOOKUPS = 1_000_000
"""Names looked up in folders, at most, in one search: some seconds. What was not found then has no
last commit that is known."""

MAX_REMEMBERED_PATHS = 50_000
"""Paths whose last commits are kept in memory, so that pages of a list cost nothing more."""

_FIRST_S, _LAST_S = -62_135_596_800, 253_402_300_799
"""The years 1 and 9999. A commit may say any number."""


@dataclass(frozen=True)
class CommitInfo:
    sha: str
    title: str
    message: str
    author: str
    committed_at: datetime
    parents: Sequence[str]


def commit_info(commit: pygit2.Commit) -> CommitInfo:
    encoding = commit.message_encoding
    title, _, rest = _text(commit.raw_message, encoding).partition("\n")
    return CommitInfo(
        sha=str(commit.id),
        title=title,
        message=rest.strip("\n"),
        author=_text(commit.author.raw_name, encoding),
        committed_at=datetime.fromtimestamp(min(max(commit.commit_time, _FIRST_S), _LAST_S), UTC),
        parents=[str(parent) for parent in commit.parent_ids],
    )


def _text(raw: bytes, encoding: str | None) -> str:
    try:
        return raw.decode(encoding or "utf-8", "replace")
    except LookupError:  # a commit may name an encoding that there is not
        return raw.decode("utf-8", "replace")


def last_commits(
    git: pygit2.Repository, commit: pygit2.Commit, paths: Iterable[str]
) -> dict[str, CommitInfo]:
    """For each path that is there, the last commit, by first parents, that touched it.

    One walk for all of them. A path is left out when the search ended before its commit was
    reached, at `LONGEST_SEARCH` commits or `MAX_LOOKUPS`.

    Raises:
        DamagedRepoError: a commit or a folder is lost.
    """
    asked = list(dict.fromkeys(paths))
    where = (git.path, str(commit.id))
    found = _REMEMBERED.of(where, asked)
    missing = [path for path in asked if path not in found]
    if missing:
        with damage_named():
            searched = _Search(git, missing).run(commit)
        found |= {path: searched.get(path) for path in missing}
        _REMEMBERED.keep(where, found)
    shas = {sha for sha in found.values() if sha}
    with damage_named():
        infos = {sha: commit_info(git[sha].peel(pygit2.Commit)) for sha in shas}
    return {path: infos[sha] for path in asked if (sha := found[path])}


Last = Mapping[str, str | None]
"""Of each path the commit that touched it last; None: it is older than what was looked through."""


class _Remembered:
    """The last commits of paths, seen from some commits. Can be forgotten at any time."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, str], dict[str, str | None]] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def of(self, where: tuple[str, str], paths: Iterable[str]) -> dict[str, str | None]:
        with self._lock:
            known = self._known.get(where)
            if known is None:
                return {}
            self._known.move_to_end(where)
            return {path: known[path] for path in paths if path in known}

    def has(self, where: tuple[str, str]) -> bool:
        return where in self._known

    def keep(self, where: tuple[str, str], last: Last) -> None:
        with self._lock:
            known = self._known.setdefault(where, {})
            self._count -= len(known)
            known |= last
            self._count += len(known)
            self._known.move_to_end(where)
            while self._count > MAX_REMEMBERED_PATHS and self._known:
                self._count -= len(self._known.popitem(last=False)[1])


_REMEMBERED = _Remembered()

_Thing = tuple[str, int] | None
"""What a name stands for: its SHA-1 and its mode; None when it is not there."""


@dataclass
class _Node:
    """A path that is looked for, or a folder on the way to some."""

    path: str
    thing: _Thing = None
    """As it is in the commit at hand."""
    is_asked: bool = False
    inside: dict[str, "_Node"] = field(default_factory=dict)

    @property
    def is_done(self) -> bool:
        return not self.is_asked and not self.inside


class _Search:
    """Goes from a commit to its first parent, and on: looks only into folders that differ, and
    there only for what is still to be found."""

    def __init__(self, git: pygit2.Repository, paths: Iterable[str]) -> None:
        self._git = git
        self._root = _Node("")
        self._lookups = 0
        self._found: dict[str, str | None] = {}
        for path in paths:
            node = self._root
            for name in path.split("/"):
                prefix = f"{node.path}/" if node.path else ""
                node = node.inside.setdefault(name, _Node(f"{prefix}{name}"))
            node.is_asked = True

    def run(self, commit: pygit2.Commit) -> Last:
        self._look(commit.tree)
        for _ in range(LONGEST_SEARCH):
            if _REMEMBERED.has((self._git.path, str(commit.id))):
                self._take_remembered(commit)
            if not self._root.inside or self._lookups > MAX_LOOKUPS:
                break
            parent_id = next(iter(commit.parent_ids), None)
            parent = self._git[parent_id].peel(pygit2.Commit) if parent_id else None
            self._compare(str(commit.id), parent.tree if parent else None)
            if parent is None:
                break
            commit = parent
        return self._found

    def _look(self, tree: pygit2.Tree) -> None:
        """What each name stands for at the beginning. What is not there is not looked for."""
        folders: list[tuple[_Node, pygit2.Tree]] = [(self._root, tree)]
        while folders:
            node, tree = folders.pop()
            for name, child in list(node.inside.items()):
                child.thing, inner = self._lookup(tree, name)
                if child.thing is None:
                    del node.inside[name]
                elif child.inside and inner is not None:
                    folders.append((child, inner))
                else:
                    child.inside.clear()

    def _compare(self, sha: str, before: pygit2.Tree | None) -> None:
        """Note this commit for all that is not the same in its parent."""
        folders: list[tuple[_Node, pygit2.Tree | None]] = [(self._root, before)]
        visited: list[_Node] = []
        while folders:
            node, tree = folders.pop()
            visited.append(node)
            for name, child in node.inside.items():
                thing, inner = self._lookup(tree, name)
                if thing == child.thing:
                    continue
                if child.is_asked:
                    self._found[child.path] = sha
                    child.is_asked = False
                child.thing = thing
                folders.append((child, inner))
        _forget_done(visited)

    def _take_remembered(self, commit: pygit2.Commit) -> None:
        """Whoever asked at this commit before has found some of these already."""
        folders, visited = [self._root], []
        where = (self._git.path, str(commit.id))
        while folders:
            node = folders.pop()
            visited.append(node)
            folders.extend(node.inside.values())
        self._lookups += len(visited)
        known = _REMEMBERED.of(where, [node.path for node in visited if node.is_asked])
        for node in visited:
            if node.is_asked and node.path in known:
                self._found[node.path] = known[node.path]
                node.is_asked = False
        _forget_done(visited)

    def _lookup(self, tree: pygit2.Tree | None, name: str) -> tuple[_Thing, pygit2.Tree | None]:
        self._lookups += 1
        if tree is None or name not in tree:
            return None, None
        item = tree[name]
        inner = item if isinstance(item, pygit2.Tree) else None
        return (str(item.id), int(item.filemode)), inner


def _forget_done(visited: Sequence[_Node]) -> None:
    """What is found is not looked for again. Folders come before what is in them."""
    for node in reversed(visited):
        for name in [name for name, child in node.inside.items() if child.is_done]:
            del node.inside[name]

"""Trees of folders, gone through without going deeper on the stack, and never without an end.

A tree is small to send and can be immense to list: folders may be named twice, and each of them
name another one twice.
"""

import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pygit2

from etabli.features.git.errors import DamagedRepoError, TreeOutOfBoundsError, TreeTooLargeError
from etabli.features.git.paths import LONGEST_PATH_BYTES, MAX_DEPTH
from etabli.foundation.lru import LruCache

MAX_ENTRIES = 200_000
"""Files and folders of one revision, in all. Hugging Face's hub advises half as many files."""

MAX_REMEMBERED_SIZES = 20_000
"""Trees whose size is kept in memory. A tree's SHA-1 says all that is in it, so one is never out of
date, and a commit has to look at nothing but what it changed."""

Child = tuple[int, int, str]
"""The length of a name in bytes, the mode, and the SHA-1 of what it names."""
ReadTree = Callable[[str], Sequence[Child]]


@contextmanager
def damage_named(but: type[Exception] | None = None) -> Iterator[None]:
    """
    Args:
        but: goes through as it is, unless git itself says that it lacks an object.

    Raises:
        DamagedRepoError: git lacks an object, or cannot read it.
    """
    try:
        yield
    except (KeyError, pygit2.GitError) as error:
        if but and isinstance(error, but) and not isinstance(error, pygit2.GitError):
            raise
        raise DamagedRepoError(str(error)) from error


def walk(tree: pygit2.Tree, prefix: str = "") -> Iterator[tuple[str, pygit2.Object]]:
    """All that is in a tree, and in the folders of it, with their paths. In no order.

    Raises:
        TreeOutOfBoundsError: it is deeper, or has more in it, than `MAX_DEPTH` or `MAX_ENTRIES`.
        DamagedRepoError: a folder is lost.
    """
    waiting, count = [(tree, prefix)], 0
    while waiting:
        for path, item in inside(*waiting.pop()):
            count += 1
            if count > MAX_ENTRIES:
                raise TreeOutOfBoundsError(MAX_DEPTH, MAX_ENTRIES)
            yield path, item
            if isinstance(item, pygit2.Tree):
                if path.count("/") >= MAX_DEPTH:
                    raise TreeOutOfBoundsError(MAX_DEPTH, MAX_ENTRIES)
                waiting.append((item, f"{path}/"))


def inside(tree: pygit2.Tree, prefix: str = "") -> Iterator[tuple[str, pygit2.Object]]:
    """What is in a tree itself, with its paths."""
    for item in _items(tree):
        yield f"{prefix}{item.name}", item


def first_places(
    git: pygit2.Repository, tree_id: pygit2.Oid, seen: set[pygit2.Oid]
) -> Iterator[tuple[str, pygit2.Oid]]:
    """Each file of a tree that was not seen yet, once, and one place where it lies: however deep
    the tree is, and however often it names the same folders.

    Raises:
        DamagedRepoError: a folder is lost.
    """
    waiting = [(tree_id, "")]
    while waiting:
        folder_id, prefix = waiting.pop()
        if folder_id in seen:
            continue
        seen.add(folder_id)
        for path, item in inside(_tree(git, folder_id), prefix):
            if item.id in seen:
                continue
            if isinstance(item, pygit2.Tree):
                waiting.append((item.id, f"{path}/"))
            elif isinstance(item, pygit2.Blob):
                seen.add(item.id)
                yield path, item.id


@dataclass(frozen=True)
class TreeSize:
    depth: int
    """Folders within each other, below this one."""
    entries: int
    """Files and folders in it, and in those; a folder that is named twice counts twice."""
    path_bytes: int
    """The longest path in it."""

    @property
    def is_within_bounds(self) -> bool:
        return (
            self.depth <= MAX_DEPTH
            and self.entries <= MAX_ENTRIES
            and self.path_bytes <= LONGEST_PATH_BYTES
        )


def require_bounds(tree_sha: str, read: ReadTree) -> None:
    """
    Args:
        read: what is in a tree, by its SHA-1; each is asked for once, and may be new.

    Raises:
        TreeTooLargeError: the tree of a commit is over the limits.
        DamagedRepoError: a folder is lost.
    """
    if not _SIZES.of(tree_sha, read).is_within_bounds:
        raise TreeTooLargeError(MAX_DEPTH, MAX_ENTRIES, LONGEST_PATH_BYTES)


def read_from(git: pygit2.Repository) -> ReadTree:
    def read(sha: str) -> Sequence[Child]:
        return [
            (len(item.raw_name or b""), int(item.filemode), str(item.id))
            for item in _items(_tree(git, pygit2.Oid(hex=sha)))
        ]

    return read


class _Sizes:
    def __init__(self) -> None:
        self._known: LruCache[str, TreeSize] = LruCache(MAX_REMEMBERED_SIZES)

    def of(self, tree_sha: str, read: ReadTree) -> TreeSize:
        """Deepest folders first: each is measured when all those in it are."""
        measured: dict[str, TreeSize] = {}
        children: dict[str, Sequence[Child]] = {}
        waiting = [tree_sha]
        while waiting:
            sha = waiting[-1]
            if sha not in children and (known := self._known.find(sha)) is not None:
                measured[sha] = known
            if sha in measured:
                waiting.pop()
                continue
            if sha not in children:
                children[sha] = read(sha)
            missing = {c[2] for c in children[sha] if stat.S_ISDIR(c[1])} - measured.keys()
            if missing:
                waiting += missing
                continue
            measured[sha] = _sum(children.pop(sha), measured)
            self._known.keep(sha, measured[sha])
            waiting.pop()
        return measured[tree_sha]


_SIZES = _Sizes()


def _sum(children: Sequence[Child], measured: dict[str, TreeSize]) -> TreeSize:
    depth = entries = path_bytes = 0
    for name_bytes, mode, sha in children:
        entries += 1
        longest = name_bytes
        if stat.S_ISDIR(mode):
            inside = measured[sha]
            depth = max(depth, inside.depth + 1)
            entries += inside.entries
            longest += 1 + inside.path_bytes
        path_bytes = max(path_bytes, longest)
    return TreeSize(depth, entries, path_bytes)


def _items(tree: pygit2.Tree) -> Iterator[pygit2.Object]:
    with damage_named():
        yield from tree


def _tree(git: pygit2.Repository, tree_id: pygit2.Oid) -> pygit2.Tree:
    with damage_named():
        found = git[tree_id]
    if not isinstance(found, pygit2.Tree):
        raise DamagedRepoError(str(tree_id))
    return found

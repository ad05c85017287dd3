"""Which large files the commits of a repository name: all that its refs lead to."""

from collections.abc import Iterable, Iterator

import pygit2

from etabli.features.repos.pointers import may_be_pointer, read_pointer


def named_large_files(
    git: pygit2.Repository, shas: Iterable[str], known: Iterable[str] = ()
) -> set[str]:
    """The SHA-256 of each. Reads every tree once, and of the files those as small as a pointer.

    Args:
        known: commits that need not be looked at, nor any that led to them.
    """
    named: set[str] = set()
    seen: set[pygit2.Oid] = set()
    for commit in _commits(git, shas, known):
        for sha256 in _in_tree(git, commit.tree, seen):
            named.add(sha256)
    return named


def _commits(
    git: pygit2.Repository, shas: Iterable[str], known: Iterable[str]
) -> Iterator[pygit2.Commit]:
    walker = git.walk(None)
    for sha in shas:
        walker.push(git[sha].peel(pygit2.Commit).id)
    for sha in known:
        walker.hide(git[sha].peel(pygit2.Commit).id)
    yield from walker


def _in_tree(git: pygit2.Repository, tree: pygit2.Tree, seen: set[pygit2.Oid]) -> Iterator[str]:
    if tree.id in seen:
        return
    seen.add(tree.id)
    for entry in tree:
        if isinstance(entry, pygit2.Tree):
            yield from _in_tree(git, entry, seen)
        elif isinstance(entry, pygit2.Blob) and entry.id not in seen:
            seen.add(entry.id)
            if may_be_pointer(git.odb.read_header(entry.id)[1]):
                pointer = read_pointer(entry.data)
                if pointer is not None:
                    yield pointer.sha256

"""Which large files the commits of a repository name: all that its refs lead to."""

from collections.abc import Iterable, Iterator

import pygit2

from etabli.features.git.lfs_pointers import Pointer, may_be_pointer, read_pointer
from etabli.features.git.tree_objects import damage_named, first_places


def named_large_files(
    git: pygit2.Repository, shas: Iterable[str], known: Iterable[str] = ()
) -> set[str]:
    """The SHA-256 of each. Reads every tree once, and of the files those as small as a pointer.

    Args:
        known: commits that need not be looked at, nor any that led to them.

    Raises:
        DamagedRepoError: something that a ref leads to is lost: what is named is not known then.
    """
    seen: set[pygit2.Oid] = set()
    with damage_named():
        return {
            pointer.sha256
            for commit in _commits(git, shas, known)
            for _, pointer in new_pointers(git, commit.tree_id, seen)
        }


def new_pointers(
    git: pygit2.Repository, tree_id: pygit2.Oid, seen: set[pygit2.Oid]
) -> Iterator[tuple[str, Pointer]]:
    """The large files of a tree that were not seen yet, each once, with a place where it lies.

    Raises:
        DamagedRepoError: something in it is lost.
    """
    for path, blob_id in first_places(git, tree_id, seen):
        with damage_named():
            small = may_be_pointer(git.odb.read_header(blob_id)[1])
            pointer = read_pointer(git.odb.read(blob_id)[1]) if small else None
        if pointer is not None:
            yield path, pointer


def _commits(
    git: pygit2.Repository, shas: Iterable[str], known: Iterable[str]
) -> Iterator[pygit2.Commit]:
    walker = git.walk(None)
    for sha in shas:
        walker.push(git[sha].peel(pygit2.Commit).id)
    for sha in known:
        walker.hide(git[sha].peel(pygit2.Commit).id)
    yield from walker

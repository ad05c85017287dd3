"""Two commits made into one tree, by git's own rules, where nobody sees it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pygit2
from dulwich.objects import ShaFile

from etabli.features.git.quarantine import Quarantine


@dataclass(frozen=True)
class MergedTree:
    tree_sha: str
    """Empty when there are conflicts."""
    objects: Sequence[ShaFile]
    """All that the tree needs besides what the repository has."""
    conflicts: Sequence[str]
    """The paths that a person must look at, in order."""


def merge_objects(apart: Quarantine, ours: str, theirs: str) -> MergedTree:
    """Merge lines of text where they do not touch. Binary files, and the pointers of large ones,
    are merged only if one side left them as they were."""
    git = apart.open()
    # No renames, to guess wrongly is worse than to ask; and no merging of several ancestors first,
    # which a made-up history could let last for ever.
    index = git.merge_commits(ours, theirs, flags=pygit2.enums.MergeFlag.NO_RECURSIVE)
    if index.conflicts is not None:
        return MergedTree("", [], _paths(index.conflicts))
    tree_sha = str(index.write_tree(git))
    return MergedTree(tree_sha, [_as_dulwich(git, sha) for sha in apart.loose()], [])


def _paths(conflicts: pygit2.index.ConflictCollection) -> Sequence[str]:
    """A conflict is up to three entries: before, ours, theirs."""
    named = {entry.path for sides in conflicts for entry in sides if entry is not None}
    return sorted(named)


def _as_dulwich(git: pygit2.Repository, sha: str) -> ShaFile:
    kind, content = git.odb.read(pygit2.Oid(hex=sha))
    return ShaFile.from_raw_string(int(kind), content)

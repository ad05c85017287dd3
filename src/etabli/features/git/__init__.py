"""Git: objects on disk. What a commit, a tree, a pack and a difference are, and how they are kept.

Owns: the git directories of this hub: their objects, packs and derived refs.
May use: the foundation. It knows no row, no account and no name of a repository: only folders.
Words: a *pointer* stands in git for a large file, as Git LFS writes it; a *draft* is a commit whose
objects are safe on disk and which no ref shows yet; a *quarantine* holds what was pushed until it
is verified.
"""

from etabli.features.git.commit_builder import (
    AddFile,
    AddPointer,
    Change,
    CommitBuilder,
    CopyFile,
    DeleteFile,
    DeleteFolder,
    PreparedCommit,
    make_commit,
)
from etabli.features.git.diff import Comparison, FileDifference, TextDifference, compare
from etabli.features.git.errors import (
    BadPackError,
    BrokenRepoError,
    DamagedRepoError,
    EntryNotFoundError,
    InvalidPathError,
    PathClashError,
    PathTooDeepError,
    PushTooLargeError,
    RepackFailedError,
    TreeOutOfBoundsError,
    TreeTooLargeError,
)
from etabli.features.git.lfs_pointers import (
    ATTRIBUTES,
    Attributes,
    Pointer,
    initial_attributes,
    read_pointer,
)
from etabli.features.git.lfs_reachable import named_large_files, new_pointers
from etabli.features.git.log import CommitInfo, commit_info
from etabli.features.git.merge import merge_objects
from etabli.features.git.paths import path_parts
from etabli.features.git.quarantine import Quarantine, Target
from etabli.features.git.store import GitStore
from etabli.features.git.tree import Entry, ReadLarge, Snapshot
from etabli.features.git.tree_objects import damage_named, read_from, require_bounds

__all__ = [
    "ATTRIBUTES",
    "AddFile",
    "AddPointer",
    "Attributes",
    "BadPackError",
    "BrokenRepoError",
    "Change",
    "CommitBuilder",
    "CommitInfo",
    "Comparison",
    "CopyFile",
    "DamagedRepoError",
    "DeleteFile",
    "DeleteFolder",
    "Entry",
    "EntryNotFoundError",
    "FileDifference",
    "GitStore",
    "InvalidPathError",
    "PathClashError",
    "PathTooDeepError",
    "Pointer",
    "PreparedCommit",
    "PushTooLargeError",
    "Quarantine",
    "ReadLarge",
    "RepackFailedError",
    "Snapshot",
    "Target",
    "TextDifference",
    "TreeOutOfBoundsError",
    "TreeTooLargeError",
    "commit_info",
    "compare",
    "damage_named",
    "initial_attributes",
    "make_commit",
    "merge_objects",
    "named_large_files",
    "new_pointers",
    "path_parts",
    "read_from",
    "read_pointer",
    "require_bounds",
]

"""Repos: versioned folders of files with an owner. Models, datasets and apps are all repos.

Owns: repositories, their names, their refs (in SQL) and their git objects (on disk).
May use: the foundation, accounts, blobs, cards.
Words: a *full name* is `namespace/name`, which the clients call `repo_id`; a *revision* is a
branch, a tag or a commit; a *space* is an app; a *draft* is a commit whose objects are safe on disk
and which no ref shows yet; to *land* it is to move the ref, the one moment when it becomes true; a
*proposal* is a commit on `refs/pr/N`, which the wire calls a pull request.
"""

from etabli.features.repos.changes import (
    AddFile,
    AddPointer,
    Change,
    CopyFile,
    DeleteFile,
    DeleteFolder,
    Draft,
)
from etabli.features.repos.differences import Comparison, FileDifference, TextDifference
from etabli.features.repos.errors import (
    BadPackError,
    BranchMovedError,
    BrokenRepoError,
    ConflictingFilesError,
    DamagedRepoError,
    EntryNotFoundError,
    FileTooLargeError,
    InvalidPathError,
    InvalidRefNameError,
    InvalidRepoNameError,
    LargeFileNotHeldError,
    LargeFileSizeError,
    NothingToMergeError,
    PathTooDeepError,
    PushTooLargeError,
    QuotaReachedError,
    RefExistsError,
    RefProtectedError,
    RepackFailedError,
    RepoExistsError,
    RepoMovedError,
    RepoNotFoundError,
    RevisionNotFoundError,
    TreeOutOfBoundsError,
    TreeTooLargeError,
)
from etabli.features.repos.events import (
    LargeFileArrived,
    PacksPiledUp,
    RefDeleted,
    RepoCreated,
    RepoDeleted,
    RepoUpdated,
    RevisionPushed,
)
from etabli.features.repos.git import GitStore
from etabli.features.repos.history import CommitInfo
from etabli.features.repos.housekeeping import Housekeeping, LargeFile
from etabli.features.repos.large import UnnamedBlobs
from etabli.features.repos.models import (
    DEFAULT_BRANCH,
    HeldRepo,
    Ref,
    Repo,
    RepoType,
    full_ref,
    proposal_number,
)
from etabli.features.repos.paths import path_parts
from etabli.features.repos.pointers import LARGE_FROM_BYTES, Attributes, Pointer
from etabli.features.repos.pulls import Merge, PullRefs
from etabli.features.repos.pushes import Pushes, PushRefusedError, RefUpdate
from etabli.features.repos.readmes import DEFAULT_SDK
from etabli.features.repos.rebasing import MOST_REBASES, rebased
from etabli.features.repos.refs import Refs
from etabli.features.repos.service import Repos
from etabli.features.repos.snapshot import Entry, Snapshot
from etabli.features.repos.trees import damage_named

__all__ = [
    "DEFAULT_BRANCH",
    "DEFAULT_SDK",
    "LARGE_FROM_BYTES",
    "MOST_REBASES",
    "AddFile",
    "AddPointer",
    "Attributes",
    "BadPackError",
    "BranchMovedError",
    "BrokenRepoError",
    "Change",
    "CommitInfo",
    "Comparison",
    "ConflictingFilesError",
    "CopyFile",
    "DamagedRepoError",
    "DeleteFile",
    "DeleteFolder",
    "Draft",
    "Entry",
    "EntryNotFoundError",
    "FileDifference",
    "FileTooLargeError",
    "GitStore",
    "HeldRepo",
    "Housekeeping",
    "InvalidPathError",
    "InvalidRefNameError",
    "InvalidRepoNameError",
    "LargeFile",
    "LargeFileArrived",
    "LargeFileNotHeldError",
    "LargeFileSizeError",
    "Merge",
    "NothingToMergeError",
    "PacksPiledUp",
    "PathTooDeepError",
    "Pointer",
    "PullRefs",
    "PushRefusedError",
    "PushTooLargeError",
    "Pushes",
    "QuotaReachedError",
    "Ref",
    "RefDeleted",
    "RefExistsError",
    "RefProtectedError",
    "RefUpdate",
    "Refs",
    "RepackFailedError",
    "Repo",
    "RepoCreated",
    "RepoDeleted",
    "RepoExistsError",
    "RepoMovedError",
    "RepoNotFoundError",
    "RepoType",
    "RepoUpdated",
    "Repos",
    "RevisionNotFoundError",
    "RevisionPushed",
    "Snapshot",
    "TextDifference",
    "TreeOutOfBoundsError",
    "TreeTooLargeError",
    "UnnamedBlobs",
    "damage_named",
    "full_ref",
    "path_parts",
    "proposal_number",
    "rebased",
]

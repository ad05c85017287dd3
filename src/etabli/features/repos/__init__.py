"""Repos: versioned folders of files with an owner. Models, datasets and apps are all repos.

Owns: repositories, their names and their refs (in SQL), and who may read a gated one's bytes
and who asked to,
and who likes what.
May use: the foundation, git, accounts, blobs, cards.
Words: a *full name* is `namespace/name`, which the clients call `repo_id`; a *revision* is a
branch, a tag or a commit; a *space* is an app; to *land* a draft is to move the ref, the one moment
when it becomes true; a *proposal* is a commit on `refs/pr/N`, which the wire calls a pull request.
"""

from etabli.features.repos.access_requests import CHECKED, AccessRequests
from etabli.features.repos.aliases import Aliases
from etabli.features.repos.card_check import DEFAULT_SDK
from etabli.features.repos.copies import Housekeeping, LargeFile
from etabli.features.repos.errors import (
    AccessAskedError,
    AccessDecidedError,
    AnswerMissingError,
    AnswerTooLongError,
    BranchMovedError,
    ConflictingFilesError,
    FileNotHereYetError,
    FileTooLargeError,
    GatedRepoError,
    GatedSignInError,
    InvalidRefNameError,
    InvalidRepoNameError,
    LargeFileNotHeldError,
    LargeFileSizeError,
    MirrorReadOnlyError,
    NotGatedError,
    NothingToMergeError,
    RefExistsError,
    RefProtectedError,
    RepoAliasedError,
    RepoExistsError,
    RepoMovedError,
    RepoNotFoundError,
    RevisionNotFoundError,
    UnknownAnswerError,
)
from etabli.features.repos.events import (
    GateChanged,
    LargeFileArrived,
    PacksPiledUp,
    RefDeleted,
    RepoCreated,
    RepoDeleted,
    RepoHidden,
    RepoMoved,
    RepoShown,
    RevisionPushed,
)
from etabli.features.repos.lfs_files import UnnamedBlobs
from etabli.features.repos.likes import Likes
from etabli.features.repos.mirrors import MirrorRepos, NamedPointer, is_mirrored_ref
from etabli.features.repos.models import (
    DEFAULT_BRANCH,
    REPO_COLUMNS,
    AccessRequest,
    Gate,
    HeldRepo,
    Like,
    Ref,
    Repo,
    RepoType,
    RequestStatus,
    proposal_number,
    repo_of_row,
)
from etabli.features.repos.new_repos import NewRepo, write_commits
from etabli.features.repos.public_events import PublicEvents
from etabli.features.repos.pull_request_refs import Merge, PullRequestRefs
from etabli.features.repos.pushes import Pushes, PushRefusedError, RefUpdate
from etabli.features.repos.refs import Refs
from etabli.features.repos.service import Repos
from etabli.features.repos.well_known import WELL_KNOWN

__all__ = [
    "CHECKED",
    "DEFAULT_BRANCH",
    "DEFAULT_SDK",
    "REPO_COLUMNS",
    "WELL_KNOWN",
    "AccessAskedError",
    "AccessDecidedError",
    "AccessRequest",
    "AccessRequests",
    "Aliases",
    "AnswerMissingError",
    "AnswerTooLongError",
    "BranchMovedError",
    "ConflictingFilesError",
    "FileNotHereYetError",
    "FileTooLargeError",
    "Gate",
    "GateChanged",
    "GatedRepoError",
    "GatedSignInError",
    "HeldRepo",
    "Housekeeping",
    "InvalidRefNameError",
    "InvalidRepoNameError",
    "LargeFile",
    "LargeFileArrived",
    "LargeFileNotHeldError",
    "LargeFileSizeError",
    "Like",
    "Likes",
    "Merge",
    "MirrorReadOnlyError",
    "MirrorRepos",
    "NamedPointer",
    "NewRepo",
    "NotGatedError",
    "NothingToMergeError",
    "PacksPiledUp",
    "PublicEvents",
    "PullRequestRefs",
    "PushRefusedError",
    "Pushes",
    "Ref",
    "RefDeleted",
    "RefExistsError",
    "RefProtectedError",
    "RefUpdate",
    "Refs",
    "Repo",
    "RepoAliasedError",
    "RepoCreated",
    "RepoDeleted",
    "RepoExistsError",
    "RepoHidden",
    "RepoMoved",
    "RepoMovedError",
    "RepoNotFoundError",
    "RepoShown",
    "RepoType",
    "Repos",
    "RequestStatus",
    "RevisionNotFoundError",
    "RevisionPushed",
    "UnknownAnswerError",
    "UnnamedBlobs",
    "is_mirrored_ref",
    "proposal_number",
    "repo_of_row",
    "write_commits",
]

from collections.abc import Sequence

from etabli.features.repos.models import Repo
from etabli.foundation.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.words import Text, say

MOST_NAMED = 10
"""Files in one sentence."""


class RepoNotFoundError(NotFoundError):
    """Also raised when the repo exists and the actor may not know it."""

    def __init__(self, full_name: str) -> None:
        super().__init__(
            say(
                "There is no repository {full_name} that you can see. Check the spelling, "
                "or sign in if it is private.",
                full_name=full_name,
            )
        )


class RepoMovedError(RepoNotFoundError):
    """Somebody asks for a name that a repository had. Doors lead them to its new one."""

    def __init__(self, repo: Repo, old_name: str) -> None:
        self.repo = repo
        super().__init__(old_name)


class RevisionNotFoundError(NotFoundError):
    def __init__(self, revision: str) -> None:
        super().__init__(
            say(
                "Invalid rev id: {revision}. No branch, tag or commit is called so here.",
                revision=revision,
            )
        )


class EntryNotFoundError(NotFoundError):
    def __init__(self, path: str, commit_sha: str) -> None:
        self.commit_sha = commit_sha
        super().__init__(
            say("There is no file {path} in this revision. See the list of files.", path=path)
        )


class NothingToDeleteError(EntryNotFoundError):
    def __init__(self, path: str, commit_sha: str) -> None:
        super().__init__(path, commit_sha)
        self.text = say(
            "A file with this name doesn't exist: {path}. Nothing was changed.", path=path
        )


class RepoExistsError(ConflictError):
    def __init__(self, repo: Repo) -> None:
        # A copy: the rollback that this error leads to empties the row.
        self.repo = Repo(type=repo.type, namespace=repo.namespace, name=repo.name)
        super().__init__(
            say(
                "A {type} repository called {full_name} already exists. Choose another name.",
                type=repo.type,
                full_name=repo.full_name,
            )
        )


class InvalidRepoNameError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(
            say(
                "“{name}” cannot name a repository: use 1 to 96 letters, digits, “-”, “_” or “.”, "
                "with no “-” or “.” at either end, no “--” and no “..”.",
                name=name,
            )
        )


class InvalidPathError(InvalidInputError):
    def __init__(self, path: str) -> None:
        super().__init__(
            say(
                "“{path}” cannot be the path of a file: give a relative path, "
                "with no “..”, no “.git” and no empty part.",
                path=path,
            )
        )


class PathTooDeepError(InvalidPathError):
    def __init__(self, path: str, max_depth: int) -> None:
        super().__init__(path)
        self.text = say(
            "“{path}” has more than {max_depth} folders within each other, the most that this "
            "hub takes. Put the file in fewer.",
            path=f"{path[:100]}…" if len(path) > 100 else path,
            max_depth=max_depth,
        )


class BrokenRepoError(ConflictError):
    """What is asked cannot be read from a repository as it is. Whoever goes through many skips it,
    and names it."""

    def __init__(self, text: Text, reason: str = "") -> None:
        super().__init__(text)
        self.reason = reason or str(text)
        """For the operator: it may name a file of this machine."""


class DamagedRepoError(BrokenRepoError):
    def __init__(self, reason: str) -> None:
        super().__init__(
            say(
                "This repository cannot be read, since something in it is lost or damaged. "
                "The operator of this hub can find out what: etabli fsck."
            ),
            reason,
        )


class TreeOutOfBoundsError(BrokenRepoError):
    """It came before the limits did."""

    def __init__(self, max_depth: int, max_entries: int) -> None:
        super().__init__(
            say(
                "This revision has more than {max_depth} folders within each other, or more than "
                "{max_entries} files and folders, and cannot be listed whole. Look at its folders "
                "one by one, or fetch it with git.",
                max_depth=max_depth,
                max_entries=str(max_entries),
            )
        )


class TreeTooLargeError(LimitError):
    def __init__(self, max_depth: int, max_entries: int, max_path_bytes: int) -> None:
        super().__init__(
            say(
                "A revision here has at most {max_depth} folders within each other, {max_entries} "
                "files and folders in all, and paths of {max_path_bytes} bytes; this would have "
                "more. Put the files in fewer folders, or pack them in archives.",
                max_depth=max_depth,
                max_entries=str(max_entries),
                max_path_bytes=str(max_path_bytes),
            )
        )


class GitObjectTooLargeError(LimitError):
    def __init__(self, sha: str, limit_mb: int) -> None:
        super().__init__(
            say(
                "The folder, the commit or the tag {sha} is over {limit_mb} MB, more than this hub "
                "takes. Put less in it, and push again.",
                sha=sha,
                limit_mb=limit_mb,
            )
        )


class PathClashError(InvalidInputError):
    def __init__(self, path: str) -> None:
        super().__init__(
            say(
                "“{path}” would be both a file and a folder. Delete one of them first.",
                path=path,
            )
        )


class FileTooLargeError(LimitError):
    def __init__(self, path: str, limit_mb: int) -> None:
        super().__init__(
            say(
                "{path} is over {limit_mb} MB, the most that this hub takes for one file. "
                "Split it, or ask the operator to raise the limit.",
                path=path,
                limit_mb=limit_mb,
            )
        )


class QuotaReachedError(LimitError):
    def __init__(self, namespace: str, quota_bytes: int) -> None:
        super().__init__(
            say(
                "{namespace} may hold {quota_gb} GB in large files here, and this would be more. "
                "Delete some of them, or ask the operator to raise the limit.",
                namespace=namespace,
                quota_gb=f"{quota_bytes / 1e9:g}",
            )
        )


class LargeFileNotHeldError(InvalidInputError):
    def __init__(self, sha256: str) -> None:
        super().__init__(
            say(
                "This repository does not hold the bytes of the large file {sha256}. "
                "Upload them to it first: `git lfs push`, or any version of huggingface_hub, does.",
                sha256=sha256,
            )
        )


class LargeFileSizeError(InvalidInputError):
    def __init__(self, sha256: str, held: int, said: int) -> None:
        super().__init__(
            say(
                "The large file {sha256} has {held} bytes, and is said to have {said}.",
                sha256=sha256,
                held=str(held),
                said=str(said),
            )
        )


class BranchMovedError(ConflictError):
    def __init__(self, branch: str) -> None:
        super().__init__(
            say(
                "The branch was updated since you opened this page. "
                "Please refresh and try again. (Branch: {branch}.)",
                branch=branch,
            )
        )


class NothingToMergeError(ConflictError):
    def __init__(self, branch: str) -> None:
        super().__init__(
            say(
                "There is nothing to merge: {branch} has all of this already. Close the proposal, "
                "or commit something to it.",
                branch=branch,
            )
        )


class ConflictingFilesError(ConflictError):
    def __init__(self, branch: str, paths: Sequence[str]) -> None:
        self.paths = paths
        named = ", ".join(paths[:MOST_NAMED])
        super().__init__(
            say(
                "{branch} and this proposal changed the same places in {files}. Merge {branch} "
                "into the proposal with git, or propose the change anew.",
                branch=branch,
                files=f"{named}, …" if len(paths) > MOST_NAMED else named,
            )
        )


class NotABranchError(InvalidInputError):
    def __init__(self, ref: str) -> None:
        super().__init__(
            say("{ref} is a proposal, and only a branch can be squashed. Merge it first.", ref=ref)
        )


class RefExistsError(ConflictError):
    def __init__(self, ref: str) -> None:
        super().__init__(say("Reference {ref} already exists. Choose another name.", ref=ref))


class InvalidRefNameError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(
            say(
                "“{name}” cannot name a branch or a tag: "
                "use letters, digits, “-”, “_”, “.” and single “/”.",
                name=name,
            )
        )


class RefProtectedError(ForbiddenError):
    def __init__(self, ref: str) -> None:
        super().__init__(say("Cannot delete {ref}: every repository keeps it.", ref=ref))


class RefNotPushableError(ForbiddenError):
    def __init__(self, ref: str) -> None:
        super().__init__(
            say(
                "{ref} is neither a branch nor a tag, nor an open proposal that you may change: "
                "only those are pushed.",
                ref=ref,
            )
        )


class NoCommitError(InvalidInputError):
    def __init__(self, ref: str) -> None:
        super().__init__(say("{ref} would lead to no commit.", ref=ref))


class BadPackError(InvalidInputError):
    def __init__(self, reason: str) -> None:
        super().__init__(
            say("What git sent cannot be kept: {reason}", reason=reason or say("it is damaged."))
        )


class PushTooLargeError(LimitError):
    def __init__(self, limit_mb: int, *, unpacked: bool = False) -> None:
        if unpacked:
            super().__init__(
                say(
                    "The folders of all the commits in this push are over {limit_mb} MB unpacked, "
                    "the most that this hub looks through at once. Push in several steps.",
                    limit_mb=limit_mb,
                )
            )
            return
        super().__init__(
            say(
                "This push is over {limit_mb} MB, the most that this hub takes at once. "
                "Push in several steps, or ask the operator to raise the limit.",
                limit_mb=limit_mb,
            )
        )


class GitFileTooLargeError(LimitError):
    def __init__(self, name: str, limit_mb: int) -> None:
        super().__init__(
            say(
                "{name} is over {limit_mb} MB, which git itself should not carry. Let Git LFS do "
                "it: git lfs migrate import --include={name}",
                name=name,
                limit_mb=limit_mb,
            )
        )


class BadCardError(InvalidInputError):
    def __init__(self, problem: Text) -> None:
        super().__init__(say("README.md was not taken: {problem}", problem=problem))


class RepackFailedError(UnavailableError):
    def __init__(self, repo_key: str, reason: str) -> None:
        super().__init__(
            say(
                "The packs of the repository {key} could not be made fewer: {reason}.",
                key=repo_key,
                reason=reason,
            )
        )


class SubmoduleError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(say("{name} is a submodule, which this hub does not take.", name=name))

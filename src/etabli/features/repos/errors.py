from collections.abc import Mapping, Sequence

from etabli.features.repos.models import Repo, RequestStatus
from etabli.foundation.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnauthenticatedError,
)
from etabli.foundation.i18n.messages import Message, msg, msg_plural

MAX_NAMED = 10
"""Files in one sentence."""


class RepoNotFoundError(NotFoundError):
    """Also raised when the repo exists and the actor may not know it."""

    def __init__(self, full_name: str) -> None:
        super().__init__(
            msg(
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


class RepoAliasedError(RepoNotFoundError):
    """Somebody asks for a name without an owner. Doors lead them to the name with its owner."""

    def __init__(self, alias: str, full_name: str) -> None:
        self.alias = alias
        self.full_name = full_name
        super().__init__(alias)


class AliasNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg("“{name}” means no repository. “etabli aliases ls” lists those that do.", name=name)
        )


class InvalidAliasError(InvalidInputError):
    def __init__(self, name: str, full_name: str) -> None:
        super().__init__(
            msg(
                "“{name}” cannot mean “{full_name}”: write a name alone, and then OWNER/NAME.",
                name=name,
                full_name=full_name,
            )
        )


class RevisionNotFoundError(NotFoundError):
    def __init__(self, revision: str) -> None:
        super().__init__(
            msg(
                "Invalid rev id: {revision}. No branch, tag or commit is called so here.",
                revision=revision,
            )
        )


class MirrorReadOnlyError(ForbiddenError):
    def __init__(self, full_name: str) -> None:
        super().__init__(
            msg(
                "{full_name} is a copy of a repository of another hub, and is only read here. "
                "Change it where it comes from; its page says where that is.",
                full_name=full_name,
            )
        )


class RepoExistsError(ConflictError):
    def __init__(self, repo: Repo) -> None:
        # A copy: the rollback that this error leads to empties the row.
        self.repo = Repo(type=repo.type, namespace=repo.namespace, name=repo.name)
        super().__init__(
            msg(
                "A {type} repository called {full_name} already exists. Choose another name.",
                type=repo.type,
                full_name=repo.full_name,
            )
        )


class InvalidRepoNameError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg(
                "“{name}” cannot name a repository: use 1 to 96 letters, digits, “-”, “_” or “.”, "
                "with no “-” or “.” at either end, no “--” and no “..”.",
                name=name,
            )
        )


class FileTooLargeError(LimitError):
    def __init__(self, path: str, limit_mb: int) -> None:
        super().__init__(
            msg(
                "{path} is over {limit_mb} MB, the most that this hub takes for one file. "
                "Split it, or ask the operator to raise the limit.",
                path=path,
                limit_mb=limit_mb,
            )
        )


class FileNotHereYetError(NotFoundError):
    def __init__(self, full_name: str) -> None:
        super().__init__(
            msg(
                "This file is not here yet: {full_name} is a copy of a repository of another hub, "
                "whose large files come when they are first downloaded. Download it, then try "
                "again.",
                full_name=full_name,
            )
        )


class LargeFileNotHeldError(InvalidInputError):
    def __init__(self, sha256: str) -> None:
        super().__init__(
            msg(
                "This repository does not hold the bytes of the large file {sha256}. "
                "Upload them to it first: `git lfs push`, or any version of huggingface_hub, does.",
                sha256=sha256,
            )
        )


class LargeFileSizeError(InvalidInputError):
    def __init__(self, sha256: str, held: int, said: int) -> None:
        super().__init__(
            msg(
                "The large file {sha256} has {bytes}, and is said to have {said}.",
                sha256=sha256,
                bytes=msg_plural("{n} byte", "{n} bytes", "n", n=held),
                said=said,
            )
        )


class BranchMovedError(ConflictError):
    def __init__(self, branch: str) -> None:
        super().__init__(
            msg(
                "The branch was updated since you opened this page. "
                "Please refresh and try again. (Branch: {branch}.)",
                branch=branch,
            )
        )


class NothingToMergeError(ConflictError):
    def __init__(self, branch: str) -> None:
        super().__init__(
            msg(
                "There is nothing to merge: {branch} has all of this already. Close the proposal, "
                "or commit something to it.",
                branch=branch,
            )
        )


class ConflictingFilesError(ConflictError):
    def __init__(self, branch: str, paths: Sequence[str]) -> None:
        self.paths = paths
        named = ", ".join(paths[:MAX_NAMED])
        super().__init__(
            msg(
                "{branch} and this proposal changed the same places in {files}. Merge {branch} "
                "into the proposal with git, or propose the change anew.",
                branch=branch,
                files=f"{named}, …" if len(paths) > MAX_NAMED else named,
            )
        )


class RefExistsError(ConflictError):
    def __init__(self, ref: str) -> None:
        super().__init__(msg("Reference {ref} already exists. Choose another name.", ref=ref))


class InvalidRefNameError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg(
                "“{name}” cannot name a branch or a tag: "
                "use letters, digits, “-”, “_”, “.” and single “/”.",
                name=name,
            )
        )


class RefProtectedError(ForbiddenError):
    def __init__(self, ref: str) -> None:
        super().__init__(msg("Cannot delete {ref}: every repository keeps it.", ref=ref))


class RefNotPushableError(ForbiddenError):
    def __init__(self, ref: str) -> None:
        super().__init__(
            msg(
                "{ref} is neither a branch nor a tag, nor an open proposal that you may change: "
                "only those are pushed.",
                ref=ref,
            )
        )


class NoCommitError(InvalidInputError):
    def __init__(self, ref: str) -> None:
        super().__init__(msg("{ref} would lead to no commit.", ref=ref))


class BadCardError(InvalidInputError):
    def __init__(self, problem: Message) -> None:
        super().__init__(msg("README.md was not taken: {problem}", problem=problem))


class GatedRepoError(ForbiddenError):
    """The actor sees the repository, and was not granted its bytes."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        super().__init__(
            msg(
                "Access to {type} {full_name} is restricted and you are not in the authorized "
                "list. Ask for access on its page.",
                type=repo.type,
                full_name=repo.full_name,
            )
        )


class GatedSignInError(UnauthenticatedError):
    """The same for somebody who is not signed in, and might have been let in."""

    def __init__(self, repo: Repo) -> None:
        super().__init__(
            msg(
                "Access to {type} {full_name} is restricted and you are not in the authorized "
                "list. Sign in first, or send an access token.",
                type=repo.type,
                full_name=repo.full_name,
            )
        )


class NotGatedError(InvalidInputError):
    def __init__(self, full_name: str) -> None:
        super().__init__(
            msg(
                "{full_name} is not gated: there is nothing to ask for, whoever sees it may read "
                "its files.",
                full_name=full_name,
            )
        )


class AccessAskedError(ConflictError):
    """Somebody asks again, or is let in again."""

    def __init__(self) -> None:
        super().__init__(
            msg("Access was asked for already. Load the page again to see what came of it.")
        )


class AccessDecidedError(ConflictError):
    """A request is to become what it is."""

    def __init__(self, status: RequestStatus) -> None:
        super().__init__(_IS_ALREADY[status])


class AccessRequestNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg(
                "No request for access by “{name}” is known here. Check the spelling, or let them "
                "in unasked.",
                name=name,
            )
        )


class AnswerMissingError(InvalidInputError):
    def __init__(self, label: str) -> None:
        self.label = label
        super().__init__(msg("“{question}” needs an answer.", question=label))


class AnswerTooLongError(InvalidInputError):
    def __init__(self, label: str, most: int) -> None:
        self.label = label
        super().__init__(
            msg(
                "The answer to “{question}” is longer than {most} characters. Shorten it.",
                question=label,
                most=str(most),
            )
        )


class UnknownAnswerError(InvalidInputError):
    def __init__(self, label: str) -> None:
        self.label = label
        super().__init__(
            msg("The answer to “{question}” is none of those offered. Choose one.", question=label)
        )


_IS_ALREADY: Mapping[RequestStatus, Message] = {
    RequestStatus.PENDING: msg("This request waits already."),
    RequestStatus.ACCEPTED: msg("This request was accepted already."),
    RequestStatus.REJECTED: msg("This request was rejected already."),
}

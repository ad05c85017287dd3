"""Our errors as Hugging Face clients read them: a status, two headers, an `error` in the body.

Source: `hf_raise_for_status` in huggingface_hub/utils/_http.py.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.api.huggingface.addresses import repo_url
from etabli.features.accounts import InvalidTokenError
from etabli.features.buckets import (
    BucketExistsError,
    BucketFileNotFoundError,
    BucketNotFoundError,
)
from etabli.features.git import EntryNotFoundError, InvalidPathError
from etabli.features.repos import (
    BranchMovedError,
    GatedRepoError,
    GatedSignInError,
    LargeFileNotHeldError,
    LargeFileSizeError,
    RepoExistsError,
    RepoNotFoundError,
    RevisionNotFoundError,
)
from etabli.foundation import errors
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import STATUS, actor_of, header_text, latin_quotes, public_url, status_of

Value = TypeVar("Value", int, str)


class NotServedError(errors.InvalidInputError):
    """A part of the wire that this release does not speak. Clients do not try a 501 again."""


class CommitTooLargeError(errors.LimitError):
    def __init__(self, limit_mb: int) -> None:
        super().__init__(
            msg(
                "This commit is over {limit_mb} MB, the most that this hub takes at once. "
                "Send it in several commits, or ask the operator to raise the limit.",
                limit_mb=limit_mb,
            )
        )


class TooManyChangesError(errors.LimitError):
    def __init__(self, limit: int) -> None:
        super().__init__(
            msg(
                "This commit changes more than {limit} files, the most that this hub takes at "
                "once. Send it in several commits.",
                limit=str(limit),
            )
        )


class MalformedCommitError(errors.InvalidInputError):
    def __init__(self, line: int, reason: Message) -> None:
        super().__init__(
            msg("Line {line} of the commit cannot be read: {reason}", line=line, reason=reason)
        )


class UnfinishedCommitError(errors.InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("The upload was cut before its end. Nothing was changed."))


class UnknownFieldError(errors.InvalidInputError):
    """Source: the wording that huggingface_hub's own tests read the list of fields from."""

    def __init__(self, field: str, place: int, known: Sequence[str]) -> None:
        super().__init__(
            msg(
                "Invalid option “{field}”: expected one of {known} → at expand[{place}]",
                field=field,
                known="|".join(f'"{name}"' for name in known),
                place=place,
            )
        )


HUB_STATUS: Mapping[type[Exception], int] = {
    **STATUS,
    BranchMovedError: 412,
    InvalidPathError: 422,
    LargeFileNotHeldError: 422,
    LargeFileSizeError: 422,
    NotServedError: 501,
}
CODE: dict[type[Exception], str] = {
    RepoNotFoundError: "RepoNotFound",
    BucketNotFoundError: "RepoNotFound",
    RevisionNotFoundError: "RevisionNotFound",
    GatedRepoError: "GatedRepo",
    GatedSignInError: "GatedRepo",
    EntryNotFoundError: "EntryNotFound",
    BucketFileNotFoundError: "EntryNotFound",
}
# The words by which the client tells a bad token from a repository that it may not see.
BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105


ERROR_SCHEMA = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {"type": "string", "description": "One sentence; also in X-Error-Message."},
        "url": {"type": "string", "description": "Of the repository that is in the way."},
    },
}


_EXACT: Mapping[type[Exception], str] = {
    InvalidTokenError: BAD_TOKEN,
    RepoNotFoundError: "Repository not found",
    BucketNotFoundError: "Bucket not found",
}
"""In the words of the clients, which then add none of their own: they say what to do."""


def present_error(request: Request, error: errors.EtabliError) -> JSONResponse:
    status = _status(request, error)
    text = _of(_EXACT, error) or latin_quotes(str(error))
    body = {"error": str(error) if isinstance(error, InvalidTokenError) else text}
    headers = _message_header(request, status, text)
    if code := _of(CODE, error):
        headers["X-Error-Code"] = code
    if isinstance(error, EntryNotFoundError) and error.commit_sha:
        # The client remembers for ever that this commit has no such file.
        headers["X-Repo-Commit"] = error.commit_sha
    if isinstance(error, RepoExistsError):
        # create_repo(exist_ok=True) reads the address out of this failure.
        body["url"] = repo_url(request, error.repo)
    if isinstance(error, BucketExistsError):
        body["url"] = f"{public_url(request)}/buckets/{error.full_name}"
    return JSONResponse(body, status, headers)


def _message_header(request: Request, status: int, text: str) -> dict[str, str]:
    """The client shows the header and the body, and once only where both are the same.

    Where a header cannot hold the text, it is left to the body, unless there is none or the client
    reads the header alone.
    """
    written = header_text(text)
    if written == text or request.method == "HEAD" or status == 403:
        return {"X-Error-Message": written}
    return {}


def _status(request: Request, error: errors.EtabliError) -> int:
    if (
        isinstance(error, RepoNotFoundError | BucketNotFoundError)
        and actor_of(request).name is None
    ):
        return 401  # perhaps it exists, for somebody
    return status_of(error, HUB_STATUS)


def _of(table: Mapping[type[Exception], Value], error: Exception) -> Value | None:
    return next((table[parent] for parent in type(error).__mro__ if parent in table), None)

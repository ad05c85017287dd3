"""Our errors as Hugging Face clients read them: a status, two headers, an `error` in the body.

Source: `hf_raise_for_status` in huggingface_hub/utils/_http.py.
"""

from collections.abc import Mapping
from typing import TypeVar

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.features.accounts import InvalidTokenError
from etabli.features.repos import (
    BranchMovedError,
    EntryNotFoundError,
    Repo,
    RepoExistsError,
    RepoNotFoundError,
    RepoType,
    RevisionNotFoundError,
)
from etabli.foundation import errors
from etabli.http import actor_of, site_of

Value = TypeVar("Value", int, str)

STATUS: dict[type[Exception], int] = {
    errors.InvalidInputError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    BranchMovedError: 412,
    errors.LimitError: 413,
    errors.UnavailableError: 503,
    errors.EtabliError: 500,
}
CODE: dict[type[Exception], str] = {
    RepoNotFoundError: "RepoNotFound",
    RevisionNotFoundError: "RevisionNotFound",
    EntryNotFoundError: "EntryNotFound",
}
# The words by which the client tells a bad token from a repository that it may not see.
BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105


def present_error(request: Request, error: errors.EtabliError) -> JSONResponse:
    message = BAD_TOKEN if isinstance(error, InvalidTokenError) else str(error)
    body = {"error": str(error)}
    headers = {"X-Error-Message": message.encode("latin-1", "replace").decode("latin-1")}
    if code := _of(CODE, error):
        headers["X-Error-Code"] = code
    if isinstance(error, EntryNotFoundError) and error.commit_sha:
        # The client remembers for ever that this commit has no such file.
        headers["X-Repo-Commit"] = error.commit_sha
    if isinstance(error, RepoExistsError):
        # create_repo(exist_ok=True) reads the address out of this failure.
        body["url"] = repo_url(site_of(request).settings.resolved_public_url, error.repo)
    return JSONResponse(body, _status(request, error), headers)


def _status(request: Request, error: errors.EtabliError) -> int:
    if isinstance(error, RepoNotFoundError) and actor_of(request).name is None:
        return 401  # perhaps it exists, for somebody
    return _of(STATUS, error) or 500


def repo_url(public_url: str, repo: Repo) -> str:
    prefix = "" if repo.type is RepoType.MODEL else f"{repo.type}s/"
    return f"{public_url}/{prefix}{repo.full_name}"


def _of(table: Mapping[type[Exception], Value], error: Exception) -> Value | None:
    return next((table[parent] for parent in type(error).__mro__ if parent in table), None)

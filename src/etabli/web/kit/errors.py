"""What went wrong, as a page: the status, the sentence, and what to do next."""

from collections.abc import Mapping

from fastapi import Request, Response

from etabli.features.accounts import (
    RESERVED,
    BudgetUsedUpError,
    NamespaceNotFoundError,
    SignInNeededError,
    TooManyAttemptsError,
)
from etabli.features.repos import GatedRepoError, RepoNotFoundError
from etabli.foundation.errors import (
    ConflictError,
    EtabliError,
    ForbiddenError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import PLURALS, AddressNotFoundError
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.rendering import render, said

_STATUS: Mapping[type[Exception], tuple[int, Message]] = {
    NotFoundError: (404, msg("Not found")),
    UnauthenticatedError: (401, msg("Sign in first")),
    ForbiddenError: (403, msg("Not for you to do")),
    ConflictError: (409, msg("That clashes with what is there")),
    InvalidInputError: (400, msg("That does not work as it is")),
    BudgetUsedUpError: (429, msg("Not just now")),
    TooManyAttemptsError: (429, msg("Not just now")),
    LimitError: (413, msg("Too much at once")),
    UnavailableError: (503, msg("Not just now")),
    EtabliError: (500, msg("Something went wrong here")),
}


def present_error(request: Request, error: EtabliError) -> Response:
    status, title = status_of(error)
    return render(
        request,
        "error.html",
        status,
        title=said(request, title),
        code=status,
        sentence=said(request, _sentence(request, error)),
        guess=_words_in(request.url.path) if status == 404 else "",
        ask_url=f"{repo_base(error.repo)}/access" if isinstance(error, GatedRepoError) else "",
    )


def _sentence(request: Request, error: EtabliError) -> Message:
    """What this error is to somebody with a browser."""
    if isinstance(error, SignInNeededError):
        return msg("This is for people with an account here. Sign in first.")
    first = request.url.path.split("/")[1].lower()
    is_nobodys_name = isinstance(error, NamespaceNotFoundError | RepoNotFoundError)
    if is_nobodys_name and first in RESERVED and first not in PLURALS:
        return AddressNotFoundError().text
    return error.text


def status_of(error: EtabliError) -> tuple[int, Message]:
    return next(_STATUS[parent] for parent in type(error).__mro__ if parent in _STATUS)


def _words_in(path: str) -> str:
    """What somebody may have been looking for, from the last part of an address."""
    last = path.rstrip("/").rpartition("/")[2]
    return " ".join(last.replace("-", " ").replace("_", " ").split())[:80]

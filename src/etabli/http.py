"""What the doors on HTTP share: who asks, what a route needs, errors in each door's own words.

Every route declares what it needs (`@needs`), and stands behind a router made by `door`, which
checks it before the route runs. `app.py` refuses to start when one does not.
"""

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar, cast
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Request, Response

from etabli.features.accounts import (
    ANONYMOUS,
    LEAST_TOKEN_LENGTH,
    Actor,
    Permission,
    TooManyTriesError,
)
from etabli.features.repos import Repo, RepoType
from etabli.foundation import errors
from etabli.foundation.disk import DiskFullError
from etabli.foundation.errors import (
    EtabliError,
    ForbiddenError,
    UnauthenticatedError,
    UnavailableError,
)
from etabli.foundation.signing import CAS
from etabli.foundation.words import say
from etabli.hub import Hub, Site

SESSION_COOKIE = "etabli_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PLURALS = {"models": RepoType.MODEL, "datasets": RepoType.DATASET, "spaces": RepoType.SPACE}

# What each family of errors is on HTTP; a door whose wire says otherwise adds its own.
STATUS: Mapping[type[Exception], int] = {
    errors.InvalidInputError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.LimitError: 413,
    TooManyTriesError: 429,
    errors.UnavailableError: 503,
    errors.EtabliError: 500,
    DiskFullError: 507,
}

ErrorPresenter = Callable[[Request, EtabliError], Response]
Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])


def status_of(error: EtabliError, table: Mapping[type[Exception], int] = STATUS) -> int:
    """The status of the nearest of its families."""
    return next(table[parent] for parent in type(error).__mro__ if parent in table)


class CrossSiteError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(
            say("This request came from another site's page. Do it from a page of this hub.")
        )


class BadAddressError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(
            say("This address was not made by this hub, or is out of date. Ask for a new one.")
        )


class BadCasTokenError(UnauthenticatedError):
    def __init__(self) -> None:
        super().__init__(
            say(
                "This needs a token for the bytes of a repository, and yours is none or is out of "
                "date. The clients ask for one at xet-read-token or xet-write-token."
            )
        )


class CasReadsOnlyError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(say("This token can only read. Ask for one at xet-write-token."))


def needs(permission: Permission) -> Callable[[Endpoint], Endpoint]:
    """Declare what a route needs. Goes right above the function, below the route's decorator."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["needs"] = permission
        return endpoint

    return declare


def needs_of(endpoint: Callable[..., Any]) -> Permission | None:
    return cast(Permission | None, getattr(endpoint, "needs", None))


def site_of(request: Request) -> Site:
    site = request.app.state.site
    assert isinstance(site, Site)
    return site


def open_hub(request: Request) -> Iterator[Hub]:
    site = site_of(request)
    with site.read_hub() if request.method in SAFE_METHODS else site.open_hub() as hub:
        yield hub


# "function": the transaction commits before the answer leaves. By default FastAPI answers first,
# and would tell a client of a repository that was never kept.
HubDep = Annotated[Hub, Depends(open_hub, scope="function")]


def authorise(request: Request) -> None:
    """Recognise who asks, and check what the route needs, before the route runs.

    A route about a repository names it by `{namespace}/{name}` in its path, and its type by
    `{plural}` or by a first segment `datasets` or `spaces`; the repository is left for `RepoDep`.
    """
    permission = needs_of(request.scope["endpoint"])
    assert permission is not None, "app.py checks this at start"
    if permission.is_signed:
        request.state.claims = _claims_in(request, permission)
        return
    site = site_of(request)
    with site.read_hub() as hub:
        actor = _recognise(hub, request)
        request.state.actor = actor
        if permission.concerns_repo:
            path = request.path_params
            full_name = f"{path['namespace']}/{path['name'].removesuffix('.git')}"
            request.state.repo = hub.repos.get(actor, _type_in(request), full_name, permission)
        elif permission is not Permission.CREATE_REPO:
            hub.accounts.require(actor, permission)
        else:
            hub.accounts.require(actor, Permission.SIGNED_IN)
        changes = request.method not in SAFE_METHODS and not permission.only_reads
        if changes and not permission.concerns_repo:
            hub.accounts.refuse_read_token(actor)
        unnoted = _token_of(request) if hub.accounts.is_use_unnoted(actor) else None
    if unnoted is not None:
        # Whatever was asked is answered, even where nothing can be written.
        with suppress(UnavailableError, DiskFullError), site.open_hub() as hub:
            hub.accounts.note_use(unnoted)


def public_url(request: Request) -> str:
    """Where the client reached this hub, unless its operator said how the world does."""
    set_by_operator = site_of(request).settings.public_url
    return (set_by_operator or str(request.base_url)).rstrip("/")


def sign_address(
    request: Request, method: str, path: str, claims: Mapping[str, Any], lifetime: timedelta
) -> str:
    """An address of this hub that needs no other credential: for a `Permission.SIGNED_ADDRESS`.

    Args:
        path: as the route will see it, decoded.
        claims: what the route shall go by, for `claims_of`. Whoever has the address can read them.
    """
    signer = site_of(request).signer
    signed = signer.sign(f"{method} {path}", claims, datetime.now(UTC), lifetime)
    return f"{public_url(request)}{quote(path)}?signed={signed}"


def claims_of(request: Request) -> Mapping[str, Any]:
    """What the hub has signed: in the address, or in the token for a repository's bytes."""
    return cast(Mapping[str, Any], request.state.claims)


def actor_of(request: Request) -> Actor:
    return cast(Actor, getattr(request.state, "actor", ANONYMOUS))


def repo_of(request: Request) -> Repo:
    return cast(Repo, request.state.repo)


async def _actor_of(request: Request) -> Actor:
    return actor_of(request)  # async: a plain function would cost a hop to a thread


async def _repo_of(request: Request) -> Repo:
    return repo_of(request)


ActorDep = Annotated[Actor, Depends(_actor_of)]
RepoDep = Annotated[Repo, Depends(_repo_of)]


def door(
    present_error: ErrorPresenter, *, takes_placeholders: bool = False, **options: Any
) -> APIRouter:
    """A router whose routes are checked, and whose errors are presented by this function.

    Args:
        takes_placeholders: its clients cannot do without a token, and send a word such as "none"
            when they have none. What is too short to be a token then counts for none.
    """

    async def remember(request: Request) -> None:
        request.state.present_error = present_error
        request.state.takes_placeholders = takes_placeholders

    return APIRouter(dependencies=[Depends(remember), Depends(authorise)], **options)


def _claims_in(request: Request, permission: Permission) -> Mapping[str, Any]:
    """
    Raises:
        BadAddressError, BadCasTokenError, CasReadsOnlyError, CrossSiteError: it is not let in.
    """
    signer, now = site_of(request).signer, datetime.now(UTC)
    if permission is Permission.SIGNED_ADDRESS:
        method = "GET" if request.method == "HEAD" else request.method
        signed = request.query_params.get("signed", "")
        claims = signer.read(f"{method} {request.url.path}", signed, now)
        if claims is None:
            raise BadAddressError
        return claims
    token = _token_in(request.headers.get("authorization", ""))
    if token is None and request.method not in SAFE_METHODS and _is_cross_site(request):
        raise CrossSiteError
    claims = signer.read(CAS, token or "", now)
    if claims is None:
        raise BadCasTokenError
    if permission is Permission.CAS_WRITE and claims["scope"] != "write":
        raise CasReadsOnlyError
    return claims


def _recognise(hub: Hub, request: Request) -> Actor:
    secret = _token_of(request)
    if secret is not None:
        return hub.accounts.recognise(secret)
    if request.method not in SAFE_METHODS and _is_cross_site(request):
        raise CrossSiteError
    cookie = request.cookies.get(SESSION_COOKIE)
    return (hub.accounts.recognise_sign_in(cookie) if cookie else None) or ANONYMOUS


def _token_of(request: Request) -> str | None:
    secret = _token_in(request.headers.get("authorization", ""))
    is_placeholder = secret is not None and len(secret) < LEAST_TOKEN_LENGTH
    return None if is_placeholder and request.state.takes_placeholders else secret


def _token_in(authorization: str) -> str | None:
    """A bearer token, or the password of Basic, as git sends it."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return value.strip()
    if scheme.lower() == "basic":
        try:
            _user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return password
    return None


def _is_cross_site(request: Request) -> bool:
    """Whether a browser says that another site's page made this request.

    Source: the Fetch Metadata specification; old browsers send Origin only, programs send neither.
    """
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


def _type_in(request: Request) -> RepoType:
    plural = request.path_params.get("plural") or request.url.path.split("/")[1]
    return PLURALS.get(plural, RepoType.MODEL)

"""Who asks, and whether they may: checked before a route runs, and before its body is read."""

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from etabli.features.accounts import ANONYMOUS, MIN_TOKEN_LENGTH, Actor, Permission, Scope, digest
from etabli.features.federation import Mirror
from etabli.features.repos import (
    Repo,
    RepoAliasedError,
    RepoMovedError,
    RepoNotFoundError,
    RepoType,
    RevisionNotFoundError,
)
from etabli.foundation.signing import CAS
from etabli.http.errors import BadAddressError, BadCasTokenError, CasReadsOnlyError, CrossSiteError
from etabli.http.headers import header_text
from etabli.http.request import SAFE_METHODS, site_of
from etabli.hub import Hub

SESSION_COOKIE = "etabli_session"
PLURALS = {"models": RepoType.MODEL, "datasets": RepoType.DATASET, "spaces": RepoType.SPACE}

ASKED_UPSTREAM = "etabli.asked_upstream"
"""In a request's scope, once a hub elsewhere was asked for it."""
MIRROR_NOTE = "etabli.mirror_note"
"""In a request's scope: what to say of where its repository comes from."""

_FULL_SHA = re.compile(r"[0-9a-f]{40}")
_OF_BUCKETS = ("/api/buckets/{", "/buckets/{")


def authorise(hub: Hub, request: Request, permission: Permission) -> None:
    """Recognise who asks, and check that they may: `actor_of` and `repo_of` tell who and what.

    A route about a repository names it by `{namespace}/{name}` in its path, and its type by
    `{plural}` or by a first segment `datasets` or `spaces`; so does a route about a bucket, which
    begins with `/buckets` or `/api/buckets`: it is under the same permissions, and `bucket_of`
    tells which. For what the hub has signed itself, `claims_of` tells what it is good for.
    """
    if permission.is_signed:
        request.state.claims = _claims_in(request, permission)
        return
    actor = _recognise(hub, request)
    request.state.actor = actor
    if permission.concerns_repo:
        path = request.path_params
        full_name = f"{path['namespace']}/{path['name'].removesuffix('.git')}"
        if request.scope["route"].path.startswith(_OF_BUCKETS):
            request.state.bucket = hub.buckets.get(actor, full_name, permission)
        else:
            request.state.repo = _repo(hub, request, actor, full_name, permission)
    elif permission is not Permission.CREATE_REPO:
        hub.accounts.require(actor, permission)
    else:
        hub.accounts.require(actor, Permission.SIGNED_IN)
    changes = request.method not in SAFE_METHODS and not permission.only_reads
    if changes and not permission.concerns_repo:
        hub.accounts.require_scope(actor, Scope.WRITE)
    secret = _token_of(request)
    if secret is not None and hub.accounts.is_use_unnoted(actor):
        site_of(request).usage.count_token(digest(secret))


class UpstreamNeeded(Exception):  # noqa: N818 - no error: the request is answered after it
    """Raised out of a unit of work: a hub elsewhere is to be asked before this can be answered."""

    def __init__(self, type: RepoType, full_name: str) -> None:
        super().__init__()
        self.type = type
        self.full_name = full_name


def _repo(hub: Hub, request: Request, actor: Actor, full_name: str, permission: Permission) -> Repo:
    """
    Raises:
        UpstreamNeeded: at most once for a request, and only for one that reads.
    """
    may_ask = permission.only_reads and not request.scope.get(ASKED_UPSTREAM)
    type = _type_in(request)
    try:
        repo = hub.repos.get(actor, type, full_name, permission)
    except (RepoMovedError, RepoAliasedError):
        raise
    except RepoNotFoundError:
        if may_ask and hub.federation.may_have(type, full_name):
            raise UpstreamNeeded(type, full_name) from None
        raise
    if repo.is_mirror:
        mirror = hub.federation.mirror(repo.key)
        if mirror is not None:
            request.scope[MIRROR_NOTE] = _note(mirror)
            if may_ask and _is_due(hub, request, repo, mirror):
                raise UpstreamNeeded(type, full_name)
    return repo


def _is_due(hub: Hub, request: Request, repo: Repo, mirror: Mirror) -> bool:
    """A commit that is here is asked for nowhere else: it never changes."""
    path = request.path_params
    revision = path.get("revision") or path.get("rest", "").partition("/")[0] or path.get("sha", "")
    if not _FULL_SHA.fullmatch(revision):
        return hub.federation.is_due(mirror)
    try:
        hub.repos.commit_of(repo, revision)
    except RevisionNotFoundError:
        return hub.federation.is_due(mirror, lacks_commit=True)
    return False


def _note(mirror: Mirror) -> str:
    """What the answer says of where it comes from: nothing in it is the upstream's own word."""
    trouble = f"; trouble={mirror.trouble}" if mirror.trouble else ""
    answered_at = mirror.answered_at.isoformat(timespec="seconds")
    return f"{header_text(mirror.url)}; answered-at={answered_at}{trouble}"


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
    is_placeholder = secret is not None and len(secret) < MIN_TOKEN_LENGTH
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
    first, _, rest = request.scope["path"][1:].partition("/")
    named = rest.partition("/")[0] if first == "api" else first
    return PLURALS.get(request.path_params.get("plural") or named, RepoType.MODEL)

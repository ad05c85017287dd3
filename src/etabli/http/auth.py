"""Who asks, and whether they may: checked before a route runs, and before its body is read."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from fastapi import Request

from etabli.features.accounts import ANONYMOUS, MIN_TOKEN_LENGTH, Actor, Permission, Scope, digest
from etabli.features.repos import RepoType
from etabli.foundation.signing import CAS
from etabli.http.errors import BadAddressError, BadCasTokenError, CasReadsOnlyError, CrossSiteError
from etabli.http.request import SAFE_METHODS, site_of
from etabli.hub import Hub

SESSION_COOKIE = "etabli_session"
PLURALS = {"models": RepoType.MODEL, "datasets": RepoType.DATASET, "spaces": RepoType.SPACE}

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
            request.state.repo = hub.repos.get(actor, _type_in(request), full_name, permission)
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

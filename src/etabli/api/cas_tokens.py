"""Tokens for the bytes of one repository, and what a request with one is about."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from fastapi import Request

from etabli.features.accounts import ANONYMOUS, Permission
from etabli.features.repos import Repo, RepoNotFoundError
from etabli.foundation.signing import CAS
from etabli.http import BadCasTokenError, claims_of, public_url, site_of
from etabli.hub import Hub

LIFETIME = timedelta(hours=1)
"""A client whose token ends while it sends gives up; it asks for a new one half a minute before."""

Scope = Literal["read", "write"]


@dataclass(frozen=True)
class CasToken:
    secret: str
    expires_at: int
    """Seconds since 1970."""
    cas_url: str


def issue_cas_token(
    request: Request, hub: Hub, repo: Repo, scope: Scope, user: str | None
) -> CasToken:
    site, now = site_of(request), datetime.now(UTC)
    epoch = hub.blobs.chunked.epoch()
    claims = {"repo": repo.key, "scope": scope, "user": user, "epoch": epoch}
    return CasToken(
        secret=site.signer.sign(CAS, claims, now, LIFETIME),
        expires_at=int((now + LIFETIME).timestamp()),
        # The client remembers what it has sent by this address: a new epoch, a new memory.
        cas_url=f"{public_url(request)}/cas/{epoch}",
    )


def check_epoch(request: Request) -> None:
    """
    Raises:
        BadCasTokenError: the token is of another epoch than the address.
    """
    if str(claims_of(request)["epoch"]) != request.path_params["epoch"]:
        raise BadCasTokenError


def sender_of_token(request: Request, hub: Hub) -> tuple[Repo, str | None]:
    """The repository that the token is for, and whose count what is sent to it goes in.

    Raises:
        BadCasTokenError, RepoNotFoundError, NotAllowedError: see `repo_of_token`.
    """
    repo, claims = repo_of_token(request, hub, Permission.PROPOSE), claims_of(request)
    if claims.get("by_hub"):
        return repo, None
    return repo, hub.repos.quota_owner(hub.accounts.actor(claims["user"]), repo)


def repo_of_token(request: Request, hub: Hub, permission: Permission) -> Repo:
    """The repository that the token is for, if whoever got it may still do this there.

    Raises:
        BadCasTokenError: the token is of another epoch than the address.
        RepoNotFoundError, NotAllowedError: it is gone, or the person's right is.
    """
    check_epoch(request)
    claims = claims_of(request)
    repo = hub.repos.by_key(claims["repo"])
    if repo is None:
        raise RepoNotFoundError(claims["repo"])
    if claims.get("by_hub"):
        return repo  # the worker cuts what somebody else has brought
    actor = hub.accounts.actor(claims["user"]) if claims["user"] else ANONYMOUS
    return hub.repos.get(actor, repo.type, repo.full_name, permission)

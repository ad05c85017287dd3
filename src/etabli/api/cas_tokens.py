"""Tokens for the bytes of one repository or bucket, and what a request with one is about."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from fastapi import Request

from etabli.features.accounts import ANONYMOUS, Permission
from etabli.features.blobs import Holder, HolderKind
from etabli.features.buckets import Bucket
from etabli.features.repos import Repo
from etabli.foundation.signing import CAS
from etabli.http import BadCasTokenError, claims_of, public_url, site_of
from etabli.hub import Hub
from etabli.operations import holders

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
    request: Request, hub: Hub, holding: Repo | Bucket, scope: Scope, user: str | None
) -> CasToken:
    site, now = site_of(request), datetime.now(UTC)
    epoch = hub.blobs.chunked.epoch()
    claims = {**holding.holder.values, "scope": scope, "user": user, "epoch": epoch}
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


def holder_of_token(request: Request) -> Holder:
    """What the token is for, whether or not it is still there.

    Raises:
        BadCasTokenError: it is of a version that said otherwise what it is for.
    """
    claims = claims_of(request)
    if "holder_kind" not in claims:
        raise BadCasTokenError
    return Holder(HolderKind(claims["holder_kind"]), claims["holder_key"])


def sender_of_token(request: Request, hub: Hub) -> tuple[Repo | Bucket, str | None]:
    """What the token is for, and whose count what is sent to it goes in, if not its owner's.

    Raises:
        BadCasTokenError, NotFoundError, NotAllowedError: see `holding_of_token`.
    """
    holding, claims = holding_of_token(request, hub, Permission.PROPOSE), claims_of(request)
    if claims.get("by_hub") or isinstance(holding, Bucket):
        return holding, None
    return holding, hub.repos.quota_owner(hub.accounts.actor(claims["user"]), holding)


def holding_of_token(request: Request, hub: Hub, permission: Permission) -> Repo | Bucket:
    """What the token is for, if whoever got it may still do this there.

    Raises:
        BadCasTokenError: the token is of another epoch than the address.
        RepoNotFoundError, BucketNotFoundError, NotAllowedError: it is gone, or the right to it is.
    """
    check_epoch(request)
    claims = claims_of(request)
    holding = holders.get(hub, holder_of_token(request))
    if claims.get("by_hub"):
        return holding  # the worker cuts what somebody else has brought
    actor = hub.accounts.actor(claims["user"]) if claims["user"] else ANONYMOUS
    if isinstance(holding, Bucket):
        # There are no proposals for a bucket: who sends to it writes in it.
        sends = permission is Permission.PROPOSE
        wanted = Permission.WRITE_REPO if sends else permission
        return hub.buckets.get(actor, holding.full_name, wanted)
    return hub.repos.get(actor, holding.type, holding.full_name, permission)

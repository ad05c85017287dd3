"""Who the token's owner is, and what is theirs."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.api.huggingface.addresses import listed
from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.people import avatar_url
from etabli.api.huggingface.schemas import wire_time
from etabli.features.accounts import Actor, NotAllowedError, Permission, TokenRole
from etabli.features.repos import HeldRepo
from etabli.http import ActorDep, HubDep, make_router, requires
from etabli.hub import Hub

REPOS_ON_A_PAGE = 200

router = make_router(present_error, prefix="/api", max_body_size=1_000_000)


def _role_of(actor: Actor) -> str:
    """Source: the hub's own words, among which clients look for `write`."""
    role = actor.token_role
    if not actor.by_token:
        return TokenRole.WRITE.value
    return role.value if role in (TokenRole.READ, TokenRole.WRITE) else "fineGrained"


@router.get("/whoami-v2")
@requires(Permission.SIGNED_IN)
def whoami(request: Request, hub: HubDep, actor: ActorDep) -> dict[str, Any]:
    """Source: HfApi.whoami, and `hf auth login`, which reads `auth.accessToken`."""
    own = hub.accounts.namespace(actor.name or "")
    orgs = [
        {"type": "org", "name": name, "fullname": name, "roleInOrg": role}
        for name, role in actor.roles.items()
        if name != actor.name
    ]
    return {
        "type": "user",
        "id": actor.name,
        "name": actor.name,
        "fullname": own.full_name or own.name,
        "isPro": False,
        "canPay": False,
        "avatarUrl": avatar_url(request, own.name),
        "orgs": orgs,
        "auth": {
            "type": "access_token",
            "accessToken": {"displayName": actor.token_name, "role": _role_of(actor)},
        },
    }


@router.get("/settings/repositories")
@requires(Permission.SIGNED_IN)
def own_repositories(request: Request, hub: HubDep, actor: ActorDep) -> JSONResponse:
    """Source: HfApi.list_user_repos, and so `hf repos ls`."""
    return _repositories(request, hub, actor.name or "")


@router.get("/organizations/{org}/settings/repositories")
@requires(Permission.SIGNED_IN)
def org_repositories(request: Request, hub: HubDep, actor: ActorDep, org: str) -> JSONResponse:
    """Source: HfApi.list_user_repos(namespace), and so `hf repos ls --namespace`: for members."""
    org = actor.spelled(org)
    if org not in actor.namespaces:
        raise NotAllowedError(hub.accounts.namespace(org).name)
    return _repositories(request, hub, org)


def _repositories(request: Request, hub: Hub, namespace: str) -> JSONResponse:
    total_bytes = hub.housekeeping.held_bytes(namespace)
    return listed(
        request,
        lambda start, limit: hub.housekeeping.held_in(namespace, start, limit),
        lambda held: _held(held, total_bytes),
        REPOS_ON_A_PAGE,
    )


def _held(held: HeldRepo, total_bytes: int) -> dict[str, Any]:
    return {
        "id": held.repo.full_name,
        "type": held.repo.type,
        "updatedAt": wire_time(held.repo.updated_at),
        "visibility": "private" if held.repo.private else "public",
        "storage": held.large_bytes,
        "storagePercent": 100 * held.large_bytes / total_bytes if total_bytes else 0,
    }


@router.get("/{plural:plural}/{namespace}/{name}/auth-check")
@requires(Permission.READ_REPO)
async def auth_check() -> dict[str, bool]:
    """Source: HfApi.auth_check. What the route needs says it all."""
    return {"ok": True}


@router.get("/{plural:plural}/{namespace}/{name}/auth-check/write")
@requires(Permission.WRITE_REPO)
async def auth_check_write() -> dict[str, bool]:
    """Source: HfApi.auth_check(write=True)."""
    return {"ok": True}

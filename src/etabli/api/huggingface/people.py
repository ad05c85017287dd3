"""People and organizations as others see them: their pages in JSON, and their pictures."""

from collections.abc import Sequence
from hashlib import blake2b
from html import escape
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from etabli.api.huggingface.addresses import listed
from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.schemas import wire_time
from etabli.features.accounts import (
    Actor,
    Namespace,
    NamespaceKind,
    NamespaceNotFoundError,
    Permission,
)
from etabli.features.catalogue import Query
from etabli.features.repos import Like, Repo, RepoType
from etabli.http import ActorDep, HubDep, RepoDep, make_router, public_url, requires
from etabli.hub import Hub

router = make_router(present_error)

MAX_MEMBERS = 1000
ON_A_PAGE = 100


@router.get("/api/users/{user}/overview")
@requires(Permission.PUBLIC)
def user_overview(request: Request, hub: HubDep, actor: ActorDep, user: str) -> dict[str, Any]:
    """Source: HfApi.get_user_overview. Of nobody is told which organizations are theirs."""
    found = _find(hub, user, NamespaceKind.USER)
    return {
        **_shape(request, found),
        **_counts(hub, actor, found),
        "numLikes": hub.likes.count_by(found.name, actor),
        "numFollowing": 0,
        "isPro": False,
        "orgs": [],
    }


@router.get("/api/organizations/{org}/overview")
@requires(Permission.PUBLIC)
def org_overview(request: Request, hub: HubDep, actor: ActorDep, org: str) -> dict[str, Any]:
    """Source: HfApi.get_organization_overview."""
    found = _find(hub, org, NamespaceKind.ORG)
    return {
        **_shape(request, found),
        **_counts(hub, actor, found),
        "numUsers": len(hub.accounts.members(found.name)),
        "isVerified": False,
    }


@router.get("/api/organizations/{org}/members")
@requires(Permission.PUBLIC)
def org_members(request: Request, hub: HubDep, org: str) -> Sequence[dict[str, Any]]:
    """Source: HfApi.list_organization_members; the page of an organization shows them too."""
    found = _find(hub, org, NamespaceKind.ORG)
    names = [one.user for one in hub.accounts.members(found.name)[:MAX_MEMBERS]]
    people = [hub.accounts.find_namespace(name) for name in names]
    return [_shape(request, person) for person in people if person is not None]


@router.get("/api/organizations/{org}/followers")
@requires(Permission.PUBLIC)
def org_followers(hub: HubDep, org: str) -> Sequence[dict[str, Any]]:
    """Source: HfApi.list_organization_followers: nobody follows anybody here."""
    _find(hub, org, NamespaceKind.ORG)
    return []


@router.get("/api/users/{user}/followers")
@router.get("/api/users/{user}/following")
@requires(Permission.PUBLIC)
def user_followers(hub: HubDep, user: str) -> Sequence[dict[str, Any]]:
    """Source: HfApi.list_user_followers, list_user_following: nobody follows anybody here."""
    _find(hub, user, NamespaceKind.USER)
    return []


@router.get("/api/users/{user}/likes")
@requires(Permission.PUBLIC)
def user_likes(request: Request, hub: HubDep, actor: ActorDep, user: str) -> JSONResponse:
    """Source: HfApi.list_liked_repos; of what the caller may see."""
    name = _find(hub, user, NamespaceKind.USER).name
    return listed(
        request,
        lambda start, limit: hub.likes.liked_by(name, actor, start, limit),
        lambda one: _liked(*one),
        ON_A_PAGE,
    )


@router.get("/api/{plural:plural}/{namespace}/{name}/likers")
@requires(Permission.SEE_REPO)
def likers(request: Request, hub: HubDep, repo: RepoDep) -> JSONResponse:
    """Source: HfApi.list_repo_likers."""
    return listed(
        request,
        lambda start, limit: hub.likes.likers(repo, start, limit),
        lambda name: _shape(request, hub.accounts.namespace(name)),
        ON_A_PAGE,
    )


@router.delete("/api/{plural:plural}/{namespace}/{name}/like")
@requires(Permission.TAKE_PART)
def unlike(hub: HubDep, actor: ActorDep, repo: RepoDep) -> dict[str, bool]:
    """Source: HfApi.unlike."""
    hub.likes.unlike(actor, repo)
    return {"success": True}


@router.post("/api/{plural:plural}/{namespace}/{name}/like")
@requires(Permission.TAKE_PART)
def like(hub: HubDep, actor: ActorDep, repo: RepoDep) -> dict[str, bool]:
    """Source: the button of the Hub's pages; HfApi has no call for it."""
    hub.likes.like(actor, repo)
    return {"success": True}


@router.get("/api/avatars/{owner}")
@requires(Permission.PUBLIC)
def avatar(hub: HubDep, owner: str) -> Response:
    """A letter on a colour that follows from the name: nothing that anybody sent is shown."""
    found = hub.accounts.namespace(owner)
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(_picture(found.name), headers=headers, media_type="image/svg+xml")


def _find(hub: Hub, name: str, kind: NamespaceKind) -> Namespace:
    """
    Raises:
        NamespaceNotFoundError: nobody of this kind is called so.
    """
    found = hub.accounts.namespace(name)
    if found.kind is not kind:
        raise NamespaceNotFoundError(name)
    return found


def _shape(request: Request, namespace: Namespace) -> dict[str, Any]:
    """Source: User and Organization in huggingface_hub/hf_api.py."""
    is_user = namespace.kind is NamespaceKind.USER
    return {
        "user" if is_user else "name": namespace.name,
        "fullname": namespace.full_name or namespace.name,
        "avatarUrl": avatar_url(request, namespace.name),
        "type": "user" if is_user else "org",
        "isFollowing": False,
    }


def _liked(like: Like, repo: Repo) -> dict[str, Any]:
    return {
        "createdAt": wire_time(like.liked_at),
        "repo": {"name": repo.full_name, "type": repo.type},
    }


def avatar_url(request: Request, name: str) -> str:
    return f"{public_url(request)}/api/avatars/{name}"


def _counts(hub: Hub, actor: Actor, namespace: Namespace) -> dict[str, int]:
    """Of what the actor may see; none are counted beyond a thousand."""
    counts = {
        f"num{type.capitalize()}s": hub.catalogue.count(
            actor, Query(type=type, owner=namespace.name)
        ).number
        for type in RepoType
    }
    return {**counts, "numFollowers": 0, "numPapers": 0}


def _picture(name: str) -> str:
    hue = int.from_bytes(blake2b(name.lower().encode(), digest_size=2).digest(), "big") % 360
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" width="64" height="64">'
        f'<rect width="64" height="64" fill="hsl({hue} 45% 38%)"/>'
        '<text x="32" y="43" font-family="sans-serif" font-size="32" text-anchor="middle" '
        f'fill="#fff">{escape(name[:1].upper())}</text></svg>'
    )

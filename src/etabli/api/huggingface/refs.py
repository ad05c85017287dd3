"""Branches, tags and history."""

import html
from itertools import islice
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.api.huggingface.addresses import api_path, next_page
from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.schemas import BranchRequest, SquashRequest, TagRequest, wire_time
from etabli.features.accounts import Actor, Permission
from etabli.features.git import CommitInfo
from etabli.features.repos import DEFAULT_BRANCH, Ref, Repo
from etabli.http import ActorDep, HubDep, RepoDep, make_router, requires, site_of
from etabli.operations import pull_requests
from etabli.pools import COMMITS, WRITES
from etabli.site import Site

COMMITS_ON_A_PAGE = 50
MAX_COMMITS_ON_A_PAGE = 1000

router = make_router(
    present_error, prefix="/api/{plural:plural}/{namespace}/{name}", max_body_size=1_000_000
)


@router.get("/refs")
@requires(Permission.SEE_REPO)
def list_refs(request: Request, hub: HubDep, repo: RepoDep) -> JSONResponse:
    """Source: HfApi.list_repo_refs: the three lists are always there."""
    refs = hub.repos.refs(repo)
    shape: dict[str, Any] = {
        "branches": [_ref(ref) for ref in refs if ref.name.startswith("refs/heads/")],
        "converts": [],
        "tags": [_ref(ref) for ref in refs if ref.name.startswith("refs/tags/")],
    }
    if "include_prs" in request.query_params:
        shape["pullRequests"] = [_ref(ref) for ref in refs if ref.is_pull_request]
    return JSONResponse(shape)


@router.post("/branch/{branch:path}")
@requires(Permission.WRITE_REPO)
async def create_branch(
    request: Request,
    actor: ActorDep,
    repo: RepoDep,
    branch: str,
    body: BranchRequest | None = None,
) -> dict[str, str]:
    """Source: HfApi.create_branch."""
    start = (body and body.starting_point) or DEFAULT_BRANCH
    await WRITES.run(_create_branch, site_of(request), actor, repo, branch, start)
    return {}


@router.delete("/branch/{branch:path}")
@requires(Permission.WRITE_REPO)
def delete_branch(hub: HubDep, actor: ActorDep, repo: RepoDep, branch: str) -> dict[str, str]:
    """Source: HfApi.delete_branch."""
    hub.refs.delete_branch(actor, repo, branch)
    return {}


@router.post("/tag/{revision:path}")
@requires(Permission.WRITE_REPO)
async def create_tag(
    request: Request, actor: ActorDep, repo: RepoDep, revision: str, body: TagRequest
) -> dict[str, str]:
    """Source: HfApi.create_tag. Its message is not kept: our tags are plain refs."""
    await WRITES.run(_create_tag, site_of(request), actor, repo, body.tag, revision)
    return {}


@router.delete("/tag/{tag:path}")
@requires(Permission.WRITE_REPO)
def delete_tag(hub: HubDep, actor: ActorDep, repo: RepoDep, tag: str) -> dict[str, str]:
    """Source: HfApi.delete_tag."""
    hub.refs.delete_tag(actor, repo, tag)
    return {}


@router.post("/super-squash/{branch:path}")
@requires(Permission.WRITE_REPO)
async def squash(
    request: Request, actor: ActorDep, repo: RepoDep, branch: str, body: SquashRequest
) -> dict[str, str]:
    """Source: HfApi.super_squash_history."""
    await COMMITS.run(pull_requests.squash, site_of(request), actor, repo, branch, body.message)
    return {}


@router.get("/commits/{revision:path}")
@requires(Permission.SEE_REPO)
def list_commits(request: Request, hub: HubDep, repo: RepoDep, revision: str) -> JSONResponse:
    """Source: HfApi.list_repo_commits: newest first, in pages. The next page is of the same commit,
    so that one who lands in between moves nothing."""
    query = request.query_params
    formatted = "formatted" in [*query.getlist("expand[]"), *query.getlist("expand")]
    size = min(_number(query.get("limit")) or COMMITS_ON_A_PAGE, MAX_COMMITS_ON_A_PAGE)
    start = _number(query.get("p")) * size
    snapshot = hub.repos.snapshot(repo, revision)
    found = list(islice(snapshot.history(), start, start + size + 1))
    link = next_page(
        request, f"{api_path(repo)}/commits/{snapshot.commit_sha}", p=str(start // size + 1)
    )
    shapes = [_commit(commit, formatted=formatted) for commit in found[:size]]
    return JSONResponse(shapes, headers=link if len(found) > size else None)


def _create_branch(site: Site, actor: Actor, repo: Repo, name: str, start: str) -> None:
    with site.read_hub() as hub:
        sha = hub.repos.commit_of(repo, start)
    with site.open_hub() as hub:
        hub.refs.create_branch_at(actor, repo, name, sha)


def _create_tag(site: Site, actor: Actor, repo: Repo, name: str, revision: str) -> None:
    with site.read_hub() as hub:
        sha = hub.repos.commit_of(repo, revision)
    with site.open_hub() as hub:
        hub.refs.create_tag_at(actor, repo, name, sha)


def _commit(commit: CommitInfo, *, formatted: bool) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "id": commit.sha,
        "title": commit.title,
        "message": commit.message,
        "authors": [{"user": commit.author}],
        "date": wire_time(commit.committed_at),
    }
    if formatted:
        shape["formatted"] = {
            "title": html.escape(commit.title),
            "message": html.escape(commit.message),
        }
    return shape


def _ref(ref: Ref) -> dict[str, str]:
    return {"name": ref.short_name, "ref": ref.name, "targetCommit": ref.sha}


def _number(given: str | None) -> int:
    return int(given) if given and given.isdecimal() and len(given) < 10 else 0

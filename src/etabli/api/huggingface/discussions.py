"""Discussions and pull requests. Source: HfApi, and huggingface_hub/community.py reads the answers.

A pull request is what we call a proposal.
"""

import html
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.schemas import (
    CommentRequest,
    DiscussionRequest,
    EditRequest,
    StatusRequest,
    TitleRequest,
    wire_time,
)
from etabli.features.accounts import Permission
from etabli.features.community import Discussion, DiscussionEvent, EventType, Filter, Kind
from etabli.features.repos import Repo
from etabli.http import ActorDep, HubDep, RepoDep, in_pool, make_router, requires, site_of
from etabli.operations import pull_requests, refs
from etabli.pools import COMMITS

ON_A_PAGE = 50
LONGEST_DIFF = 2_000_000

router = make_router(
    present_error,
    prefix="/api/{plural:plural}/{namespace}/{name}/discussions",
    max_body_size=1_000_000,
)


@router.get("")
@requires(Permission.SEE_REPO)
def list_discussions(request: Request, hub: HubDep, repo: RepoDep) -> JSONResponse:
    """Source: HfApi.get_repo_discussions: the newest first, pages while `start` + these < `count`.
    What is merged counts as closed, and a draft as open."""
    query = request.query_params
    asked = Filter(
        kind=Kind(given) if (given := query.get("type", "all")) in list(Kind) else Kind.ALL,
        is_open={"open": True, "closed": False}.get(query.get("status", "all")),
        author=query.get("author"),
    )
    given = query.get("p", "0")
    start = int(given) * ON_A_PAGE if given.isdecimal() and len(given) < 8 else 0
    page = hub.community.page(repo, asked, start, ON_A_PAGE)
    shapes = [_discussion(repo, discussion) for discussion in page.discussions]
    return JSONResponse({"discussions": shapes, "count": page.total, "start": page.start})


@router.get("/{num}")
@requires(Permission.SEE_REPO)
def discussion_details(
    request: Request, hub: HubDep, actor: ActorDep, repo: RepoDep, num: int
) -> JSONResponse:
    """Source: HfApi.get_discussion_details: the first event is the description."""
    discussion = hub.community.get(repo, num)
    shape = _discussion(repo, discussion)
    shape["events"] = [_event(event) for event in hub.community.events(discussion)]
    if discussion.is_pull_request:
        shape["changes"] = {"base": discussion.base}
        if discussion.merge_sha:
            shape["changes"]["mergeCommitId"] = discussion.merge_sha
        shape["filesWithConflicts"] = hub.proposals.conflicts(repo, discussion)
        if "diff" in request.query_params:
            hub.repos.access.require(actor, Permission.READ_REPO, repo)
            compared = hub.proposals.compare(repo, discussion)
            shape["diff"] = compared.patch(LONGEST_DIFF) if compared else ""
    return JSONResponse(shape)


@router.post("")
@requires(Permission.TAKE_PART)
def open_discussion(
    request: Request, actor: ActorDep, repo: RepoDep, body: DiscussionRequest
) -> dict[str, Any]:
    """Source: HfApi.create_discussion, create_pull_request: such a pull request is a draft."""
    site = site_of(request)
    with site.open_hub() as hub:
        begin = hub.proposals.open_empty if body.pull_request else hub.community.open
        num = begin(actor, repo, body.title, body.description).num
    if body.pull_request:
        refs.derive_refs(site, repo.key)
    return {"num": num, "pullRequest": body.pull_request}


@router.post("/{num}/comment")
@requires(Permission.TAKE_PART)
def comment(
    hub: HubDep, actor: ActorDep, repo: RepoDep, num: int, body: CommentRequest
) -> dict[str, Any]:
    """Source: HfApi.comment_discussion."""
    return {"newMessage": _event(hub.community.comment(actor, repo, num, body.comment))}


@router.post("/{num}/title")
@requires(Permission.TAKE_PART)
def rename(
    hub: HubDep, actor: ActorDep, repo: RepoDep, num: int, body: TitleRequest
) -> dict[str, Any]:
    """Source: HfApi.rename_discussion."""
    return {"newTitle": _event(hub.community.rename(actor, repo, num, body.title))}


@router.post("/{num}/status")
@requires(Permission.TAKE_PART)
def change_status(
    hub: HubDep, actor: ActorDep, repo: RepoDep, num: int, body: StatusRequest
) -> dict[str, Any]:
    """Source: HfApi.change_discussion_status."""
    opens = body.status == "open"
    return {"newStatus": _event(hub.community.set_open(actor, repo, num, opens, body.comment))}


@router.post("/{num}/merge")
@requires(Permission.WRITE_REPO)
@in_pool(COMMITS)
def merge(
    request: Request, actor: ActorDep, repo: RepoDep, num: int, body: CommentRequest | None = None
) -> dict[str, Any]:
    """Source: HfApi.merge_pull_request, which reads the status alone."""
    pull_requests.merge(site_of(request), actor, repo, num, body.comment if body else "")
    return {}


@router.post("/{num}/comment/{key}/edit")
@requires(Permission.TAKE_PART)
def edit_comment(
    hub: HubDep, actor: ActorDep, repo: RepoDep, num: int, key: str, body: EditRequest
) -> dict[str, Any]:
    """Source: HfApi.edit_discussion_comment."""
    return {"updatedComment": _event(hub.community.edit(actor, repo, num, key, body.content))}


@router.post("/{num}/comment/{key}/hide")
@requires(Permission.TAKE_PART)
def hide_comment(hub: HubDep, actor: ActorDep, repo: RepoDep, num: int, key: str) -> dict[str, Any]:
    """Source: HfApi.hide_discussion_comment."""
    return {"updatedComment": _event(hub.community.hide(actor, repo, num, key))}


def _discussion(repo: Repo, discussion: Discussion) -> dict[str, Any]:
    return {
        "num": discussion.num,
        "title": discussion.title,
        "status": discussion.status,
        "author": {"name": discussion.author},
        "createdAt": wire_time(discussion.created_at),
        "isPullRequest": discussion.is_pull_request,
        "repo": {"name": repo.full_name, "type": repo.type},
    }


def _event(event: DiscussionEvent) -> dict[str, Any]:
    return {
        "id": event.key,
        "type": event.type,
        "createdAt": wire_time(event.created_at),
        "author": {"name": event.author},
        "data": _data(event),
    }


def _data(event: DiscussionEvent) -> dict[str, Any]:
    match event.type:
        case EventType.COMMIT:
            return {"subject": event.text, "oid": event.detail}
        case EventType.STATUS:
            return {"status": event.text}
        case EventType.TITLE:
            return {"from": event.detail, "to": event.text}
    latest = {
        "raw": event.text,
        # Our pages render Markdown; whoever reads this wire does it by themselves.
        "html": f"<p>{html.escape(event.text)}</p>",
        "updatedAt": wire_time(event.edited_at or event.created_at),
        "author": {"name": event.author},
    }
    # What a comment said before is not kept.
    edited = event.edited_at is not None
    return {"edited": edited, "hidden": event.hidden, "latest": latest, "history": []}

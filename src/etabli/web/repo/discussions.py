"""What people say about a repository, and what they propose to change in it."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import Permission
from etabli.features.community import (
    LONGEST_TITLE,
    Discussion,
    DiscussionEvent,
    EventType,
    Filter,
    Kind,
)
from etabli.features.repos import Repo
from etabli.foundation.errors import ConflictError, EtabliError, InvalidInputError, LimitError
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import ActorDep, HubDep, RepoDep, actor_of, in_pool, requires, site_of
from etabli.hub import Hub
from etabli.operations import pull_requests
from etabli.pools import COMMITS
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.forms import Form
from etabli.web.kit.markdown import markdown_to_html
from etabli.web.kit.rendering import said, see_other
from etabli.web.kit.routing import repo_get, repo_post
from etabli.web.repo.diff_view import LONGEST_LINE, shown_files
from etabli.web.repo.frame import render_repo

ON_A_PAGE = 25
EVENTS_ON_A_PAGE = 100
_REFUSALS = (InvalidInputError, LimitError, ConflictError)
_KINDS: Sequence[tuple[Kind, Message]] = (
    (Kind.ALL, msg("Everything")),
    (Kind.DISCUSSION, msg("Discussions")),
    (Kind.PROPOSAL, msg("Proposals")),
)

Typed = Annotated[str, Field()]


@repo_get("/discussions")
@requires(Permission.SEE_REPO)
def list_page(
    request: Request,
    hub: HubDep,
    repo: RepoDep,
    status: str = "open",
    type: str = Kind.ALL,
    p: int = 1,
) -> Response:
    kind = Kind(type) if type in list(Kind) else Kind.ALL
    is_open, page = status != "closed", min(max(p, 1), 10_000)
    found = hub.community.page(repo, Filter(kind, is_open), (page - 1) * ON_A_PAGE, ON_A_PAGE)
    others = hub.community.page(repo, Filter(kind, not is_open), 0, 0)

    def url(**changes: str) -> str:
        asked = {"status": "open" if is_open else "closed", "type": kind.value} | changes
        return f"?{urlencode(asked)}"

    return render_repo(
        request,
        hub,
        repo,
        "repo/discussions.html",
        tab="discussions",
        discussions=found.discussions,
        is_open=is_open,
        kind=kind,
        kinds=[(value, said(request, words)) for value, words in _KINDS],
        counts={is_open: found.total, not is_open: others.total},
        url=url,
        previous_url=url(p=str(page - 1)) if page > 1 else None,
        next_url=url(p=str(page + 1)) if page * ON_A_PAGE < found.total else None,
    )


@repo_get("/discussions/new")
@requires(Permission.TAKE_PART)
def new_page(request: Request, hub: HubDep, repo: RepoDep) -> Response:
    return _new_page(request, hub, repo, Form())


@repo_post("/discussions/new")
@requires(Permission.TAKE_PART)
def open_discussion(
    request: Request, actor: ActorDep, repo: RepoDep, title: Typed = "", text: Typed = ""
) -> Response:
    try:
        with site_of(request).open_hub() as hub:
            num = hub.community.open(actor, repo, title, text).num
    except _REFUSALS as error:
        form = Form({"title": title, "text": text}).refuse(request, "title", error)
        with site_of(request).read_hub() as hub:
            return _new_page(request, hub, repo, form, 422)
    return see_other(f"{repo_base(repo)}/discussions/{num}")


@repo_get("/discussions/{num}")
@requires(Permission.SEE_REPO)
def discussion_page(request: Request, hub: HubDep, repo: RepoDep, num: int, p: int = 0) -> Response:
    return _page(request, hub, repo, hub.community.get(repo, num), Form(), page=p)


@repo_get("/discussions/{num}/files")
@requires(Permission.READ_REPO)
def files_page(request: Request, hub: HubDep, repo: RepoDep, num: int) -> Response:
    discussion = hub.community.get(repo, num)
    if not discussion.is_pull_request:
        return see_other(f"{repo_base(repo)}/discussions/{num}")
    compared = hub.proposals.compare(repo, discussion)
    return render_repo(
        request,
        hub,
        repo,
        "repo/proposal_files.html",
        tab="discussions",
        discussion=discussion,
        compared=compared,
        files=shown_files(compared) if compared else [],
        longest_line=LONGEST_LINE,
        is_own=bool(hub.proposals.pushable(actor_of(request), repo, [discussion.ref])),
        part="files",
    )


@repo_post("/discussions/{num}/comment")
@requires(Permission.TAKE_PART)
def comment(
    request: Request,
    actor: ActorDep,
    repo: RepoDep,
    num: int,
    text: Typed = "",
    then: Typed = "",
) -> Response:
    """Say something, and close the discussion or open it again, if that was asked."""

    def action(hub: Hub) -> object:
        if then in ("close", "open"):
            return hub.community.set_open(actor, repo, num, then == "open", text)
        return hub.community.comment(actor, repo, num, text)

    return _do(request, repo, num, action, Form({"text": text}), "text")


@repo_post("/discussions/{num}/title")
@requires(Permission.TAKE_PART)
def rename_discussion(
    request: Request, actor: ActorDep, repo: RepoDep, num: int, title: Typed = ""
) -> Response:
    form = Form({"title": title})
    return _do(request, repo, num, lambda hub: hub.community.rename(actor, repo, num, title), form)


@repo_post("/discussions/{num}/comment/{key}/edit")
@requires(Permission.TAKE_PART)
def edit_comment(
    request: Request, actor: ActorDep, repo: RepoDep, num: int, key: str, text: Typed = ""
) -> Response:
    def action(hub: Hub) -> object:
        return hub.community.edit(actor, repo, num, key, text)

    return _do(request, repo, num, action, Form({f"edit-{key}": text}), f"edit-{key}")


@repo_post("/discussions/{num}/comment/{key}/hide")
@requires(Permission.TAKE_PART)
def hide(request: Request, actor: ActorDep, repo: RepoDep, num: int, key: str) -> Response:
    return _do(request, repo, num, lambda hub: hub.community.hide(actor, repo, num, key), Form())


@repo_post("/discussions/{num}/merge")
@requires(Permission.WRITE_REPO)
@in_pool(COMMITS)
def merge(
    request: Request,
    actor: ActorDep,
    repo: RepoDep,
    num: int,
    text: Annotated[str, Field(alias="merge")] = "",
) -> Response:
    site = site_of(request)
    try:
        pull_requests.merge(site, actor, repo, num, text)
    except _REFUSALS as error:
        return _again(request, repo, num, Form({"merge": text}), "", error)
    return see_other(f"{repo_base(repo)}/discussions/{num}", "merged")


def _do(
    request: Request,
    repo: Repo,
    num: int,
    action: Callable[[Hub], object],
    form: Form,
    name: str = "",
) -> Response:
    """One action, then the page again; if it is refused, with what was typed and why."""
    try:
        with site_of(request).open_hub() as hub:
            action(hub)
    except _REFUSALS as error:
        return _again(request, repo, num, form, name, error)
    return see_other(f"{repo_base(repo)}/discussions/{num}", "saved")


def _again(
    request: Request, repo: Repo, num: int, form: Form, name: str, error: EtabliError
) -> Response:
    form.refuse(request, name, error)
    with site_of(request).read_hub() as hub:
        return _page(request, hub, repo, hub.community.get(repo, num), form, status=422)


def _page(
    request: Request,
    hub: Hub,
    repo: Repo,
    discussion: Discussion,
    form: Form,
    *,
    page: int = 0,
    status: int = 200,
) -> Response:
    events = hub.community.events(discussion)
    pages = max(1, -(-len(events) // EVENTS_ON_A_PAGE))
    page = page if 0 < page <= pages else pages
    shown = events[(page - 1) * EVENTS_ON_A_PAGE : page * EVENTS_ON_A_PAGE]
    actor = actor_of(request)
    return render_repo(
        request,
        hub,
        repo,
        "repo/discussion.html",
        status,
        tab="discussions",
        discussion=discussion,
        events=[_shown(hub, request, repo, event) for event in shown],
        page=page,
        pages=pages,
        form=form,
        part="talk",
        longest_title=LONGEST_TITLE,
        may_change=hub.community.may_change(actor, repo, discussion.author),
        **(_merging(hub, repo, discussion) if discussion.is_pull_request else {}),
    )


def _merging(hub: Hub, repo: Repo, discussion: Discussion) -> dict[str, Any]:
    compared = hub.proposals.compare(repo, discussion)
    return {
        "changed": compared.total if compared else 0,
        "conflicts": hub.proposals.conflicts(repo, discussion),
    }


def _shown(hub: Hub, request: Request, repo: Repo, event: DiscussionEvent) -> dict[str, Any]:
    actor, base = actor_of(request), repo_base(repo)
    is_text = event.type is EventType.COMMENT and not event.hidden
    html = markdown_to_html(
        event.text if is_text else "",
        files=f"{base}/resolve/main/",
        pages=f"{base}/blob/main/",
        anchors=False,
    )
    return {
        "row": event,
        "html": html,
        "may_edit": is_text and actor.may_write and actor.name == event.author,
        "may_hide": is_text and hub.community.may_change(actor, repo, event.author),
    }


def _new_page(request: Request, hub: Hub, repo: Repo, form: Form, status: int = 200) -> Response:
    return render_repo(
        request, hub, repo, "repo/discussion_new.html", status, tab="discussions", form=form
    )

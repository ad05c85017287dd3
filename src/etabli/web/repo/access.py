"""A gated repository: the page where one asks to be let in, and the one where its owner decides."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Annotated

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import Actor, NamespaceNotFoundError, Permission
from etabli.features.cards import CardError, GateForm, gate_form, parse
from etabli.features.repos import (
    CHECKED,
    AccessAskedError,
    AccessDecidedError,
    AccessRequest,
    AnswerMissingError,
    AnswerTooLongError,
    NotGatedError,
    Repo,
    RequestStatus,
    UnknownAnswerError,
)
from etabli.foundation.csv_text import BOM, csv_of, inert_cell
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import ActorDep, HubDep, RepoDep, actor_of, requires
from etabli.hub import Hub
from etabli.web.kit.addresses import repo_base
from etabli.web.kit.forms import FieldsDep, Form
from etabli.web.kit.markdown import Markdown, made_html
from etabli.web.kit.rendering import said, see_other
from etabli.web.kit.routing import repo_get, repo_post
from etabli.web.repo.frame import render_repo

ON_A_PAGE = 50
MAX_IN_A_FILE = 10_000
_STATUSES: Sequence[tuple[RequestStatus, Message]] = (
    (RequestStatus.PENDING, msg("Waiting")),
    (RequestStatus.ACCEPTED, msg("Let in already")),
    (RequestStatus.REJECTED, msg("Refused")),
)


@repo_get("/access")
@requires(Permission.SEE_REPO)
def access_page(request: Request, hub: HubDep, repo: RepoDep) -> Response:
    return _access_page(request, hub, repo, Form())


@repo_post("/access")
@requires(Permission.TAKE_PART)
def ask_for_access(
    request: Request, hub: HubDep, actor: ActorDep, repo: RepoDep, fields: FieldsDep
) -> Response:
    form = _form_of(hub, repo)
    answers = {
        question.label: fields.get(f"q{number}", "")
        for number, question in enumerate(form.questions)
    }
    try:
        hub.access_requests.ask(actor, repo, form, answers)
    except (AnswerMissingError, AnswerTooLongError, UnknownAnswerError) as error:
        number = list(answers).index(error.label)
        refused = Form(fields).refuse(request, f"q{number}", error)
        return _access_page(request, hub, repo, refused, 422)
    except (NotGatedError, AccessAskedError):
        pass  # the page says what there is
    return see_other(f"{repo_base(repo)}/access")


@repo_get("/settings/access")
@requires(Permission.ADMIN_REPO)
def requests_page(
    request: Request, hub: HubDep, actor: ActorDep, repo: RepoDep, status: str = "", p: int = 1
) -> Response:
    chosen = RequestStatus(status) if status in list(RequestStatus) else RequestStatus.PENDING
    page = min(max(p, 1), 10_000)
    return _requests_page(request, hub, actor, repo, chosen, page)


@repo_post("/settings/access/decide")
@requires(Permission.ADMIN_REPO)
def decide(
    hub: HubDep,
    actor: ActorDep,
    repo: RepoDep,
    key: Annotated[str, Field()],
    status: Annotated[RequestStatus, Field()],
    was: Annotated[RequestStatus, Field()] = RequestStatus.PENDING,
    reason: Annotated[str, Field()] = "",
) -> Response:
    with suppress(AccessDecidedError):  # somebody else was quicker, and decided the same
        hub.access_requests.decide(actor, repo, status, key=key, reason=reason)
    return see_other(f"{repo_base(repo)}/settings/access?status={was}", "saved")


@repo_post("/settings/access/grant")
@requires(Permission.ADMIN_REPO)
def grant(
    request: Request,
    hub: HubDep,
    actor: ActorDep,
    repo: RepoDep,
    who: Annotated[str, Field()] = "",
) -> Response:
    try:
        hub.access_requests.grant(actor, repo, who.strip())
    except (NamespaceNotFoundError, AccessDecidedError) as error:
        form = Form({"who": who}).refuse(request, "who", error)
        return _requests_page(
            request, hub, actor, repo, RequestStatus.ACCEPTED, 1, form=form, code=422
        )
    return see_other(f"{repo_base(repo)}/settings/access?status=accepted", "saved")


@repo_get("/settings/access.csv")
@requires(Permission.ADMIN_REPO)
def requests_file(hub: HubDep, actor: ActorDep, repo: RepoDep) -> Response:
    """All of them as a table: a column for each question that anybody answered."""
    found = [
        one
        for status in RequestStatus
        for one in hub.access_requests.listed(actor, repo, status, 0, MAX_IN_A_FILE)
    ]
    questions = list(dict.fromkeys(label for one in found for label in one.answers))
    heads = ["name", "status", "asked_at", "decided_at", *questions]
    rows = [heads, *(_cells(one, questions) for one in found)]
    text = BOM + csv_of([inert_cell(cell) for cell in row] for row in rows)
    headers = {"Content-Disposition": 'attachment; filename="access-requests.csv"'}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)


def _cells(one: AccessRequest, questions: Sequence[str]) -> Sequence[str]:
    decided_at = one.decided_at.isoformat() if one.decided_at else ""
    answers = [one.answers.get(label, "") for label in questions]
    return [one.namespace, one.status.value, one.asked_at.isoformat(), decided_at, *answers]


def _access_page(request: Request, hub: Hub, repo: Repo, form: Form, status: int = 200) -> Response:
    gate = _form_of(hub, repo)
    return render_repo(
        request,
        hub,
        repo,
        "repo/access.html",
        status,
        tab="access",
        gate=gate,
        prompt=made_html(Markdown(gate.prompt, anchors=False)) if gate.prompt else "",
        asked=hub.access_requests.of(actor_of(request), repo),
        form=form,
        checked=CHECKED,
    )


def _form_of(hub: Hub, repo: Repo) -> GateForm:
    """What the card asks; nothing, where it cannot be read."""
    try:
        return gate_form(parse(hub.repos.snapshot(repo).find_text("README.md") or "").metadata)
    except CardError:
        return GateForm()


def _requests_page(
    request: Request,
    hub: Hub,
    actor: Actor,
    repo: Repo,
    status: RequestStatus,
    page: int,
    *,
    form: Form | None = None,
    code: int = 200,
) -> Response:
    start = (page - 1) * ON_A_PAGE
    found = (
        hub.access_requests.listed(actor, repo, status, start, ON_A_PAGE + 1) if repo.gated else []
    )
    counts = hub.access_requests.counts(repo)
    return render_repo(
        request,
        hub,
        repo,
        "repo/access_requests.html",
        code,
        tab="settings",
        shown=status,
        statuses=[(one, said(request, words), counts.get(one, 0)) for one, words in _STATUSES],
        requests=found[:ON_A_PAGE],
        page=page,
        next_page=page + 1 if len(found) > ON_A_PAGE else None,
        form=form or Form(),
    )

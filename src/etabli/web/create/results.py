"""What was made: how good it is, trying it, its replies, publishing it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import Actor, NotAllowedError, Permission
from etabli.features.repos import RepoExistsError
from etabli.features.serving import ModelFolder
from etabli.features.workshop import (
    PersonalDataShownError,
    Publication,
    Run,
    RunState,
)
from etabli.foundation.errors import EtabliError, InvalidInputError, LimitError, UnavailableError
from etabli.foundation.i18n.translations import LANGUAGES, translator
from etabli.http import ActorDep, HubDep, in_pool, make_router, requires, site_of
from etabli.hub import Hub
from etabli.operations.inference import ask_folder
from etabli.operations.publish_model import publish_model
from etabli.pools import COMMITS, PAGES
from etabli.site import Site
from etabli.web.create.forms import licence_options, writable_namespaces
from etabli.web.create.steps import step_of
from etabli.web.kit.errors import present_error, status_of
from etabli.web.kit.forms import FieldsDep, Form
from etabli.web.kit.rendering import language_of, render, said, see_other
from etabli.web.repo.chat import Turn, examples, panel, turn
from etabli.web.repo.evaluation_view import (
    ALL_MISTAKES,
    FIRST_MISTAKES,
    WORST_CONFUSIONS,
    of_run,
    shown,
)

REPLY = "reply:"
VISIBILITY = {"yes": True, "no": False, "": None}
"""What the form says of who may see it; empty: as its owner has new repositories."""

router = make_router(present_error, reads=PAGES)


@router.get("/create/{key}/result")
@requires(Permission.SIGNED_IN)
def result_page(
    request: Request,
    hub: HubDep,
    actor: ActorDep,
    key: str,
    threshold: float | None = None,
    mistakes: str = "",
) -> Response:
    run = hub.workshop.get(actor, key)
    if not run.state.has_result:
        return see_other(step_of(run))
    most = ALL_MISTAKES if mistakes == "all" else FIRST_MISTAKES
    return _result_page(request, hub, run, threshold=threshold, most_mistakes=most)


@router.post("/create/{key}/try")
@requires(Permission.SIGNED_IN)
async def try_out(
    request: Request,
    actor: ActorDep,
    key: str,
    text: Annotated[str, Field()] = "",
    chosen: Annotated[str, Field()] = "",
) -> Response:
    """Ask the model before it is published: the page with the answer, or the answer alone."""
    site = site_of(request)
    folder = await PAGES.run(_model_folder, site, actor, key)
    try:
        [answer] = await ask_folder(site, actor, folder, [text])
    except (InvalidInputError, UnavailableError) as error:
        return await PAGES.run(_tried_page, request, actor, key, text=text, error=error)
    asked = turn(request, text, answer, chosen)
    return await PAGES.run(_tried_page, request, actor, key, asked=asked)


def _model_folder(site: Site, actor: Actor, key: str) -> ModelFolder:
    with site.read_hub() as hub:
        return hub.workshop.model_folder(hub.workshop.get(actor, key))


def _tried_page(
    request: Request,
    actor: Actor,
    key: str,
    *,
    asked: Turn | None = None,
    text: str = "",
    error: EtabliError | None = None,
) -> Response:
    with site_of(request).read_hub() as hub:
        run = hub.workshop.get(actor, key)
        if asked is None or "hx-request" not in request.headers:
            return _result_page(request, hub, run, asked=asked, text=text, error=error)
        answer = {**panel(_try_address(run), turn=asked), **shown(request, None)}
        answer["data_language"] = _language_of_data(hub, run)
        return render(request, "model/answer.html", **answer)


@router.get("/create/{key}/replies")
@requires(Permission.SIGNED_IN)
def replies_page(request: Request, hub: HubDep, actor: ActorDep, key: str) -> Response:
    run = hub.workshop.get(actor, key)
    if run.state is not RunState.MADE:
        return see_other(step_of(run))
    replies = hub.workshop.replies(run)
    written = sum(1 for reply in replies.values() if reply)
    return render(request, "create/replies.html", run=run, replies=replies, written=written)


@router.post("/create/{key}/replies")
@requires(Permission.SIGNED_IN)
def save_replies(hub: HubDep, actor: ActorDep, key: str, fields: FieldsDep) -> Response:
    run = hub.workshop.get(actor, key)
    if run.state is not RunState.MADE:
        return see_other(step_of(run))  # what is published is changed where it is published
    replies = {
        name.removeprefix(REPLY): text.replace("\r\n", "\n")
        for name, text in fields.items()
        if name.startswith(REPLY)
    }
    hub.workshop.set_replies(actor, key, replies)
    return see_other(f"/create/{key}/result", "saved")


@router.get("/create/{key}/publish")
@requires(Permission.SIGNED_IN)
def publish_page(request: Request, hub: HubDep, actor: ActorDep, key: str) -> Response:
    run = hub.workshop.get(actor, key)
    if run.state is not RunState.MADE:
        return see_other(step_of(run))
    suggested = hub.workshop.suggest(run, actor.name or "")
    several = len(writable_namespaces(actor)) > 1
    form = Form(
        {
            "namespace": suggested.namespace,
            "name": suggested.name,
            "private": "yes" if suggested.private else "" if several else "no",
            "with_data": "yes" if suggested.with_data else "",
            "license": suggested.license,
        }
    )
    return _publish_page(request, hub, actor, run, _with_drafts(request, hub, run, form))


@router.post("/create/{key}/draft")
@requires(Permission.SIGNED_IN)
def draft(request: Request, actor: ActorDep, key: str, fields: FieldsDep) -> Response:
    """Write the cards anew from the facts and from what the form says now."""
    with site_of(request).read_hub() as hub:
        run = hub.workshop.get(actor, key)
        form = _with_drafts(request, hub, run, Form(fields))
        return _publish_page(request, hub, actor, run, form)


@router.post("/create/{key}/publish")
@requires(Permission.CREATE_REPO)
@in_pool(COMMITS)
def publish(request: Request, actor: ActorDep, key: str, fields: FieldsDep) -> Response:
    site = site_of(request)
    form = Form(fields)
    try:
        publication = _publication(form, cards=True)
        run = publish_model(site, actor, key, publication, translator(language_of(request)))
    except (RepoExistsError, NotAllowedError, InvalidInputError, LimitError) as error:
        with site.read_hub() as hub:
            run = hub.workshop.get(actor, key)
            return _publish_page(
                request, hub, actor, run, form.refuse(request, _field_of(error), error), 422
            )
    return see_other(f"/{run.model}")


def _field_of(error: EtabliError) -> str:
    if isinstance(error, NotAllowedError):
        return "namespace"
    return "with_data" if isinstance(error, PersonalDataShownError) else "name"


@dataclass(frozen=True)
class _Card:
    field: str
    digest: str


_CARDS = (_Card("model_card", "model_digest"), _Card("dataset_card", "dataset_digest"))


def _publication(form: Form, *, cards: bool) -> Publication:
    """What the form asks for. A card that nobody edited is drafted again from the final facts."""
    written = {card.field: _edited(form, card) if cards else None for card in _CARDS}
    return Publication(
        namespace=form.values.get("namespace", ""),
        name=form.values.get("name", "").strip(),
        private=VISIBILITY.get(form.values.get("private", "yes"), True),
        with_data=form.values.get("with_data") == "yes",
        license=form.values.get("license", ""),
        shows_personal_data=form.values.get("shows_personal_data") == "yes",
        **written,
    )


def _edited(form: Form, card: _Card) -> str | None:
    text = form.values.get(card.field, "").replace("\r\n", "\n")
    is_ours = _digest(text) == form.values.get(card.digest)
    return None if is_ours or not text.strip() else text


def _digest(text: str) -> str:
    return hashlib.sha256(text.strip().encode()).hexdigest()


def _with_drafts(request: Request, hub: Hub, run: Run, form: Form) -> Form:
    publication = _publication(form, cards=False)
    drafts = hub.workshop.draft_cards(run, publication, translator(language_of(request)))
    written: dict[str, str] = {}
    for card, text in zip(_CARDS, drafts, strict=True):
        written |= {card.field: text, card.digest: _digest(text)}
    return Form({**form.values, **written}, form.errors)


def _publish_page(
    request: Request, hub: Hub, actor: Actor, run: Run, form: Form, status: int = 200
) -> Response:
    return render(
        request,
        "create/publish.html",
        status,
        run=run,
        form=form,
        owners=writable_namespaces(actor),
        licences=licence_options(form.values.get("license", "")),
        rows=hub.workshop.result(run)["data"],
        personal=hub.workshop.personal_data(run),
        model_shows=said(request, hub.workshop.made(run).model_shows),
        preview=hub.workshop.preview(run),
        data_language=_language_of_data(hub, run),
    )


def _language_of_data(hub: Hub, run: Run) -> str:
    """What was said of it or, failing that, what the check made of it; empty when unknown."""
    guessed = str(hub.workshop.findings(run)["understood"]["language"])
    said_of_it = str(run.source.get("language") or "")
    return said_of_it or (guessed if guessed in LANGUAGES else "")


def _first_message(hub: Hub, run: Run) -> list[str]:
    sample = hub.workshop.findings(run)["understood"]["sample"]
    return [row["text"] for row in sample[:1]]


def _try_address(run: Run) -> str:
    return f"/create/{run.key}/try"


def _result_page(
    request: Request,
    hub: Hub,
    run: Run,
    *,
    threshold: float | None = None,
    most_mistakes: int = FIRST_MISTAKES,
    asked: Any = None,
    text: str = "",
    error: EtabliError | None = None,
) -> Response:
    evaluation = of_run(request, hub, run)
    replies = hub.workshop.replies(run)
    reason = hub.workshop.made(run).choice(hub.workshop.result(run))
    page: Mapping[str, Any] = {
        "run": run,
        "data_language": _language_of_data(hub, run),
        "point": evaluation.exam.point(threshold),
        "examples": [*_first_message(hub, run), *examples(evaluation)],
        "written": sum(1 for reply in replies.values() if reply),
        "label_count": len(replies),
        "most_mistakes": most_mistakes,
        "why_this_rung": said(request, reason) if reason else "",
        "worst_confusions": WORST_CONFUSIONS,
    }
    ask = panel(
        _try_address(run),
        turn=asked,
        text=text,
        error=said(request, error.text) if error else "",
    )
    status = 200 if error is None else _status(error)
    return render(
        request, "create/result.html", status, **page, **ask, **shown(request, evaluation)
    )


def _status(error: EtabliError) -> int:
    status, _ = status_of(error)
    return 422 if status == 400 else status

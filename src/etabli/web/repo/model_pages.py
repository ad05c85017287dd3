"""A model's own pages beside its card: asking it, and how good it is."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import Permission
from etabli.features.repos import Repo
from etabli.foundation.errors import InvalidInputError, NotFoundError, UnavailableError
from etabli.foundation.i18n.messages import msg
from etabli.http import HubDep, RepoDep, actor_of, make_router, requires, site_of
from etabli.hub import Hub
from etabli.operations import inference
from etabli.pools import PAGES
from etabli.web.kit.errors import present_error, status_of
from etabli.web.kit.rendering import render, said
from etabli.web.repo.chat import Turn, ask_address, data_language, panel, turn
from etabli.web.repo.evaluation_view import (
    ALL_MISTAKES,
    FIRST_MISTAKES,
    WORST_CONFUSIONS,
    of_snapshot,
    shown,
)
from etabli.web.repo.frame import EVALUATION_FILE, render_repo, values
from etabli.web.repo.pages import show_card

router = make_router(present_error, reads=PAGES)


class NoEvaluationError(NotFoundError):
    def __init__(self, repo: Repo) -> None:
        super().__init__(
            msg(
                "{full_name} says nothing of how good it is that this hub can read. "
                "Models made here keep it in {file}.",
                full_name=repo.full_name,
                file=EVALUATION_FILE,
            )
        )


@router.post("/{namespace}/{name}/ask")
@requires(Permission.ASK_MODEL)
async def ask(
    request: Request,
    repo: RepoDep,
    text: Annotated[str, Field()] = "",
    chosen: Annotated[str, Field()] = "",
) -> Response:
    """The model's page with the question and its answer, or these alone for htmx."""
    try:
        [answer] = await inference.ask(site_of(request), actor_of(request), repo, [text])
    except (InvalidInputError, UnavailableError) as error:
        request.state.asked = {"text": text, "error": said(request, error.text)}
        response = await show_card(request, repo)
        response.status_code = status_of(error)[0]
        return response
    asked = turn(request, text, answer, chosen)
    if "hx-request" in request.headers:
        return await PAGES.run(_answer_alone, request, repo, asked)
    request.state.asked = {"turn": asked}
    return await show_card(request, repo)


def _answer_alone(request: Request, repo: Repo, asked: Turn) -> Response:
    with site_of(request).read_hub() as hub:
        language = data_language(_metadata(hub, repo))
    context = {**panel(ask_address(repo), turn=asked), **shown(request, None)}
    return render(request, "model/answer.html", **context, data_language=language)


@router.get("/{namespace}/{name}/evaluation")
@requires(Permission.READ_REPO)
def evaluation_page(
    request: Request,
    hub: HubDep,
    repo: RepoDep,
    threshold: float | None = None,
    mistakes: str = "",
) -> Response:
    evaluation = of_snapshot(request, hub.repos.snapshot(repo))
    if evaluation is None:
        raise NoEvaluationError(repo)
    metadata = _metadata(hub, repo)
    return render_repo(
        request,
        hub,
        repo,
        "model/evaluation.html",
        tab="evaluation",
        metadata=metadata,
        datasets=values(metadata.get("datasets"))[:1],
        data_language=data_language(metadata),
        point=evaluation.exam.point(threshold),
        most_mistakes=ALL_MISTAKES if mistakes == "all" else FIRST_MISTAKES,
        worst_confusions=WORST_CONFUSIONS,
        **shown(request, evaluation),
    )


def _metadata(hub: Hub, repo: Repo) -> Mapping[str, Any]:
    return hub.catalogue.facts_of(repo).metadata

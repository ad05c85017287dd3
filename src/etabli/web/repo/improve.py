"""What an owner changes of a published model without making it again: its words, its certainty."""

from collections.abc import Mapping
from dataclasses import replace

from fastapi import Request, Response

from etabli.engine_contract.evaluation import Exam
from etabli.features.accounts import Permission
from etabli.features.repos import BranchMovedError, Repo
from etabli.features.serving import Assistant, BadCertaintyError
from etabli.foundation.errors import ConflictError, EtabliError, InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.http import ActorDep, HubDep, RepoDep, in_pool, make_router, requires, site_of
from etabli.hub import Hub
from etabli.operations.improve_model import improve_model
from etabli.pools import COMMITS, PAGES
from etabli.web.kit.errors import present_error, status_of
from etabli.web.kit.forms import FieldsDep, Form
from etabli.web.kit.rendering import said, see_other
from etabli.web.repo.evaluation_view import of_snapshot
from etabli.web.repo.frame import render_repo

REPLY, SENTENCE = "reply:", "sentence:"

router = make_router(present_error, reads=PAGES)


class ImprovedMeanwhileError(ConflictError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "Somebody saved here while you were writing. What you wrote is below: "
                "save again to put it in the place of theirs."
            )
        )


@router.get("/{namespace}/{name}/improve")
@requires(Permission.WRITE_REPO)
def improve_page(request: Request, hub: HubDep, repo: RepoDep) -> Response:
    return _page(request, hub, repo, hub.serving.assistant(repo))


@router.post("/{namespace}/{name}/improve")
@requires(Permission.WRITE_REPO)
@in_pool(COMMITS)
def improve(request: Request, actor: ActorDep, repo: RepoDep, fields: FieldsDep) -> Response:
    site = site_of(request)
    with site.read_hub() as hub:
        now = hub.serving.assistant(repo)
    wanted = now
    try:
        wanted = _wanted(now, fields)
        improve_model(site, actor, repo, wanted)
    except BranchMovedError:
        return _again(request, repo, replace(wanted, commit=now.commit), ImprovedMeanwhileError())
    except InvalidInputError as error:
        return _again(request, repo, wanted, error)
    return see_other(f"/{repo.full_name}/improve", "saved")


def _wanted(now: Assistant, fields: Mapping[str, str]) -> Assistant:
    """What the form asks for; what it does not name stays as it is."""
    try:
        certainty = float(fields.get("certainty", now.certainty))
    except ValueError as error:
        raise BadCertaintyError from error
    sentences = {
        one: _text(fields, SENTENCE + one.value, now.sentences[one]) for one in now.sentences
    }
    return Assistant(
        replies={label: _text(fields, REPLY + label, old) for label, old in now.replies.items()},
        sentences=sentences,
        certainty=certainty,
        runtime=now.runtime,
        commit=fields.get("commit", now.commit),
    )


def _text(fields: Mapping[str, str], name: str, old: str) -> str:
    return fields.get(name, old).replace("\r\n", "\n")


def _again(request: Request, repo: Repo, wanted: Assistant, error: EtabliError) -> Response:
    with site_of(request).read_hub() as hub:
        return _page(request, hub, repo, wanted, error)


def _page(
    request: Request,
    hub: Hub,
    repo: Repo,
    assistant: Assistant,
    error: EtabliError | None = None,
) -> Response:
    evaluation = of_snapshot(request, hub.repos.snapshot(repo))
    form = Form({}) if error is None else Form({}).refuse(request, "", error)
    return render_repo(
        request,
        hub,
        repo,
        "model/improve.html",
        200 if error is None else status_of(error)[0],
        tab="improve",
        form=form,
        assistant=assistant,
        situations=[
            (one, said(request, found.title), said(request, found.ours), assistant.sentences[one])
            for one, found in assistant.runtime.situations.items()
        ],
        points=_points(evaluation.exam, assistant.certainty) if evaluation else [],
        exam=evaluation.exam if evaluation else None,
    )


def _points(exam: Exam, certainty: float) -> list[tuple[float, float, float | None, bool]]:
    """Of each certainty that was examined: itself, what was answered, rightly, and if it is set."""
    set_now = exam.point(certainty)
    return [
        (
            certainty if point is set_now else point.threshold,
            point.answered,
            point.right,
            point is set_now,
        )
        for point in exam.coverage
    ]

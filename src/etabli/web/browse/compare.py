"""Models beside each other, on the same examples."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form as Field
from fastapi import Query, Request, Response

from etabli.features.accounts import Permission
from etabli.features.serving import MAX_EXAMPLES, MAX_MODELS
from etabli.foundation.errors import InvalidInputError, NotFoundError, UnavailableError
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations.compare_models import ANSWERS_A_DAY, Compared, Comparison, compare_models
from etabli.pools import PAGES
from etabli.web.kit.errors import present_error, status_of
from etabli.web.kit.forms import Form
from etabli.web.kit.rendering import render, said
from etabli.web.repo.evaluation_view import figure_of, references, shown

router = make_router(present_error, reads=PAGES)


@router.get("/compare")
@requires(Permission.PUBLIC)
def compare_page(
    request: Request,
    models: Annotated[list[str] | None, Query()] = None,
    dataset: str = "",
    a_day: str = "",
) -> Response:
    return _page(request, models or [], dataset, a_day)


@router.post("/compare")
@requires(Permission.SIGNED_IN)
async def compare(
    request: Request,
    actor: ActorDep,
    models: Annotated[list[str] | None, Field()] = None,
    dataset: Annotated[str, Field()] = "",
    a_day: Annotated[str, Field()] = "",
) -> Response:
    names = models or []
    answers_a_day = int(a_day) if re.fullmatch(r"[0-9]{1,9}", a_day) else ANSWERS_A_DAY
    try:
        found = await compare_models(
            site_of(request), actor, names, dataset, answers_a_day=answers_a_day
        )
    except (InvalidInputError, NotFoundError, UnavailableError) as error:
        form = Form().refuse(request, "", error)
        return await PAGES.run(
            _page, request, names, dataset, a_day, form=form, status=status_of(error)[0]
        )
    return await PAGES.run(_page, request, names, dataset, a_day, found=found)


def _page(
    request: Request,
    names: list[str],
    dataset: str,
    a_day: str,
    *,
    found: Comparison | None = None,
    form: Form | None = None,
    status: int = 200,
) -> Response:
    asked: Mapping[str, Any] = {
        "names": [*names, *[""] * (MAX_MODELS - len(names))][:MAX_MODELS],
        "dataset": dataset,
        "a_day": a_day or str(ANSWERS_A_DAY),
        "form": form or Form(),
        "max_examples": MAX_EXAMPLES,
        "references": references(request),
    }
    answer: Mapping[str, Any] = {}
    if found is not None:
        first = found.models[0]
        answer = {
            "found": found,
            "how": figure_of(request, first.energy, first.emissions),
            "frugality": [
                [said(request, text) for text in one.frugality.sentences] for one in found.models
            ],
            "verdicts": [said(request, _verdict(one, found)) for one in found.models],
        }
    return render(request, "compare.html", status, **asked, **answer, **shown(request, None))


def _verdict(one: Compared, found: Comparison) -> Message:
    """What the difference from the first model proves."""
    other = one.difference
    if other is None:
        return msg("The others are compared with it.")
    if not other.is_clear:
        return msg(
            "No clear difference: messages that go better: {gained}, worse: {lost}.",
            gained=other.gained,
            lost=other.lost,
        )
    if other.gained > other.lost:
        return msg(
            "Clearly better than {first}: messages that go better: {gained}, worse: {lost}.",
            first=found.models[0].score.model,
            gained=other.gained,
            lost=other.lost,
        )
    return msg(
        "Clearly worse than {first}: messages that go better: {gained}, worse: {lost}.",
        first=found.models[0].score.model,
        gained=other.gained,
        lost=other.lost,
    )

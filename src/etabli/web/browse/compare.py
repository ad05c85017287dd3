"""Models beside each other, on the same examples."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Form as Field
from fastapi import Query, Request, Response

from etabli.features.accounts import Permission
from etabli.features.serving import (
    MAX_EXAMPLES,
    MAX_MODELS,
    BadOutsideModelError,
    Difference,
    OutsideModel,
    OutsidePlan,
)
from etabli.foundation.errors import (
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import Message, msg
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations.compare_models import (
    ANSWERS_A_DAY,
    Compared,
    Comparison,
    compare_models,
    plan_outside,
)
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
    address: Annotated[str, Field()] = "",
    model: Annotated[str, Field()] = "",
    price_in: Annotated[str, Field()] = "",
    price_out: Annotated[str, Field()] = "",
    key: Annotated[str, Field()] = "",
    planned: Annotated[str, Field()] = "",
) -> Response:
    """A model elsewhere is asked only once what that takes was shown (`planned`); its key comes
    with that second request, and goes into no page."""
    names = models or []
    typed = {"address": address, "model": model, "price_in": price_in, "price_out": price_out}
    form = Form(typed)
    answers_a_day = int(a_day) if re.fullmatch(r"[0-9]{1,9}", a_day) else ANSWERS_A_DAY
    try:
        outside = _outside(typed, key) if address.strip() else None
        if outside is not None and not planned:
            found = await plan_outside(site_of(request), actor, names, dataset, outside)
            return await PAGES.run(_page, request, names, dataset, a_day, form=form, plan=found)
        compared = await compare_models(
            site_of(request),
            actor,
            names,
            dataset,
            answers_a_day=answers_a_day,
            outside=outside,
        )
    except (InvalidInputError, NotFoundError, ForbiddenError, UnavailableError) as error:
        form.refuse(request, "", error)
        return await PAGES.run(
            _page, request, names, dataset, a_day, form=form, status=status_of(error)[0]
        )
    return await PAGES.run(_page, request, names, dataset, a_day, form=form, found=compared)


def _outside(typed: Mapping[str, str], key: str) -> OutsideModel:
    """
    Raises:
        BadOutsideModelError: a price is no number.
    """
    return OutsideModel(
        typed["address"].strip(),
        typed["model"].strip(),
        key.strip(),
        _price(typed["price_in"]),
        _price(typed["price_out"]),
    )


def _price(text: str) -> float | None:
    text = text.strip().replace(",", ".")
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,9})?", text):
        raise BadOutsideModelError
    return float(text)


def _page(
    request: Request,
    names: list[str],
    dataset: str,
    a_day: str,
    *,
    found: Comparison | None = None,
    form: Form | None = None,
    plan: OutsidePlan | None = None,
    status: int = 200,
) -> Response:
    asked: Mapping[str, Any] = {
        "names": [*names, *[""] * (MAX_MODELS - len(names))][:MAX_MODELS],
        "dataset": dataset,
        "a_day": a_day or str(ANSWERS_A_DAY),
        "form": form or Form(),
        "plan": plan,
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
            "elsewhere": found.outside,
            "elsewhere_verdict": said(request, _apart(found.outside_difference, first.score.model)),
            "verdicts": [said(request, _verdict(one, found)) for one in found.models],
        }
    return render(request, "compare.html", status, **asked, **answer, **shown(request, None))


def _verdict(one: Compared, found: Comparison) -> Message:
    """What the difference from the first model proves."""
    return _apart(one.difference, found.models[0].score.model)


def _apart(other: Difference | None, first: str) -> Message:
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
            first=first,
            gained=other.gained,
            lost=other.lost,
        )
    return msg(
        "Clearly worse than {first}: messages that go better: {gained}, worse: {lost}.",
        first=first,
        gained=other.gained,
        lost=other.lost,
    )

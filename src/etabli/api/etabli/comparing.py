"""Compare models on the same examples, by program."""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel, Field

from etabli.api.etabli.errors import present_error, translator_for
from etabli.api.results import present_comparison
from etabli.features.accounts import Permission
from etabli.features.footprint import MAX_ANSWERS_A_DAY
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations.compare_models import ANSWERS_A_DAY, compare_models

router = make_router(present_error, tags=["etabli"])


class CompareRequest(BaseModel):
    models: list[str]
    """OWNER/NAME of two to four; the others are compared with the first."""
    dataset: str = ""
    """Whose `test.csv` is asked; by default the dataset that the first model's card names."""
    answers_a_day: Annotated[int, Field(ge=1, le=MAX_ANSWERS_A_DAY)] = ANSWERS_A_DAY
    """For how many questions a machine is thought to be on all day, to say what is frugal."""


@router.post("/api/etabli/compare")
@requires(Permission.SIGNED_IN)
async def compare(
    request: Request, actor: ActorDep, body: Annotated[CompareRequest, Body()]
) -> dict[str, Any]:
    """Ask each model the same examples. Changes nothing; the same twice, but for the times."""
    found = await compare_models(
        site_of(request), actor, body.models, body.dataset, answers_a_day=body.answers_a_day
    )
    return present_comparison(found, translator_for(request))

"""Compare models on the same examples, by program."""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel, Field

from etabli.api.etabli.errors import present_error, translator_for
from etabli.api.results import present_comparison
from etabli.features.accounts import Permission
from etabli.features.footprint import MAX_ANSWERS_A_DAY
from etabli.features.serving import BadOutsideModelError, OutsideModel
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations.compare_models import ANSWERS_A_DAY, compare_models, plan_outside

router = make_router(present_error, tags=["etabli"])


class OutsideRequest(BaseModel):
    """A model elsewhere, by an API like OpenAI's. Nothing of it is kept."""

    address: str
    model: str
    key: str = Field(default="", repr=False)
    price_in: float | None = None
    """Of a million tokens that are sent, and that are received: to estimate the cost."""
    price_out: float | None = None


class CompareRequest(BaseModel):
    models: list[str]
    """OWNER/NAME of two to four, or of one where a model elsewhere is asked too; the others are
    compared with the first."""
    dataset: str = ""
    """Whose `test.csv` is asked; by default the dataset that the first model's card names."""
    answers_a_day: Annotated[int, Field(ge=1, le=MAX_ANSWERS_A_DAY)] = ANSWERS_A_DAY
    """For how many questions a machine is thought to be on all day, to say what is frugal."""
    outside: OutsideRequest | None = None
    """Asked a hundred of the examples at most, at the cost of whoever has the key."""

    @property
    def elsewhere(self) -> OutsideModel | None:
        return OutsideModel(**self.outside.model_dump()) if self.outside else None


@router.post("/api/etabli/compare/plan")
@requires(Permission.SIGNED_IN)
async def plan(
    request: Request, actor: ActorDep, body: Annotated[CompareRequest, Body()]
) -> dict[str, Any]:
    """What asking the model elsewhere would take, estimated. Nothing is sent to it."""
    if body.elsewhere is None:
        raise BadOutsideModelError
    found = await plan_outside(site_of(request), actor, body.models, body.dataset, body.elsewhere)
    return vars(found)


@router.post("/api/etabli/compare")
@requires(Permission.SIGNED_IN)
async def compare(
    request: Request, actor: ActorDep, body: Annotated[CompareRequest, Body()]
) -> dict[str, Any]:
    """Ask each model the same examples. Changes nothing; the same twice, but for the times."""
    found = await compare_models(
        site_of(request),
        actor,
        body.models,
        body.dataset,
        answers_a_day=body.answers_a_day,
        outside=body.elsewhere,
    )
    return present_comparison(found, translator_for(request))

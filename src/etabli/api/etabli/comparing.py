"""Compare models on the same examples, by program."""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel

from etabli.api.etabli.errors import present_error
from etabli.api.results import present_comparison
from etabli.features.accounts import Permission
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations.compare_models import compare_models

router = make_router(present_error, tags=["etabli"])


class CompareRequest(BaseModel):
    models: list[str]
    """OWNER/NAME of two to four; the others are compared with the first."""
    dataset: str = ""
    """Whose `test.csv` is asked; by default the dataset that the first model's card names."""


@router.post("/api/etabli/compare")
@requires(Permission.SIGNED_IN)
async def compare(
    request: Request, actor: ActorDep, body: Annotated[CompareRequest, Body()]
) -> dict[str, Any]:
    """Ask each model the same examples. Changes nothing; the same twice, but for the times."""
    found = await compare_models(site_of(request), actor, body.models, body.dataset)
    return present_comparison(found)

"""Compare models on the same examples, by program."""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel

from etabli.api.costs import present_emissions, present_energy
from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Permission
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations.compare_models import Compared, compare_models

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
    examination = found.examination
    return {
        "dataset": examination.dataset,
        "commit": examination.commit,
        "examples": len(examination.examples),
        "examples_in_all": examination.total,
        "models": [_present(one) for one in found.models],
    }


def _present(one: Compared) -> dict[str, Any]:
    score, low_high, other = one.score, one.score.interval, one.difference
    return {
        "model": score.model,
        "commit": score.commit,
        "size_bytes": score.size_bytes,
        "known_examples": score.known,
        "accuracy": {
            "value": score.accuracy,
            "low": low_high[0],
            "high": low_high[1],
            "level": 0.95,
            "method": "Wilson",
        },
        "answered_share": score.answered_share,
        "answered_right_share": score.answered_right_share,
        "p50_ms": score.p50_ms,
        "p99_ms": score.p99_ms,
        "a_thousand_answers": {
            **present_energy(one.energy),
            **present_emissions(one.emissions),
        },
        "against_the_first": other
        and {
            "gained": other.gained,
            "lost": other.lost,
            "chance": other.chance,
            "method": "McNemar, exact",
        },
    }

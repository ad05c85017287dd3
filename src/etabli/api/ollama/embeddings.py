"""Embeddings, by the encoder of this hub."""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel, Field

from etabli.api.costs import present_cost
from etabli.api.ollama.answering import NS_IN_A_MS
from etabli.api.ollama.errors import present_error
from etabli.api.ollama.names import full_name
from etabli.features.accounts import Permission
from etabli.features.serving import MAX_DIMENSIONS
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations import embeddings

router = make_router(present_error, takes_placeholders=True, prefix="/api", tags=["ollama"])


class EmbedRequest(BaseModel):
    """What an encoder cannot hold of a text is cut, whatever `truncate` says."""

    model: str
    input: str | list[str]
    dimensions: int | None = Field(default=None, ge=1, le=MAX_DIMENSIONS)


@router.post("/embed")
@requires(Permission.PUBLIC)
async def embed(
    request: Request, actor: ActorDep, body: Annotated[EmbedRequest, Body()]
) -> dict[str, Any]:
    """A vector of length one for each text, with what that cost."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    site, wanted = site_of(request), full_name(body.model)
    _, made = await embeddings.embed(site, actor, wanted, texts, dimensions=body.dimensions)
    return {
        "model": body.model,
        "embeddings": made.numbers,
        "total_duration": round(made.cost.latency_ms * NS_IN_A_MS),
        "prompt_eval_count": made.tokens,
        "etabli": {"cost": present_cost(made.cost)},
    }

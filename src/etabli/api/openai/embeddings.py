"""Embeddings, by the encoder of this hub. Source: the `openai` client, resources/embeddings.py."""

import base64
from typing import Annotated, Any, Literal

from fastapi import Body, Request
from pydantic import BaseModel, Field

from etabli.api.costs import present_cost
from etabli.api.openai.errors import present_error
from etabli.features.accounts import Permission
from etabli.features.serving import MAX_DIMENSIONS
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations import embeddings

router = make_router(present_error, takes_placeholders=True, prefix="/v1", tags=["openai"])


class EmbeddingRequest(BaseModel):
    model: str
    input: str | list[str]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(default=None, ge=1, le=MAX_DIMENSIONS)


@router.post("/embeddings")
@requires(Permission.PUBLIC)
async def embed(
    request: Request, actor: ActorDep, body: Annotated[EmbeddingRequest, Body()]
) -> dict[str, Any]:
    """A vector of length one for each text, with what that cost."""
    texts = [body.input] if isinstance(body.input, str) else body.input
    encoder, made = await embeddings.embed(
        site_of(request), actor, body.model, texts, dimensions=body.dimensions
    )
    as_text = body.encoding_format == "base64"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(vector).decode() if as_text else numbers,
        }
        for index, (vector, numbers) in enumerate(zip(made.vectors, made.numbers, strict=True))
    ]
    return {
        "object": "list",
        "data": data,
        "model": encoder.repo,
        "usage": {"prompt_tokens": made.tokens, "total_tokens": made.tokens},
        "etabli": {"cost": present_cost(made.cost)},
    }

"""Embeddings, by the encoder of this hub. Source: the `openai` client, resources/embeddings.py."""

import base64
import struct
from typing import Annotated, Any, Literal

from fastapi import Body, Request
from pydantic import BaseModel, Field

from etabli.api.costs import present_cost
from etabli.api.openai.errors import present_error
from etabli.features.accounts import Permission
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations import embeddings

router = make_router(present_error, takes_placeholders=True, prefix="/v1", tags=["openai"])

FLOAT_BYTES = 4


class WidthError(InvalidInputError):
    def __init__(self, width: int) -> None:
        super().__init__(
            msg(
                "The vectors of this encoder have {width} numbers: leave dimensions out.",
                width=width,
            )
        )


MAX_DIMENSIONS = 65_536
"""More than any encoder has: what is asked for is the width of this one, or refused."""


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
    encoder, made = await embeddings.embed(site_of(request), actor, body.model, texts)
    width = len(made.vectors[0]) // FLOAT_BYTES
    if body.dimensions not in (None, width):
        raise WidthError(width)
    as_text = body.encoding_format == "base64"
    data = [
        {
            "object": "embedding",
            "index": index,
            "embedding": base64.b64encode(vector).decode() if as_text else floats(vector),
        }
        for index, vector in enumerate(made.vectors)
    ]
    return {
        "object": "list",
        "data": data,
        "model": encoder.repo,
        "usage": {"prompt_tokens": made.tokens, "total_tokens": made.tokens},
        "etabli": {"cost": present_cost(made.cost)},
    }


def floats(vector: bytes) -> list[float]:
    return list(struct.unpack(f"<{len(vector) // FLOAT_BYTES}f", vector))

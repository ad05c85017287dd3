"""Inference, as OpenAI's clients speak it: an assistant made here answers as a chat model would.

Owns: that API's addresses, its JSON, its errors and its streams.
May use: the hub and the features' nouns and errors.
Source: the `openai` client; `tests/clients/test_openai.py` runs it against this door.
"""

from fastapi import APIRouter

from etabli.api.openai import chat, embeddings, responses
from etabli.api.openai.errors import present_error

router = APIRouter()
for part in (chat, responses, embeddings):
    router.include_router(part.router)

__all__ = ["present_error", "router"]

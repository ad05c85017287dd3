"""Inference, as Ollama's clients speak it: an assistant made here answers as a local model would.

Owns: that API's addresses, its JSON, its errors and its streams.
May use: the hub and the features' nouns and errors.
Source: the `ollama` client; `tests/clients/test_ollama.py` runs it against this door.
"""

from fastapi import APIRouter

from etabli.api.ollama import answering, embeddings, models
from etabli.api.ollama.errors import present_error

router = APIRouter()
for part in (answering, embeddings, models):
    router.include_router(part.router)

__all__ = ["present_error", "router"]

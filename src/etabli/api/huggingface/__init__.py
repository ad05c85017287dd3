"""The Hugging Face Hub API, as `huggingface_hub`, `datasets` and `transformers` speak it.

Owns: that API's addresses, its JSON and its error headers.
May use: the hub and the features' nouns and errors.
Source: the clients themselves; `tests/clients` runs them against this door.
"""

from fastapi import APIRouter

from etabli.api.huggingface import accounts
from etabli.api.huggingface.errors import present_error

router = APIRouter()
router.include_router(accounts.router)

__all__ = ["present_error", "router"]

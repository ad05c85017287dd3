"""Our own API, for what no other protocol has: answers with all that they cost, and the makings.

Owns: its addresses, its JSON and its errors, and `/run`, whose JSON is Hugging Face's.
May use: the hub and the features' nouns and errors.
"""

from fastapi import APIRouter

from etabli.api.etabli import (
    account,
    agents,
    asking,
    assistant,
    comparing,
    describing,
    making,
    sorting,
    tokens,
)
from etabli.api.etabli.errors import present_error

router = APIRouter()
router.include_router(describing.router)
router.include_router(account.router)
router.include_router(tokens.router)
router.include_router(agents.router)
router.include_router(asking.router)
router.include_router(assistant.router)
router.include_router(comparing.router)
router.include_router(making.router)
router.include_router(sorting.router)

__all__ = ["present_error", "router"]

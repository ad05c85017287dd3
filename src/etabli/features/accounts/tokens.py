"""An access token: its secret, and what may bound it."""

import hashlib
import secrets
import string
from dataclasses import dataclass

from etabli.features.accounts.budgets import MAX_MODELS_NAMED, TokenLimits
from etabli.features.accounts.errors import (
    BadBudgetError,
    BadLifetimeError,
    LimitsNeedAskError,
    TooManyModelsNamedError,
)
from etabli.features.accounts.models import Token
from etabli.features.accounts.permissions import TokenRole

MIN_TOKEN_LENGTH = 16
TOKEN_LETTERS = 37
"""After `hf_`: each is one of 62, so nearly 6 bits."""
_TOKEN_LETTERS = string.ascii_letters + string.digits
MAX_TOKEN_DAYS = 3_650
NO_LIMITS = TokenLimits()


@dataclass(frozen=True)
class IssuedToken:
    """A new access token. `secret` can be read here and never again."""

    token: Token
    secret: str


def check_bounds(role: TokenRole, limits: TokenLimits, days: int | None) -> None:
    """
    Raises:
        LimitsNeedAskError, BadBudgetError, TooManyModelsNamedError, BadLifetimeError: a new token
            cannot be bounded so.
    """
    if not limits.is_none and role is not TokenRole.ASK:
        raise LimitsNeedAskError
    if not limits.is_possible:
        raise BadBudgetError
    if len(limits.only) > MAX_MODELS_NAMED:
        raise TooManyModelsNamedError
    if days is not None and not 1 <= days <= MAX_TOKEN_DAYS:
        raise BadLifetimeError(MAX_TOKEN_DAYS)


def new_token_secret() -> str:
    """A secret for an access token, of 220 random bits.

    Source: llama.cpp takes `hf_` and at least 34 letters or digits for one, and no `-` or `_`.
    """
    letters = (secrets.choice(_TOKEN_LETTERS) for _ in range(TOKEN_LETTERS))
    return "hf_" + "".join(letters)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

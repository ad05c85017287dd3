"""Accounts: who is asking, and what they may do.

Owns: users, organizations and their members, tokens, sessions; the one function that decides.
May use: the foundation.
Words: an *actor* is whoever makes a request, signed in or not; a *namespace* is the first half of a
repository's full name, a user's or an organization's name; a *resource* is what an actor acts on;
a *scope* is what a credential may be used for, and a token's *role* a set of them that has a name.
"""

from etabli.features.accounts.budgets import Allowance, Asked, Meter, Spent, TokenLimits
from etabli.features.accounts.errors import (
    BadBudgetError,
    BadCredentialsError,
    BadLifetimeError,
    BudgetUsedUpError,
    InvalidNameError,
    InvalidTokenError,
    LimitsNeedAskError,
    NamespaceNotFoundError,
    NameTakenError,
    NotAllowedError,
    SetupClosedError,
    SignInNeededError,
    TooManyAttemptsError,
    TooManyModelsNamedError,
    WeakPasswordError,
)
from etabli.features.accounts.login import BrowserSessions
from etabli.features.accounts.metering import Metering, UsageKey, require_left
from etabli.features.accounts.models import (
    RESERVED,
    Namespace,
    NamespaceKind,
    Token,
    TokenUsage,
    is_valid_name,
)
from etabli.features.accounts.passwords import hash_password
from etabli.features.accounts.permissions import (
    ANONYMOUS,
    Actor,
    Permission,
    Resource,
    Role,
    Scope,
    TokenRole,
    can,
)
from etabli.features.accounts.service import Accounts
from etabli.features.accounts.tokens import MAX_TOKEN_DAYS, MIN_TOKEN_LENGTH, IssuedToken, digest

__all__ = [
    "ANONYMOUS",
    "MAX_TOKEN_DAYS",
    "MIN_TOKEN_LENGTH",
    "RESERVED",
    "Accounts",
    "Actor",
    "Allowance",
    "Asked",
    "BadBudgetError",
    "BadCredentialsError",
    "BadLifetimeError",
    "BrowserSessions",
    "BudgetUsedUpError",
    "InvalidNameError",
    "InvalidTokenError",
    "IssuedToken",
    "LimitsNeedAskError",
    "Meter",
    "Metering",
    "NameTakenError",
    "Namespace",
    "NamespaceKind",
    "NamespaceNotFoundError",
    "NotAllowedError",
    "Permission",
    "Resource",
    "Role",
    "Scope",
    "SetupClosedError",
    "SignInNeededError",
    "Spent",
    "Token",
    "TokenLimits",
    "TokenRole",
    "TokenUsage",
    "TooManyAttemptsError",
    "TooManyModelsNamedError",
    "UsageKey",
    "WeakPasswordError",
    "can",
    "digest",
    "hash_password",
    "is_valid_name",
    "require_left",
]

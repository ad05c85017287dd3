"""Accounts: who is asking, and what they may do.

Owns: users, organizations and their members, tokens, sessions; the one function that decides.
May use: the foundation.
Words: an *actor* is whoever makes a request, signed in or not; a *namespace* is the first half of a
repository's full name, a user's or an organization's name; a *resource* is what an actor acts on;
a *scope* is what a credential may be used for, and a token's *role* a set of them that has a name.
"""

from etabli.features.accounts.errors import (
    BadCredentialsError,
    InvalidNameError,
    InvalidTokenError,
    NamespaceNotFoundError,
    NameTakenError,
    NotAllowedError,
    SetupClosedError,
    SignInNeededError,
    TooManyAttemptsError,
    WeakPasswordError,
)
from etabli.features.accounts.login import BrowserSessions
from etabli.features.accounts.models import (
    RESERVED,
    Namespace,
    NamespaceKind,
    Token,
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
from etabli.features.accounts.service import MIN_TOKEN_LENGTH, Accounts, IssuedToken, digest

__all__ = [
    "ANONYMOUS",
    "MIN_TOKEN_LENGTH",
    "RESERVED",
    "Accounts",
    "Actor",
    "BadCredentialsError",
    "BrowserSessions",
    "InvalidNameError",
    "InvalidTokenError",
    "IssuedToken",
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
    "Token",
    "TokenRole",
    "TooManyAttemptsError",
    "WeakPasswordError",
    "can",
    "digest",
    "hash_password",
    "is_valid_name",
]

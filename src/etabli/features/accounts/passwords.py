"""Passwords: how they are kept, and whether one is right. Both take long, on purpose."""

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from etabli.features.accounts.errors import WeakPasswordError

MIN_PASSWORD_LENGTH = 8
_hasher = PasswordHasher(memory_cost=19_456, time_cost=2, parallelism=1)  # OWASP's first choice
# Verified against when the name is unknown, so that the answer takes as long either way.
_NOBODYS_HASH = _hasher.hash(secrets.token_urlsafe(16))


def hash_password(password: str) -> str:
    """
    Raises:
        WeakPasswordError: the password is too short.
    """
    if len(password) < MIN_PASSWORD_LENGTH:
        raise WeakPasswordError(MIN_PASSWORD_LENGTH)
    return _hasher.hash(password)


def is_right(password: str, known_hash: str | None) -> bool:
    """Whether it is the password of that hash; of no hash, none is, which takes as long to say."""
    try:
        _hasher.verify(known_hash or _NOBODYS_HASH, password)
    except VerifyMismatchError:
        return False
    return known_hash is not None

"""The form of a new access token, read: text as a person typed it, in either language."""

import re
from collections.abc import Mapping

from etabli.features.accounts import MAX_TOKEN_DAYS, BadBudgetError, BadLifetimeError, TokenRole
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.operations.access_tokens import TokenWish

_SPACES = re.compile(r"[\s\u00a0\u202f]+")


class UnnamedTokenError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("Say what the token is for."))


def token_wish(typed: Mapping[str, str]) -> TokenWish:
    """
    Raises:
        UnnamedTokenError, BadBudgetError, BadLifetimeError: a field is not as it should be.
    """
    name, role = typed["name"].strip()[:100], typed["role"]
    if not name:
        raise UnnamedTokenError
    wh = _SPACES.sub("", typed["wh_a_day"]).replace(",", ".")
    if wh and not re.fullmatch(r"\d{1,9}(\.\d{1,9})?|\.\d{1,9}", wh):
        raise BadBudgetError
    questions = _whole(typed["questions_a_day"], BadBudgetError())
    return TokenWish(
        name=name,
        role=TokenRole(role) if role in list(TokenRole) else TokenRole.READ,
        only=typed["only"].replace(",", " ").split(),
        questions_a_day=questions,
        wh_a_day=float(wh) if wh else None,
        days=_whole(typed["days"], BadLifetimeError(MAX_TOKEN_DAYS)),
    )


def _whole(text: str, error: InvalidInputError) -> int | None:
    """`1 000` is a thousand; nothing is no bound."""
    digits = _SPACES.sub("", text)
    if not digits:
        return None
    if not re.fullmatch(r"[0-9]{1,12}", digits):
        raise error
    return int(digits)

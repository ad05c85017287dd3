"""README.md, whichever way it comes: what cannot be read as a card is refused at the door.

One that was here before stays: only a change of it is looked at.
"""

import json

from etabli.features.cards import check
from etabli.features.repos.errors import BadCardError

CARD = "README.md"
MAX_CARD_BYTES = 1_000_000
"""A README.md over this is a file like others: nobody reads it as a card."""
DEFAULT_SDK = "static"


def first_space_card(name: str, sdk: str) -> str:
    """Source: what clients read of a space's card: `sdk`, and a `title` to show."""
    return f"---\ntitle: {json.dumps(name)}\nsdk: {sdk}\n---\n\n# {name}\n"


def require_card(content: bytes | None) -> None:
    """
    Args:
        content: what README.md becomes; None: it does not change, or goes.

    Raises:
        BadCardError: its metadata has an error, by the rules that clients can ask beforehand,
            but for those of licences: what other hubs took is taken.
    """
    if content is not None and len(content) > MAX_CARD_BYTES:
        return
    try:
        text = (content or b"").decode()
    except UnicodeDecodeError:
        return  # no text, and so no card
    problems = check(text)
    if problems.errors:
        raise BadCardError(problems.errors[0])

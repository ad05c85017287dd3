"""Letters as people type them who are in a hurry: without accents."""

import unicodedata

WRITTEN_OUT = {"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"}
"""What Unicode does not take apart."""


def without_accents(text: str) -> str:
    """Of a text in lower case."""
    if text.isascii():
        return text
    parts = unicodedata.normalize("NFKD", "".join(WRITTEN_OUT.get(one, one) for one in text))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))

"""What may go into the headers of an answer, and what is made of the rest."""

import re
from collections.abc import Iterable

MAX_HEADER_TEXT_CHARACTERS = 1000
"""Of a sentence in a header; proxies take a few thousand bytes of headers in all."""

RawHeader = tuple[bytes, bytes]

_PLAIN = str.maketrans({"“": '"', "”": '"', "’": "'", "→": "->", "…": "..."})
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


def latin_quotes(text: str) -> str:
    """The same text with the quotes and dashes of a typewriter, which a header has."""
    return text.translate(_PLAIN)


def header_text(text: str) -> str:
    """A sentence as one line that every client reads in a header: Latin-1, no control character."""
    one_line = " ".join(_CONTROL.sub(" ", text.translate(_PLAIN)).split())
    return one_line[:MAX_HEADER_TEXT_CHARACTERS].encode("latin-1", "replace").decode("latin-1")


def harmless(headers: Iterable[RawHeader]) -> list[RawHeader]:
    """The same headers, each forbidden byte of a value as a space: the last wall before the wire.

    Whatever else is forgotten, nothing that a client sent ends a header, begins another, or makes
    the server cut the connection. Source: RFC 9110, section 5.5.
    """
    return [(name, _FORBIDDEN.sub(b" ", value)) for name, value in headers]

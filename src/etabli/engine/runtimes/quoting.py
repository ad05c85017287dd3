"""Which part of a passage to quote: the sentences that the question asks for, letter by letter."""

import re
from collections.abc import Callable, Mapping, Sequence

SHORT_CHARACTERS = 320
"""A passage up to here is quoted whole; of a longer one, sentences up to about so much."""
MAX_SENTENCES = 3
LENGTH_COST = 0.15
"""What a further sentence must add, as a share of what is there: else the quote stays short."""
_END = re.compile(r"(?<=[.!?…])[»”\"')\]]*\s+|\n\s*\n|\n(?=\s*(?:[-*•|#>]|\d+[.)]\s))")

Span = tuple[int, int]


def sentences(text: str) -> list[Span]:
    """Where each begins and ends, without the spaces between them."""
    spans: list[Span] = []
    start = 0
    for end in [*(found.span() for found in _END.finditer(text)), (len(text), len(text))]:
        piece = text[start : end[0]]
        begin = start + len(piece) - len(piece.lstrip())
        if piece.strip():
            spans.append((begin, begin + len(piece.strip())))
        start = end[1]
    return spans


def quote(text: str, wanted: Mapping[str, float], terms_of: Callable[[str], Sequence[str]]) -> Span:
    """The best run of sentences, by the weight of the question's words that it holds."""
    stripped = (len(text) - len(text.lstrip()), len(text.rstrip()))
    if stripped[1] - stripped[0] <= SHORT_CHARACTERS:
        return stripped
    spans = sentences(text)
    found = [{term for term in terms_of(text[a:b]) if term in wanted} for a, b in spans]
    best, best_score = (spans[0][0], spans[0][1]), -1.0
    for first in range(len(spans)):
        held: set[str] = set()
        for last in range(first, min(first + MAX_SENTENCES, len(spans))):
            length = spans[last][1] - spans[first][0]
            if last > first and length > SHORT_CHARACTERS:
                break
            held |= found[last]
            score = sum(wanted[term] for term in held) * (1 - LENGTH_COST * (last - first))
            if score > best_score:
                best, best_score = (spans[first][0], spans[last][1]), score
    return best

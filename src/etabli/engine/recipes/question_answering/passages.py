"""Documents cut into passages: never over a heading or a page, and about as long as a paragraph."""

import re
from collections.abc import Iterator, Sequence

from etabli.engine.documents import Document, Section
from etabli.engine.runtimes.quoting import sentences
from etabli.engine.runtimes.retriever import StoredPassage

TARGET_CHARACTERS = 700
LONGEST_CHARACTERS = 1_400
_BLANK = re.compile(r"\n[ \t]*\n\s*")


def passages_of(documents: Sequence[Document]) -> list[StoredPassage]:
    return [
        StoredPassage(section.text[start:end], document.name, section.headings, section.page)
        for document in documents
        for section in document.sections
        for start, end in cut(section)
    ]


def cut(section: Section) -> Iterator[tuple[int, int]]:
    """Paragraphs together up to the target; one that is too long alone, sentence by sentence."""
    start = end = 0
    for begin, finish in _pieces(section.text):
        if end > start and finish - start > TARGET_CHARACTERS:
            yield start, end
            start = end = begin
        if end == start:
            start = begin
        end = finish
    if end > start:
        yield start, end


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    for start, end in _paragraphs(text):
        if end - start <= LONGEST_CHARACTERS:
            yield start, end
            continue
        for first, last in sentences(text[start:end]):
            yield from _chopped(start + first, start + last)


def _chopped(start: int, end: int) -> Iterator[tuple[int, int]]:
    """What has no end of a sentence in so many letters is no prose: it is cut where it falls."""
    for at in range(start, end, LONGEST_CHARACTERS):
        yield at, min(at + LONGEST_CHARACTERS, end)


def _paragraphs(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for start_of_gap, end_of_gap in [*(gap.span() for gap in _BLANK.finditer(text)),
                                     (len(text), len(text))]:  # fmt: skip
        piece = text[start:start_of_gap]
        if piece.strip():
            begin = start + len(piece) - len(piece.lstrip())
            yield begin, begin + len(piece.strip())
        start = end_of_gap

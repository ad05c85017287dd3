"""Markdown as it is written, marks and all: a quote of it is found in the file letter by letter."""

import re

from etabli.engine.documents.document import Section
from etabli.engine.documents.text import decode

FRONT_MATTER = re.compile(r"\A---\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
FENCE = re.compile(r"^ {0,3}(```|~~~)")
HEADING = re.compile(r"^ {0,3}(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*$")
UNDERLINE = re.compile(r"^ {0,3}(=+|-+)[ \t]*$")


def read(content: bytes) -> list[Section]:
    """A section under each heading, without the line of the heading itself."""
    text = decode(content)
    front = FRONT_MATTER.match(text)
    headings: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    sections: list[Section] = []
    lines: list[str] = []
    is_code = False
    for line in text[front.end() if front else 0 :].split("\n"):
        is_code ^= bool(FENCE.match(line))
        found = None if is_code else _heading(line, lines)
        if found is None:
            lines.append(line)
            continue
        level, title = found
        _keep(sections, lines, headings)
        outer = sum(one < level for one in levels)
        headings, levels = (*headings[:outer], title), (*levels[:outer], level)
        lines = []
    _keep(sections, lines, headings)
    return sections


def _heading(line: str, before: list[str]) -> tuple[int, str] | None:
    """Level and words; an underlined heading takes its line back from those before."""
    found = HEADING.match(line)
    if found:
        return len(found[1]), plain(found[2])
    is_alone = before and before[-1].strip() and (len(before) < 2 or not before[-2].strip())
    under = UNDERLINE.match(line)
    if under and is_alone and not before[-1].lstrip().startswith(("|", "-", ">", "*")):
        return (1 if under[1].startswith("=") else 2), plain(before.pop().strip())
    return None


def plain(title: str) -> str:
    """A heading without the marks of emphasis, code and links: it is a name, and no quote."""
    return re.sub(r"[*`]|\[([^\]]*)\]\([^)]*\)", r"\1", title).strip()


def _keep(sections: list[Section], lines: list[str], headings: tuple[str, ...]) -> None:
    text = "\n".join(lines)
    if text.strip():
        sections.append(Section(text, headings))

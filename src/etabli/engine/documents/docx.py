"""The text of a Word document: its paragraphs, under its headings. Macros are left where they are.

Source: ECMA-376, Office Open XML, part 1: WordprocessingML.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from etabli.engine.documents.document import Section, UnreadError, Why

MAX_PART_BYTES = 200_000_000
"""Of one part, unpacked and counted while it is: what an archive says of its sizes may be a lie."""
BLOCK_BYTES = 1 << 20
BODY, STYLES = "word/document.xml", "word/styles.xml"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main "
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main "
HEADING = re.compile(r"(?:heading|titre|überschrift|título) ?([1-9])$", re.IGNORECASE)


def read(content: bytes, name: str) -> list[Section]:
    """
    Raises:
        UnreadError: it is damaged, protected or too large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            styles = _Styles()
            if STYLES in archive.namelist():
                _parse(archive, STYLES, styles, name)
            body = _Body(styles.levels)
            _parse(archive, BODY, body, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, NotImplementedError,
            expat.ExpatError) as error:  # fmt: skip
        raise UnreadError(name, Why.DAMAGED) from error
    except RuntimeError as error:  # a member that is encrypted
        raise UnreadError(name, Why.PROTECTED) from error
    return body.finished()


def _parse(archive: zipfile.ZipFile, part: str, reader: "_Part", name: str) -> None:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    # What Word writes declares no type: entities that swell are for bombs alone.
    parser.StartDoctypeDeclHandler = reader.refuse_type
    left_bytes = MAX_PART_BYTES
    with archive.open(part) as packed:
        while block := packed.read(BLOCK_BYTES):
            left_bytes -= len(block)
            if left_bytes < 0:
                raise UnreadError(name, Why.TOO_LARGE)
            parser.Parse(block, False)
    parser.Parse(b"", True)


class _Part:
    def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...

    def end(self, tag: str) -> None: ...

    def data(self, text: str) -> None: ...

    def refuse_type(self, *declared: Any) -> None:
        raise expat.ExpatError("a document type")


def _local(tag: str) -> str:
    """Empty for what is not of a text."""
    for space in (WORD, STRICT):
        if tag.startswith(space):
            return tag[len(space) :]
    return ""


def _value(attributes: Mapping[str, str], name: str = "val") -> str:
    return attributes.get(WORD + name) or attributes.get(STRICT + name) or ""


class _Styles(_Part):
    """Which styles are of headings, and of what level: their names are in the writer's language."""

    def __init__(self) -> None:
        self.levels: dict[str, int] = {}
        self._style = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        match _local(tag):
            case "style":
                self._style = _value(attributes, "styleId")
            case "name":
                self._note(HEADING.match(_value(attributes)))
            case "outlineLvl" if _value(attributes).isdigit():
                self.levels.setdefault(self._style, int(_value(attributes)) + 1)

    def _note(self, found: re.Match[str] | None) -> None:
        if found and self._style:
            self.levels[self._style] = int(found[1])


class _Body(_Part):
    def __init__(self, levels: Mapping[str, int]) -> None:
        self._style_levels = levels
        self._sections: list[Section] = []
        self._paragraphs: list[str] = []
        self._pieces: list[str] = []
        self._cells: list[str] = []
        self._cell: list[str] = []
        self._headings: tuple[str, ...] = ()
        self._levels: tuple[int, ...] = ()
        self._level = 0
        self._tables = 0
        self._is_text = False

    def finished(self) -> list[Section]:
        self._end_section()
        return self._sections

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        match _local(tag):
            case "p":
                self._pieces, self._level = [], 0
            case "pStyle":
                style = _value(attributes)
                named = HEADING.match(style)
                fallback = int(named[1]) if named else 0
                self._level = self._style_levels.get(style, fallback)
            case "t":
                self._is_text = True
            case "tab":
                self._pieces.append("\t")
            case "br" | "cr":
                self._pieces.append("\n")
            case "tbl":
                self._tables += 1
            case "tr":
                self._cells = []
            case "tc":
                self._cell = []

    def end(self, tag: str) -> None:
        match _local(tag):
            case "t":
                self._is_text = False
            case "p":
                self._end_paragraph()
            case "tc":
                self._cells.append(" ".join(self._cell))
            case "tr":
                self._add("\t".join(self._cells).strip())
                self._cells = []
            case "tbl":
                self._tables = max(0, self._tables - 1)

    def data(self, text: str) -> None:
        if self._is_text:
            self._pieces.append(text)

    def _end_paragraph(self) -> None:
        text = "".join(self._pieces).strip()
        self._pieces = []
        if not text:
            return
        if self._tables:
            self._cell.append(text)
        elif self._level:
            self._end_section()
            outer = sum(one < self._level for one in self._levels)
            self._headings = (*self._headings[:outer], " ".join(text.split()))
            self._levels = (*self._levels[:outer], self._level)
        else:
            self._add(text)

    def _add(self, text: str) -> None:
        if text:
            self._paragraphs.append(text)

    def _end_section(self) -> None:
        if self._paragraphs:
            self._sections.append(Section("\n\n".join(self._paragraphs), self._headings))
            self._paragraphs = []

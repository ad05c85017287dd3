"""The text of a page as it is read: no program, no style, no menu."""

import re
from html.parser import HTMLParser

from etabli.engine.documents.document import Section
from etabli.engine.documents.text import decode

SILENT = frozenset({"script", "style", "template", "noscript", "svg", "nav", "textarea", "select"})
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = frozenset(
    """address article aside blockquote dd details dialog div dl dt fieldset figcaption figure
    footer form header hr li main ol p pre section summary table tbody thead tr ul""".split()  # noqa: SIM905
)
SPACES = re.compile(r"\s+")


def read(content: bytes) -> list[Section]:
    reader = _Reader()
    reader.feed(decode(content))
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    """Paragraphs under their headings; a cell of a table is kept apart by a tabulator."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._sections: list[Section] = []
        self._paragraphs: list[str] = []
        self._pieces: list[str] = []
        self._headings: tuple[str, ...] = ()
        self._levels: tuple[int, ...] = ()
        self._silent = 0
        self._is_title = False

    def finished(self) -> list[Section]:
        self._end_section()
        return self._sections

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent += 1
        elif tag == "title":
            self._is_title = True
        elif tag in HEADINGS or tag in BLOCKS:
            self._end_paragraph()
            if tag in HEADINGS:
                self._end_section()
        elif tag == "br":
            self._pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag == "title":
            self._is_title = False
        elif tag in HEADINGS:
            self._begin_heading(HEADINGS[tag])
        elif tag in ("td", "th"):
            self._pieces.append("\t")
        elif tag in BLOCKS:
            self._end_paragraph()

    def handle_data(self, data: str) -> None:
        if not self._silent and not self._is_title:
            self._pieces.append(SPACES.sub(" ", data))

    def _text(self) -> str:
        text = "".join(self._pieces)
        self._pieces = []
        return re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text)).strip()

    def _end_paragraph(self) -> None:
        text = self._text()
        if text:
            self._paragraphs.append(text)

    def _begin_heading(self, level: int) -> None:
        title = SPACES.sub(" ", self._text())
        if title:
            outer = sum(one < level for one in self._levels)
            self._headings = (*self._headings[:outer], title)
            self._levels = (*self._levels[:outer], level)

    def _end_section(self) -> None:
        self._end_paragraph()
        if self._paragraphs:
            self._sections.append(Section("\n\n".join(self._paragraphs), self._headings))
            self._paragraphs = []

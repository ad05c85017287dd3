"""Markdown that strangers wrote, made into HTML that cannot harm the reader.

Two walls: this module lets through a short list of tags and attributes, and the Content Security
Policy of every page refuses what would be left. Images come from this hub only, since one fetched
from elsewhere would tell its owner who reads.

What is made of a text is kept in memory, by the text itself and how it is to be shown. What it
takes to make grows with the length of the text, which is bounded, and with the square of how deeply
its own HTML is nested, which is bounded too.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from etabli.foundation.lru import LruCache, digest_of
from etabli.pools import LONG_READS

MAX_CHARS = 200_000
"""Of one text: the rest is left out, and the page says so where `is_cut`."""
MAX_HTML_DEPTH = 500
"""Of a text's own HTML: with more, its tags are shown as text. Browsers stop at 512."""
KEPT_BYTES = 32_000_000
"""The HTML that is kept in memory, of all texts together."""

_FRONT_MATTER = re.compile(
    r"\A\ufeff?---[ \t]*\r?\n(.*?\r?\n)??(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.S
)
_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.I)
_HEADING = re.compile(r"(</?h)([1-6])(?=[ >])")
_IMAGE = re.compile(r"<img\b[^<>]*>")
_DESCRIPTION = re.compile(r' alt="([^"<>]*)"')
_NOT_A_WORD = re.compile(r"[^\w-]+")
_ANCHOR = "card-"
_IN_PLACE = "#"

_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "caption", "code", "dd", "del", "details", "div", "dl",
    "dt", "em", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img",
    "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strong",
    "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul", "var",
}  # fmt: skip
_FORGOTTEN = {"script", "style", "iframe", "object", "embed", "noscript", "template", "svg", "math"}
_NEVER_HOLD_MUCH = {
    "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link", "meta",
    "p", "source", "tbody", "td", "tfoot", "th", "thead", "tr", "track", "wbr",
}  # fmt: skip
"""What holds nothing, or ends where the next of its kind begins, whether it is closed or not."""
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "details": {"open"},
    **{heading: {"id"} for heading in _HEADINGS},
    **{tag: {"lang"} for tag in ("p", "span", "div", "blockquote", "q")},
}


@dataclass(frozen=True)
class Markdown:
    """A text, and how it is to be shown."""

    text: str
    files: str = ""
    """The address that relative images are taken from, with its last slash; without one, relative
    images are left out."""
    pages: str = ""
    """The address that relative links are taken from, with its last slash."""
    anchors: bool = True
    """Whether one can link to its headings; no for what a page shows several of."""

    @property
    def key(self) -> bytes:
        return digest_of(self.text, self.files, self.pages, str(self.anchors))


def markdown_to_html(
    text: str, *, files: str = "", pages: str = "", anchors: bool = True
) -> Markup:
    """The HTML of a card: safe, without its front matter, its headings under the page's own.

    A text at the bound takes a second or more where it is not kept: see `html_of` for large ones.

    Args:
        files, pages, anchors: see `Markdown`.
    """
    return made_html(Markdown(text, files, pages, anchors))


def kept_html(markdown: Markdown) -> Markup | None:
    """The HTML of a text that was shown not long ago."""
    return _kept.find(markdown.key)


async def html_of(markdown: Markdown) -> Markup:
    """The same as `markdown_to_html`, made in no thread of a request, and once for all who wait.

    Raises:
        BusyError: too many others wait for what takes long.
    """
    html = kept_html(markdown)
    if html is None:
        html = await LONG_READS.run_once(markdown.key, lambda: made_html(markdown))
    return html


def is_cut(text: str) -> bool:
    """Whether only the beginning of this text is shown."""
    return len(without_front_matter(text)) > MAX_CHARS


def made_html(markdown: Markdown) -> Markup:
    """The HTML of a text that is kept, or made now."""
    key = markdown.key
    html = _kept.find(key)
    if html is None:
        html = _render(markdown)
        _kept.keep(key, html, sys.getsizeof(html))
    return html


def _render(markdown: Markdown) -> Markup:
    text = _shown(markdown.text)
    html = _parser().render(text)
    if _is_deep(html):
        html = _parser(with_html=False).render(text)
    clean = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags=_FORGOTTEN,
        attributes=_ATTRIBUTES,
        attribute_filter=_address_filter(markdown.files, markdown.pages, anchors=markdown.anchors),
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
        set_tag_attribute_values={
            "pre": {"tabindex": "0"},
            "table": {"tabindex": "0"},
            "img": {"loading": "lazy"},
        },
        strip_comments=True,
    )
    return Markup(_under_the_page_title(_only_its_words(clean)))  # noqa: S704 - nh3 has just cleaned it


def _shown(text: str) -> str:
    """The text without its front matter, up to the last line that is within the bound."""
    body = without_front_matter(text)
    if len(body) <= MAX_CHARS:
        return body
    end = body.rfind("\n", 0, MAX_CHARS)
    return body[: end if end > 0 else MAX_CHARS]


def without_front_matter(text: str) -> str:
    """The text after the YAML between `---` lines that a card may begin with."""
    return _FRONT_MATTER.sub("", text, count=1)


def _is_deep(html: str) -> bool:
    """Whether its elements are nested more than `MAX_HTML_DEPTH`, as far as tags tell."""
    open_tags, depth = Counter[str](), 0
    for closes, written in _TAG.findall(html):
        tag = written.lower()
        if tag in _NEVER_HOLD_MUCH:
            continue
        if not closes:
            open_tags[tag] += 1
            depth += 1
        elif open_tags[tag]:
            open_tags[tag] -= 1
            depth -= 1
        if depth > MAX_HTML_DEPTH:
            return True
    return False


@cache
def _parser(*, with_html: bool = True) -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": with_html}).enable(["table", "strikethrough"])
    parser.core.ruler.push("anchors", lambda state: _name_headings(state.tokens))
    return parser


def _name_headings(tokens: list[Token]) -> None:
    """Give each heading an anchor, under a prefix that no part of our pages uses."""
    seen: dict[str, int] = {}
    for opening, content in pairwise(tokens):
        if opening.type != "heading_open":
            continue
        slug = _NOT_A_WORD.sub("-", content.content.lower()).strip("-") or "section"
        seen[slug] = seen.get(slug, 0) + 1
        suffix = f"-{seen[slug] - 1}" if seen[slug] > 1 else ""
        opening.attrSet("id", f"{_ANCHOR}{slug}{suffix}")


def _address_filter(
    files: str, pages: str, *, anchors: bool
) -> Callable[[str, str, str], str | None]:
    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute == "src":
            return _from_here(value, files)
        if attribute == "href":
            return _link(value, pages)
        if attribute == "id":
            return value if anchors and value.startswith(_ANCHOR) else None
        return value

    return keep


def _from_here(address: str, base: str) -> str | None:
    """The address of an image of this hub, or None for any other."""
    address = address.strip()
    if _leaves(address) or not address:
        return None
    return address if address.startswith("/") else _joined(base, address)


def _link(address: str, base: str) -> str | None:
    address = address.strip()
    if address.startswith(_IN_PLACE):
        return _IN_PLACE + _ANCHOR + address.removeprefix(_IN_PLACE)
    if _leaves(address) or address.startswith("/"):
        return address
    return _joined(base, address)


def _leaves(address: str) -> bool:
    """Whether a browser may read in this address another site than ours."""
    if "\\" in address or address.startswith("//"):
        return True
    try:
        parts = urlsplit(address)
    except ValueError:
        return True
    return bool(parts.scheme or parts.netloc)


def _joined(base: str, address: str) -> str | None:
    if not base or ".." in address.split("/"):
        return None
    return base + address.removeprefix("./")


def _only_its_words(html: str) -> str:
    """In place of an image that was refused, the words that describe it.

    nh3 writes no bare `<`, `>` or `"` inside an attribute, so the words stay escaped.
    """
    return _IMAGE.sub(lambda found: found[0] if ' src="' in found[0] else _words_of(found[0]), html)


def _words_of(image: str) -> str:
    found = _DESCRIPTION.search(image)
    return found[1] if found else ""


def _under_the_page_title(html: str) -> str:
    """Headings numbered from h2 down without a gap; the page's own title is its only h1.

    Only digits change, so nothing that nh3 refused can come back.
    """
    above: list[int] = []
    shown = 2

    def renumber(found: re.Match[str]) -> str:
        nonlocal shown
        start, level = found[1], int(found[2])
        if not start.startswith("</"):
            while above and above[-1] >= level:
                above.pop()
            above.append(level)
            shown = min(6, 1 + len(above))
        return f"{start}{shown}"

    return _HEADING.sub(renumber, html)


_kept: LruCache[bytes, Markup] = LruCache(KEPT_BYTES)

"""What strangers write on their cards cannot harm whoever reads them."""

import asyncio
import re
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from etabli.foundation.lru import LruCache
from etabli.web.kit import markdown
from etabli.web.kit.markdown import (
    MAX_CHARS,
    Markdown,
    html_of,
    is_cut,
    kept_html,
    markdown_to_html,
    without_front_matter,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script\x00>alert(1)</script>",
    "<script/x>alert(1)</script>",
    "<script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src=x onerror\n=alert(1)>",
    "<img/src='x'/onerror=alert(1)>",
    '<img src="javascript:alert(1)">',
    "<img src=//evil.example/pixel.png>",
    "![pixel](https://evil.example/pixel.png)",
    "![pixel](//evil.example/pixel.png)",
    "![pixel](\\\\evil.example/pixel.png)",
    "![pixel](data:image/svg+xml;base64,PHN2Zz4=)",
    "![pixel](/\\evil.example/pixel.png)",
    "<img srcset='https://evil.example/pixel.png 1x'>",
    "<svg onload=alert(1)></svg>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style>"
    "<img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=evil.swf></object>",
    "<embed src=evil.swf>",
    "<base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<style>body { display: none }</style>",
    "<p style='position:fixed;inset:0'>over all</p>",
    "<div class='mast' id='main'>looks like ours</div>",
    "<form action=https://evil.example><input name=password><button>Go</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<textarea></textarea><select><option>x</select>",
    "<button formaction=javascript:alert(1)>x</button>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#10;script:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='vbscript:x'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href=# onclick=alert(1)>x</a>",
    "<a href='https://evil.example' target=_blank rel=opener>x</a>",
    "<a name=location id=getElementById>clobber</a>",
    "<details ontoggle=alert(1) open>x</details>",
    "<video src=x onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<body onload=alert(1)>",
    "<h1 id=main>not ours</h1>",
    "<table background=javascript:alert(1)><tr><td>x</table>",
    '<p title="<pre><script>alert(1)</script>">x</p>',
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<?php echo 1 ?><![CDATA[<script>alert(1)</script>]]>",
    "<template><script>alert(1)</script></template>",
    "`<script>alert(1)</script>`",
    "```html\n<script>alert(1)</script>\n```",
    "---\nlicense: mit\n---\n<script>alert(1)</script>",
]

REFUSED_TAGS = {
    "audio", "base", "body", "button", "embed", "form", "iframe", "input", "link", "math", "meta",
    "noscript", "object", "option", "script", "select", "style", "svg", "template", "textarea",
    "video", "h1",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_comes_through(text: str) -> None:
    html = markdown_to_html(text, files="/alice/bert/resolve/main/", pages="/alice/bert/blob/main/")

    for tag, attributes in Reader(html).tags:
        assert tag not in REFUSED_TAGS
        assert not any(name.startswith("on") for name in attributes)
        assert not {"style", "class", "srcset", "name", "target", "formaction"} & set(attributes)
        assert (attributes.get("id") or "card-").startswith("card-")
        _check_addresses(tag, attributes)


def _check_addresses(tag: str, attributes: dict[str, str | None]) -> None:
    address = re.sub(r"[\x00-\x20]", "", attributes.get("href") or attributes.get("src") or "/")
    assert re.match(r"(https?:|mailto:|/|#)", address), address
    if tag == "img" and attributes.get("src"):
        assert re.match(r"/[^/\\]", address), address
    if tag == "a" and attributes.get("href"):
        assert attributes.get("rel") == "nofollow noopener"


def test_a_card_keeps_what_makes_it_readable() -> None:
    html = markdown_to_html(
        "# Title\n\nA **word**, a [link](https://a.example).\n\n| a | b |\n|--|--|\n| 1 | 2 |"
    )

    assert '<h2 id="card-title">Title</h2>' in html
    assert "<strong>word</strong>" in html
    assert 'href="https://a.example" rel="nofollow noopener"' in html
    assert "<td>1</td>" in html


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("# a\n## b\n### c\n# d", [2, 3, 4, 2]),
        ("## a\n#### b\n## c", [2, 3, 2]),
        ("### a\n# b", [2, 2]),
        ("<h1>a</h1>\n\n## b", [2, 3]),
    ],
)
def test_headings_follow_the_page_title_without_a_gap(text: str, levels: list[int]) -> None:
    found = [tag for tag, _ in Reader(markdown_to_html(text)).tags if re.fullmatch(r"h\d", tag)]
    assert found == [f"h{level}" for level in levels]


def test_relative_addresses_lead_into_the_repository() -> None:
    html = markdown_to_html(
        "![plot](./plots/a.png) [code](train.py) [up](#title)",
        files="/alice/bert/resolve/main/",
        pages="/alice/bert/blob/main/",
    )
    assert 'src="/alice/bert/resolve/main/plots/a.png"' in html
    assert 'href="/alice/bert/blob/main/train.py"' in html
    assert 'href="#card-title"' in html


def test_relative_addresses_do_not_climb_out() -> None:
    html = markdown_to_html("[x](../../settings) ![x](../../logout)", files="/a/", pages="/b/")
    assert "settings" not in html
    assert "logout" not in html


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("---\nlicense: mit\n---\nHello", "Hello"),
        ("---\r\nlicense: mit\r\n---\r\nHello", "Hello"),
        ("---\n---\nHello", "Hello"),
        ("Hello\n\n---\n\nend", "Hello\n\n---\n\nend"),
        ("---\nnever closed", "---\nnever closed"),
    ],
)
def test_front_matter_is_left_out(text: str, left: str) -> None:
    assert without_front_matter(text) == left


def test_a_text_over_the_bound_is_shown_to_the_last_line_within_it() -> None:
    line = "word " * 19 + "end.\n"
    text = line * (MAX_CHARS // len(line) + 5)
    html = markdown_to_html(text)
    assert is_cut(text)
    assert html.count("end.") == MAX_CHARS // len(line)
    assert html.rstrip().endswith("end.</p>")
    assert not is_cut(text[:MAX_CHARS])


def test_one_line_over_the_bound_is_cut_within() -> None:
    assert markdown_to_html("x" * (MAX_CHARS + 100)).count("x") == MAX_CHARS


def test_metadata_does_not_count() -> None:
    assert not is_cut("---\nlicense: mit\n---\n" + "x" * MAX_CHARS)


@pytest.mark.parametrize("deep", ["> ", "- ", "1. ", "> - ", "[", "![", "*a _b "])
def test_nothing_is_nested_deeply(deep: str) -> None:
    """The parser's own bound holds whatever it is of; what is deeper is text, or left out."""
    depth = deepest = 0
    html = markdown_to_html(deep * 2_000 + "x")
    for found in re.finditer(r"<(/?)(blockquote|ul|ol|li|a|em)\b", html):
        depth += -1 if found[1] else 1
        deepest = max(deepest, depth)
    assert deepest <= 40


@pytest.mark.parametrize("tag", ["<ol>", "<ul><li>", "<div>", "<DIV>", "<b><i>", "<q class=a>"])
def test_html_of_its_own_that_is_nested_too_deeply_is_shown_as_text(tag: str) -> None:
    """To sanitise it would take time by the square of its depth."""
    name = tag.split(">")[0].split(" ")[0].lower()
    html = markdown_to_html(f"# Deep\n\n{tag * 1_000}x\n")
    assert "Deep</h2>" in html
    assert name not in html
    assert "&lt;" in html


def test_many_elements_beside_each_other_are_not_deep() -> None:
    cells = "<tr><td>a<td><b>b</b><br></tr>" * 2_000
    html = markdown_to_html(f"<table>{cells}</table>\n\n<p>" + "<div><p>x</div>" * 2_000)
    assert html.count("<td>") == 4_000
    assert html.count("<div>") == 2_000


@pytest.mark.slow
def test_a_table_does_not_grow_by_what_its_rows_leave_out() -> None:
    """Each short row is filled up to the width of the head: a small text, a large page."""
    text = "a|" * 2_000 + "\n" + "-|" * 2_000 + "\n" + "x\n" * 20_000
    assert markdown_to_html(text).count("<td") < 70_000


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[Markdown]:
    """What was really made into HTML: the real work, counted."""
    made: list[Markdown] = []
    render = markdown._render

    def counting(text: Markdown) -> Markup:
        made.append(text)
        return render(text)

    monkeypatch.setattr(markdown, "_render", counting)
    monkeypatch.setattr(markdown, "_kept", LruCache[bytes, Markup](100_000))
    return made


def test_the_same_text_shown_the_same_way_is_made_once(renderings: list[Markdown]) -> None:
    assert markdown_to_html("# a", files="/a/") == markdown_to_html("# a", files="/a/")
    assert len(renderings) == 1
    markdown_to_html("# a", files="/b/")
    markdown_to_html("# a", files="/a/", anchors=False)
    markdown_to_html("# b", files="/a/")
    assert len(renderings) == 4


def test_what_is_kept_is_bounded(renderings: list[Markdown]) -> None:
    for number in range(20):
        markdown_to_html(f"{number} " * 3_000)
    assert markdown._kept.size <= 100_000
    assert kept_html(Markdown("0 " * 3_000)) is None
    assert kept_html(Markdown("19 " * 3_000)) is not None


def test_several_who_ask_at_once_have_one_made(renderings: list[Markdown]) -> None:
    text = Markdown("# a\n" * 100)

    async def ask() -> set[Markup]:
        return set(await asyncio.gather(*(html_of(text) for _ in range(8))))

    assert len(asyncio.run(ask())) == 1
    assert renderings == [text]

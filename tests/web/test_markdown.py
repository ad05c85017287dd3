"""What strangers write on their cards cannot harm whoever reads them."""

import re
from html.parser import HTMLParser

import pytest

from etabli.web.markdown import markdown_to_html, without_front_matter

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

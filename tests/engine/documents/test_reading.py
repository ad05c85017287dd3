"""What is read of each kind of document, and what is said of those that are not."""

import pytest

from etabli.engine.documents import gather, gathering
from etabli.engine.documents.document import UnreadError, Why
from etabli.engine.documents.gathering import read
from tests.engine.documents.written import docx, paragraph, pdf, zipped

LOCKED = b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le")


def sections(name, content):
    if isinstance(content, str):
        content = content.encode()
    return [(one.headings, one.page, one.text.strip()) for one in read(name, content).sections]


def test_a_pdf_is_read_page_by_page():
    found = sections("a.pdf", pdf("Opening hours are nine to six.", "The second page."))
    assert found == [
        ((), 1, "Opening hours are nine to six."),
        ((), 2, "The second page."),
    ]


def test_a_word_document_is_read_under_its_headings_and_its_macros_are_left():
    body = (
        paragraph("Leave", "Titre1")
        + paragraph("Each person has 25 days.")
        + "<w:tbl><w:tr><w:tc>" + paragraph("May") + "</w:tc><w:tc>" + paragraph("2 days")
        + "</w:tc></w:tr></w:tbl>"
    )  # fmt: skip
    content = docx(body, word__vbaProject_bin="never run")
    assert sections("a.docm", content) == [
        (("Leave",), None, "Each person has 25 days.\n\nMay\t2 days")
    ]


def test_markdown_html_and_text_keep_their_letters():
    assert sections("a.md", "# One\nText.\n\n## Two\n`# no heading`\n```\n# nor this\n```\n") == [
        (("One",), None, "Text."),
        (("One", "Two"), None, "`# no heading`\n```\n# nor this\n```"),
    ]
    page = (
        "<title>T</title><script>x()</script><h1>Prices</h1><p>Ten <b>euros</b>.</p><nav>Menu</nav>"
    )
    assert sections("a.html", page) == [(("Prices",), None, "Ten euros.")]
    assert sections("a.txt", "Déjà vu.".encode("cp1252")) == [((), None, "Déjà vu.")]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("scan.pdf", pdf("", ""), Why.SCANNED),
        ("cut.pdf", pdf("Some text")[:60], Why.DAMAGED),
        ("photo.png", b"\x89PNG\r\n\x1a\n\x00\x00", Why.UNKNOWN),
        ("table.xlsx", zipped({"[Content_Types].xml": "x", "xl/workbook.xml": "x"}), Why.UNKNOWN),
        ("nothing.txt", b" \n ", Why.EMPTY),
        ("locked.docx", LOCKED, Why.PROTECTED),
        (
            "bomb.docx",
            zipped({"word/document.xml": '<!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>'}),
            Why.DAMAGED,
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_not_read_says_why(name, content, why):
    with pytest.raises(UnreadError) as refused:
        read(name, content)
    assert refused.value.why is why
    assert name in str(refused.value)


def test_one_bad_file_keeps_no_other_from_being_read(tmp_path, monkeypatch):
    monkeypatch.setattr(gathering, "MAX_FILE_BYTES", 100_000)
    (tmp_path / "all.zip").write_bytes(
        zipped({"in/a.md": "Read.", "in/bomb.txt": b"x" * 200_000, "__MACOSX/a.md": "no"})
    )
    (tmp_path / "b.txt").write_text("Read too.")
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 no archive")
    found = gather(tmp_path)
    assert [one.name for one in found.documents] == ["in/a.md", "b.txt"]
    assert {(one.name, one.why) for one in found.unread} == {
        ("in/bomb.txt", Why.TOO_LARGE),
        ("broken.zip", Why.DAMAGED),
    }

"""Tables as people have them, in every format, looked at by the real program within its limits."""

import gzip
import io
import json
import struct
import sys
import zipfile
from datetime import datetime

import duckdb
import openpyxl
import pytest

from etabli.engine.recipes.__main__ import check
from etabli.engine.tables import archives
from etabli.engine.tables.reading import open_table
from etabli.features.workshop import BadTableError, TooMuchMemoryError, process
from etabli.foundation.errors import InvalidInputError
from tests.engine.recipes.conftest import small_table

ROWS = [line.split(",") for line in small_table().splitlines()]
HEADER, EXAMPLES = ROWS[0], ROWS[1:]


def workbook(**sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book) -> bytes:
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def zipped(**members: str | bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name.replace("__", "."), member)
    return content.getvalue()


MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)


def opendocument(rows) -> bytes:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{one}</text:p>'
            "</table:table-cell>"
            for one in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content{names}><office:body><office:spreadsheet>"
        f'<table:table table:name="Feuille1">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", MANIFEST)
    return made.getvalue()


def objects(rows) -> list[dict[str, str]]:
    return [dict(zip(HEADER, row, strict=True)) for row in rows]


def parquet(tmp_path) -> bytes:
    (tmp_path / "source.csv").write_text(small_table())
    path = tmp_path / "made.parquet"
    duckdb.sql(f"COPY (FROM read_csv('{tmp_path / 'source.csv'}')) TO '{path}'")
    return path.read_bytes()


def looked_at(job, content: str | bytes, name: str, look=check, **choices):
    job.write("train", content, name)
    job.choose(**choices)
    look(job.path)
    return job.read("check.json")


def problem_of(job, content: str | bytes, name: str, **choices) -> str:
    (job.path / "check.json").unlink(missing_ok=True)
    with pytest.raises(InvalidInputError) as caught:
        looked_at(job, content, name, **choices)
    assert not (job.path / "check.json").exists()
    assert {path.name for path in (job.path / "data").iterdir()} <= {"train.csv", name}
    return str(caught.value)


def finding(found, code: str):
    (one,) = [one for one in found["findings"] if one["code"] == code]
    return one


FORMATS = {
    "t.csv": lambda _: small_table(),
    "t.tsv": lambda _: small_table().replace(",", "\t"),
    "t.txt": lambda _: small_table().replace(",", ";"),
    "t.xlsx": lambda _: workbook(Feuille1=ROWS),
    "t.ods": lambda _: opendocument(ROWS),
    "t.json": lambda _: json.dumps(objects(EXAMPLES), indent=1),
    "u.json": lambda _: json.dumps({"page": 1, "data": objects(EXAMPLES)}),
    "t.jsonl": lambda _: "".join(json.dumps(one) + "\n" for one in objects(EXAMPLES)),
    "t.parquet": parquet,
    "t.csv.gz": lambda _: gzip.compress(small_table().encode()),
    "t.xlsx.gz": lambda _: gzip.compress(workbook(Feuille1=ROWS)),
    "t.zip": lambda _: zipped(train__csv=small_table()),
    "u.zip": lambda tmp_path: zipped(t__parquet=parquet(tmp_path), __MACOSX="x"),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_read_as_the_same_table(job, tmp_path, name):
    found = looked_at(job, FORMATS[name](tmp_path), name, process.check)
    understood = found["understood"]
    assert understood["columns"] == ["text", "label"]
    assert understood["preview"][0] == EXAMPLES[0]
    assert (understood["text_column"]["name"], understood["label_column"]["name"]) == (
        "text",
        "label",
    )
    assert understood["rows"] == len(EXAMPLES)
    assert understood["sheets"] == []
    codes = {one["code"] for one in found["findings"] if one["severity"] != "fine"}
    assert codes <= {"near_duplicates"}
    assert not list((job.path / "data").glob("*.unpacked"))


def test_an_old_workbook_s_envelope_with_a_password(job):
    envelope = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    envelope += "EncryptedPackage".encode("utf-16-le") + bytes(480)
    assert problem_of(job, envelope, "t.xlsx") == (
        "t.xlsx is protected by a password: save it without one, and bring it again."
    )


def test_the_program_itself_says_what_is_wrong(job):
    job.write("train", "[1, 2]", "t.json")
    with pytest.raises(BadTableError, match="no list of objects"):
        process.check(job.path)


def test_a_zip_with_a_password(job):
    packed = bytearray(zipped(train__csv=small_table()))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    packed[packed.index(b"PK\x03\x04") + 6] |= 1
    assert problem_of(job, bytes(packed), "t.zip").startswith("t.zip is protected by a password")


# Sheets, and the files of an archive


def test_of_several_sheets_the_first_with_sentences_is_read_unless_another_is_named(job):
    notes = [["read me first"], ["made in May"]]
    other = [["question", "motif"], *[[f"{text} now", label] for text, label in EXAMPLES[:40]]]
    sums = [[n, n * n] for n in range(500)]
    content = workbook(Notes=notes, Sommes=sums, Données=ROWS, Autre=other)
    found = looked_at(job, content, "t.xlsx")
    assert found["understood"]["sheet"] == "Données"
    assert found["understood"]["sheets"] == ["Notes", "Sommes", "Données", "Autre"]
    assert finding(found, "sheets")["severity"] == "advise"
    found = looked_at(job, content, "t.xlsx", sheet="Autre")
    assert found["understood"]["text_column"]["name"] == "question"
    assert problem_of(job, content, "t.xlsx", sheet="Mai") == (
        "t.xlsx has no sheet “Mai”, only Notes, Sommes, Données, Autre: choose one of them."
    )
    assert "The sheet “Vide” of t.xlsx is empty" in problem_of(
        job, workbook(Données=ROWS, Vide=[]), "t.xlsx", sheet="Vide"
    )


def test_a_zip_with_several_tables_or_none(job):
    content = zipped(notes__txt="hello", a__csv=small_table(), b__csv=small_table() * 2)
    found = looked_at(job, content, "t.zip")
    assert found["understood"]["sheet"] == "b.csv"
    assert looked_at(job, content, "t.zip", sheet="a.csv")["understood"]["rows"] == 84
    assert problem_of(job, zipped(a__png=b"x"), "t.zip", sheet=None) == (
        "t.zip holds no table: put a spreadsheet, a CSV, JSON or Parquet file in it."
    )


def test_a_test_file_may_be_a_workbook_too(job):
    job.write("test", workbook(Feuille1=[HEADER, *EXAMPLES[::5]]), "test.xlsx")
    assert looked_at(job, small_table(), "t.csv")["understood"]["test_rows"] == 17


# What stands around a table


def test_titles_a_total_empty_rows_and_empty_columns_are_seen_and_told(job):
    rows = [["Export du 3 mai"], [], [None, "message", "motif", "n", None]]
    rows += [[None, text, label, 1.0, None] for text, label in EXAMPLES]
    rows += [[None, "TOTAL", None, 84.0, None], [], [None, None, None, None, " "]]
    found = looked_at(job, workbook(Feuille1=rows), "t.xlsx")
    understood = found["understood"]
    assert understood["columns"] == ["message", "motif", "n"]
    assert understood["preview"][0] == [*EXAMPLES[0], "1"]
    assert understood["rows"] == 84
    titles, totals = finding(found, "titles"), finding(found, "totals")
    assert (titles["fix"], titles["examples"][0]["text"]) == ("skip_titles", "Export du 3 mai")
    assert (totals["fix"], totals["examples"][0]["line"]) == ("drop_totals", 88)
    found = looked_at(job, workbook(Feuille1=rows), "t.xlsx", fixes={"drop_totals": False})
    assert found["understood"]["rows"] == 85
    assert finding(found, "totals")["count"] == 1


def test_cells_merged_over_several_rows_have_their_value_in_each(job):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in [HEADER, *EXAMPLES]:
        sheet.append(row)
    sheet.merge_cells("B2:B29")
    found = looked_at(job, saved(book), "t.xlsx")
    assert finding(found, "merged_cells")["fix"] == "fill_merged"
    assert finding(found, "empty_labels")["count"] == 0
    found = looked_at(job, saved(book), "t.xlsx", fixes={"fill_merged": False})
    assert finding(found, "empty_labels")["count"] == 27


def test_error_cells_are_not_learned(job):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in ROWS:
        sheet.append(row)
    sheet["B5"].value, sheet["B5"].data_type = "#N/A", "e"
    sheet["A9"].value, sheet["A9"].data_type = "#REF!", "e"
    found = looked_at(job, saved(book), "t.xlsx")
    assert [one["line"] for one in finding(found, "error_cells")["examples"]] == [5, 9]
    assert found["after_fixes"]["rows"] == 82
    text = small_table() + "is it here,#N/A\n"
    assert finding(looked_at(job, text, "t.csv"), "error_cells")["count"] == 1


def test_the_values_of_formulas_are_taken_and_those_without_are_told(job):
    rows = [HEADER, *EXAMPLES, ['=A2&" again"', "card"]]
    found = looked_at(job, workbook(Feuille1=rows), "t.xlsx")
    formulas = finding(found, "formulas_without_value")
    assert (formulas["count"], formulas["text"]["values"]["line"]) == (1, 86)
    assert finding(found, "empty_texts")["count"] == 1


def test_dates_numbers_and_truths_are_written_as_people_do(tmp_path):
    path = tmp_path / "t.xlsx"
    row = [datetime(2026, 5, 3, 9, 30), datetime(2026, 5, 3).date(), 5.0, 2.5, True, "x"]  # noqa: DTZ001
    path.write_bytes(workbook(Feuille1=[list("abcdef"), row]))
    assert next(open_table(path).records()) == (
        2,
        ["2026-05-03 09:30:00", "2026-05-03", "5", "2.5", "true", "x"],
    )


def test_lines_for_excel_comments_and_ragged_rows(job):
    content = "sep=;\n# exported by the shop\n" + small_table().replace(",", ";")
    content += "# the end\none;two;three\n"
    found = looked_at(job, content, "t.csv")
    assert found["understood"]["delimiter"] == ";"
    assert found["understood"]["rows"] == 84
    assert finding(found, "titles")["examples"][0]["line"] == 2
    ragged = finding(found, "ragged_rows")
    assert [one["text"] for one in ragged["examples"]] == ["# the end", "one · two · three"]
    assert ragged["fix"] == "drop_ragged"


def test_comments_that_hold_the_separator_are_not_learned(job):
    above = "# export of May, by the shop\n# rows follow, one a message\n"
    content = f"{above}{small_table()}# the end, really\n"
    found = looked_at(job, content, "t.csv")
    assert found["understood"]["columns"] == ["text", "label"]
    assert found["understood"]["rows"] == 84
    assert finding(found, "titles")["count"] == 2
    assert finding(found, "ragged_rows")["count"] == 1
    found = looked_at(job, content, "t.csv", fixes={"drop_ragged": False})
    assert found["understood"]["rows"] == 85


def test_texts_that_begin_with_a_heading_are_no_comments(job):
    rows = [f'"# Bug {n}",{"a" if n % 2 else "b"}' for n in range(60)]
    found = looked_at(job, "text,label\n" + "\n".join(rows), "t.csv")
    assert found["understood"]["rows"] == 60
    assert finding(found, "ragged_rows")["count"] == 0


def test_a_table_without_a_header_is_given_names(job):
    content = "\n".join(",".join(row) for row in EXAMPLES)
    found = looked_at(job, content, "t.csv")
    assert found["understood"]["columns"] == ["column_1", "column_2"]
    assert found["understood"]["text_column"]["name"] == "column_1"
    assert found["understood"]["rows"] == 84
    assert finding(found, "no_header")["examples"][0]["text"] == " · ".join(EXAMPLES[0])
    found = looked_at(job, content, "t.csv", fixes={"name_columns": False})
    assert found["understood"]["columns"] == EXAMPLES[0]


QUESTION = "Pour quelle raison avez-vous pris contact avec notre service clients aujourd’hui ?"


def form_export() -> str:
    agrees = ("Oui, j’accepte", "Non")
    choices = ("Boutique", "Boutique, Site", "Site, Téléphone", "Téléphone", "Boutique, Téléphone")
    rows = [
        f'2026/03/{n % 28 + 1:02} 10:00:{n % 60:02};{text};{label};"{choices[n % 5]}";'
        f"{agrees[n % 3 == 0]}"
        for n, (text, label) in enumerate(EXAMPLES)
    ]
    head = (
        f"Horodateur;{QUESTION};Motif de la demande;Par quels moyens ?;J’accepte d’être recontacté"
    )
    return "\n".join([head, *rows])


def test_the_export_of_a_form_with_long_questions(job):
    understood = looked_at(job, form_export(), "t.csv")["understood"]
    assert understood["text_column"]["name"] == QUESTION
    assert understood["label_column"]["name"] == "Motif de la demande"
    renamed = form_export().replace("Motif de la demande", "Votre choix")
    understood = looked_at(job, renamed, "t.csv")["understood"]
    assert understood["label_column"]["name"] == "Votre choix"


def test_a_very_long_body_is_no_reason_to_refuse_a_table(job):
    found = looked_at(job, small_table() + "word " * 24_000 + ",card\n", "t.csv")
    assert found["understood"]["rows"] == 85
    assert finding(found, "long_texts")["count"] == 1


LETTERS = {
    "gb18030": ["请问我的银行卡什么时候到", "我的转账没有到账怎么办", "忘记密码了怎么办"],
    "cp1251": ["где моя новая карта", "перевод до сих пор не пришёл", "я забыл пароль от карты"],
    "koi8_r": ["где моя новая карта", "перевод до сих пор не пришёл", "я забыл пароль от карты"],
    "cp1250": ["gdzie jest moja nowa karta, proszę", "przelew jeszcze nie doszedł, dziękuję",
               "zapomniałem hasła i coś się źle dzieje z kartą"],
}  # fmt: skip


@pytest.mark.parametrize("encoding", LETTERS)
def test_tables_in_other_letters(job, encoding):
    texts = LETTERS[encoding]
    rows = [f'"{texts[n % 3]} {n}",l{n % 3}' for n in range(60)]
    content = "text,label\n" + "\n".join(rows) + "\n"
    understood = looked_at(job, content.encode(encoding), "t.csv")["understood"]
    assert understood["encoding"] == encoding
    assert understood["preview"][0][0] == f"{texts[0]} 0"


# What cannot be read


def far_cells() -> bytes:
    """Two cells, with 17 thousand million empty ones between."""
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = 1, 2
    return saved(book)


def test_a_small_workbook_that_takes_more_memory_than_there_is(job):
    with pytest.raises(TooMuchMemoryError, match="takes more than 4,000 MB of memory"):
        looked_at(job, far_cells(), "t.xlsx", process.check)
    assert not (job.path / "check.json").exists()


def bomb(name: str) -> bytes:
    """A zip whose member is said to be of 4 GB."""
    packed = bytearray(zipped(**{name: b"a,b\n" * 1000}))
    at = packed.index(b"PK\x01\x02") + 24
    packed[at : at + 4] = struct.pack("<I", 2**32 - 2)
    return bytes(packed)


@pytest.mark.parametrize("name", ["train.csv", "xl/workbook.xml"])
def test_an_archive_that_unpacks_to_too_much(job, name):
    assert problem_of(job, bomb(name), "t.zip") == (
        "t.zip holds more than 1,000 MB once it is unpacked, and that is not read: bring the table "
        "alone, or a part of its rows."
    )


def test_what_is_unpacked_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "MAX_UNPACKED_BYTES", 1_000_000)
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n" * 300_000))
    with pytest.raises(archives.TooLargeUnpackedError):
        archives.unpack_gzip(path)
    assert [one.name for one in tmp_path.iterdir()] == ["t.csv.gz"]


BROKEN = {
    "t.xlsx": (lambda: workbook(Feuille1=ROWS)[:3000], "t.xlsx cannot be unpacked"),
    "u.xlsx": (lambda: zipped(**{"xl/workbook__xml": "<workbook"}), "u.xlsx is no workbook"),
    "t.ods": (lambda: zipped(content__xml="<office"), "t.ods is no workbook"),
    "t.xls": (lambda: b"\xd0\xcf\x11\xe0" + bytes(2000), "t.xls is no workbook"),
    "t.zip": (lambda: b"PK\x03\x04 cut short", "t.zip cannot be unpacked"),
    "t.gz": (lambda: gzip.compress(small_table().encode() * 99)[:400], "t.gz cannot be unpacked"),
    "v.zip": (lambda: zipped(inside__zip=zipped(a__csv="x")), "v.zip holds no table"),
    "v.gz": (lambda: gzip.compress(gzip.compress(b"a,b\n1,2\n")), "an archive within an archive"),
    "t.parquet": (lambda: b"PAR1" + bytes(100) + b"PAR1", "t.parquet is no Parquet file"),
    "t.json": (lambda: '[{"text": "a", "label": "b"},\n {"text": ]', "stops being JSON on line 2"),
    "u.json": (lambda: '["a", "b"]', "u.json is JSON, but no list of objects"),
    "v.json": (lambda: "[" * 100_000, "v.json"),
    "w.json": (lambda: "[]", "w.json is empty"),
    "x.json": (lambda: json.dumps([{f"k{n}": n for n in range(1_000_000)}]), "1,000,000, and"),
    "t.csv": (lambda: ",".join(map(str, range(1_000_000))) + "\n1\n", "at most 1,000 can be read"),
    "t.jsonl": (lambda: '{"text": "a", "label": "b"}\n{"text"\n', "stops being JSON on line 2"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_cannot_be_read_is_one_sentence_and_leaves_nothing(job, name):
    content, sentence = BROKEN[name]
    said = problem_of(job, content(), name)
    assert sentence in said
    assert said.count(". ") == 0


def test_a_zip_whose_content_is_damaged(job):
    packed = bytearray(zipped(t__csv=small_table()))
    packed[60] ^= 0xFF
    assert problem_of(job, bytes(packed), "t.zip").startswith("t.zip cannot be unpacked")


def test_parquet_without_its_reader(job, tmp_path, monkeypatch):
    content = parquet(tmp_path)
    monkeypatch.setitem(sys.modules, "duckdb", None)  # as where it is not installed
    assert problem_of(job, content, "t.parquet") == (
        "t.parquet is a Parquet file, and this hub has no reader for it: bring it as CSV, or ask "
        "the operator to install etabli[parquet]."
    )


# What was read, and cannot be learned from


def test_what_was_read_is_kept_with_the_reason_if_that_is_wanted(job):
    content = workbook(Un=[["when", "what"], *[[n, n * 2] for n in range(40)]], Deux=ROWS[:30])
    found = looked_at(job, content, "t.xlsx", sheet="Un", keeps_refused=True)
    assert found["refused"]["template"].startswith("No column of {file} looks like text")
    assert found["understood"]["preview"][1] == ["1", "2"]
    assert found["understood"]["text_column"] is None
    assert finding(found, "sheets")["count"] == 2
    found = looked_at(job, content, "t.xlsx", sheet="Deux", keeps_refused=True)
    assert found["refused"]["template"].startswith(
        "After the corrections {file} holds {examples} of {labels}"
    )
    assert found["understood"]["columns"] == ["text", "label"]

"""Files as people have them, and what we say when we cannot read them."""

import pytest

from etabli.engine.recipes.__main__ import check
from etabli.engine.tables.reading import open_table
from etabli.foundation.errors import InvalidInputError

ROWS = "text,label\nWhere is my card?,card\nStop my transfer,transfer\n"


def problem_of(job) -> str:
    with pytest.raises(InvalidInputError) as caught:
        check(job.path)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_usual_encoding_is_understood(tmp_path, encoding):
    path = tmp_path / "table.csv"
    path.write_bytes("text,label\nOù est ma carte ?,carte\n".encode(encoding))
    assert next(open_table(path).records()) == (2, ["Où est ma carte ?", "carte"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_usual_separator_is_understood(tmp_path, delimiter):
    path = tmp_path / "table.csv"
    path.write_text(ROWS.replace(",", delimiter))
    file = open_table(path)
    assert file.delimiter == delimiter
    assert file.columns == ("text", "label")


def test_a_line_break_within_quotes_belongs_to_the_text(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b' text , label \r\n"Where,\r\nis ""it""?",card\r\nStop,transfer\r\n')
    file = open_table(path)
    assert file.columns == ("text", "label")
    assert list(file.records()) == [
        (2, ['Where,\r\nis "it"?', "card"]),
        (4, ["Stop", "transfer"]),
    ]


def test_empty_fields_that_a_spreadsheet_adds_are_forgotten(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("text,label,,\nWhere is my card?,card,,\n\n,,,\n")
    assert [fields for _, fields in open_table(path).records()] == [["Where is my card?", "card"]]


def test_rows_with_too_many_fields(job):
    job.write("train", ROWS + "Yes, my card,card\n" * 4)
    assert problem_of(job) == (
        "Line 4 of train.csv has 3 fields where the first line names 2; the first one concerned "
        "is after the column “label”: put quotation marks around a text that contains the "
        "separator."
    )


def test_rows_with_too_few_fields(job):
    job.write("train", ROWS + "Alone\n" * 4)
    assert problem_of(job).startswith(
        "Line 4 of train.csv has 1 field where the first line names 2; the first one concerned "
        "is after the column “text”"
    )


def test_a_single_ragged_row_is_refused_only_if_it_shall_not_be_set_aside(job):
    job.write("train", ROWS + "Yes, my card,card\n")
    job.choose(fixes={"drop_ragged": False})
    assert problem_of(job).startswith("Line 4 of train.csv has 3 fields")


def test_a_quotation_mark_that_is_never_closed(job):
    job.write("train", ROWS + '"Where is it,card\nStop,transfer\n')
    assert problem_of(job) == (
        "In train.csv, the row that begins on line 4 has a quotation mark that is never closed: "
        "close it, or write it twice if it belongs to the text."
    )


@pytest.mark.parametrize("content", ["", "  \n\n", "text,label\n"])
def test_an_empty_file(job, content):
    job.write("train", content)
    assert problem_of(job) == (
        "train.csv is empty: export your table again as CSV, with a first line that names the "
        "columns and one example a line."
    )


def test_a_missing_file(job):
    job.choose(train="data/nothing.csv")
    assert problem_of(job) == "There is no file nothing.csv: choose it again."


def test_a_text_that_happens_to_be_a_column_s_name_is_no_missing_header(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("text,label\n" + "text,card\n" + "where is it,card\n" * 300)
    assert open_table(path).columns == ("text", "label")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7 ...", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"text,label\n\x00\x01\x02,card\n", "a binary file"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(job, content, kind):
    job.write("train", content)
    assert problem_of(job) == (
        f"train.csv is no table, it is {kind}: open it in the program that made it, and export its "
        "table as a workbook or as “CSV UTF-8”."
    )


def test_utf8_that_is_damaged(job):
    job.write("train", "text,label\nOù est ma carte ?,carte\n".encode() + b"Perdu\xe9,carte\n")
    assert problem_of(job) == (
        "Line 3 of train.csv holds a byte that is no letter (0xE9, at byte 41): save the file "
        "again as “CSV UTF-8”."
    )


def test_bytes_that_are_letters_in_no_encoding(job):
    job.write("train", b"text,label\nWhere\x81,card\n")
    job.choose(encoding="Windows-1252")
    assert problem_of(job).startswith(
        "Line 2 of train.csv holds a byte that is no letter (0x81, at byte 16)"
    )


def test_too_many_columns(job):
    job.write("train", ",".join(f"c{n}" for n in range(1001)) + "\n" + "," * 1000 + "\n")
    assert problem_of(job) == (
        "The columns of train.csv are 1,001, and at most 1,000 can be read: "
        "keep the text and the label, "
        "one example a line."
    )


def test_a_field_that_is_too_long(job):
    job.write("train", ROWS + "x" * 1_000_001 + ",card\n")
    assert problem_of(job) == (
        "In train.csv, the row that begins on line 4 has a field of more than 1,000,000 "
        "characters: shorten it, or look for a quotation mark that is never closed."
    )


def test_no_column_of_text(job):
    job.write("train", "id,label\n" + "".join(f"{n},a\n{n},b\n" for n in range(1000, 1030)))
    assert problem_of(job) == (
        "No column of train.csv looks like text that people write (its columns: id, label): "
        "choose the column, or add one."
    )


def test_no_column_of_labels(job):
    job.write("train", "text,remark\n" + "".join(f"card number {n},n{n}\n" for n in range(30)))
    assert problem_of(job).startswith("No column of train.csv looks like labels")


def test_a_column_that_does_not_exist(job):
    job.choose(text_column="question")
    assert problem_of(job) == (
        "train.csv has no column “question”, only text, label: choose one of them."
    )


def test_a_test_file_without_the_label(job):
    job.write("test", "text,topic\nwhere is my card,card\n")
    assert problem_of(job) == (
        "The test file test.csv has no column “label”, which the training file has: name its "
        "columns as in the training file."
    )


def test_a_single_label(job):
    job.write("train", "text,label\n" + "".join(f"card {n} is lost,card\n" for n in range(30)))
    assert problem_of(job) == (
        "Every example of train.csv has the same label, “card”: add examples of at least one "
        "other label, so that there is something to tell apart."
    )


def test_too_few_rows(job):
    job.write("train", ROWS)
    job.choose(fixes={"drop_tiny_classes": False})
    assert problem_of(job) == (
        "After the corrections train.csv holds 2 examples of 2 labels, and at least 20 examples "
        "of two labels are needed: add examples."
    )


def test_a_test_file_with_other_labels(job):
    job.write("test", "text,label\nhello,greeting\nhi there,greeting\n")
    assert problem_of(job).startswith(
        "test.csv holds no example whose label is also in the training file"
    )

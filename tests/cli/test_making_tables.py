"""`etabli create` on the tables that people have."""

import io
import json
import zipfile

import openpyxl
import pytest

from tests import made


@pytest.fixture
def alice(operator):
    operator.runs("users", "add", "alice", "--admin", "--no-password")
    return operator


def rows() -> list[list[str]]:
    return [line.split(",") for line in made.table().splitlines()]


def test_a_sheet_of_a_workbook(alice, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Fullest"
    for row in [["message", "motif"], *rows()[1:], *rows()[1:]]:
        book.active.append(row)
    mine = book.create_sheet("Mine")
    for row in [["Export of May"], *rows()]:
        mine.append(row)
    book.save(tmp_path / "table.xlsx")
    table = str(tmp_path / "table.xlsx")
    said = alice.runs("create", table, "--name", "helpdesk", "--sheet", "Mine")
    assert "It reads “text” and says “label”: 63 texts, 3 labels." in said
    assert "Begin at the line that names the columns (skip_titles)." in said
    assert "[card_lost, " in alice.runs("ask", "alice/helpdesk", "my card is lost")
    code, _, err = alice.tries("create", table, "--name", "x", "--sheet", "Nobody's")
    assert (code, "only Fullest, Mine: choose one" in err) == (1, True)
    code, _, err = alice.tries("create", table, "--name", "x", "--no-fix", "polish")
    assert (code, "There is no correction called polish" in err) == (1, True)


def test_a_folder_of_json_lines_and_a_zip_of_replies(alice, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    lines = (json.dumps({"text": text, "label": label}) for text, label in rows()[1:])
    (folder / "train.jsonl").write_text("\n".join(lines))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("replies.csv", made.replies())
    (tmp_path / "replies.zip").write_bytes(packed.getvalue())
    words = ["create", str(folder), "--name", "helpdesk", "--answers"]
    alice.runs(*words, str(tmp_path / "replies.zip"))
    asked = alice.runs("ask", "alice/helpdesk", "my card is lost")
    assert asked.startswith("Freeze the card in the app.")

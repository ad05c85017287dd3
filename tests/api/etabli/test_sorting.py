"""A whole file sorted, by program: what comes back, and what is refused."""

import csv
import io
import json

import openpyxl
import pytest

from tests import made

ADDRESS = "/api/etabli/sort/alice/helpdesk"


@pytest.fixture
def helpdesk(site, alice):
    return made.published(site, alice)


def sort(client, content, name="new.csv", **said):
    return client.post(ADDRESS, files={"table": (name, content)}, data=said)


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def test_a_table_comes_back_with_what_the_model_makes_of_each_row(client, site, helpdesk):
    long = "x" * 2_001
    content = f"id,message,label\n1,my card is lost at home,old\n2,zzzz qqqq,\n3,,\n4,{long},\n"
    answer = sort(client, content)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-etabli-answered-by"] == "machine"
    rows = rows_of(answer)
    assert list(rows[0]) == ["id", "message", "label", "label_2", "certainty", "decision"]
    assert [rows[0]["label"], rows[0]["label_2"]] == ["old", "card_lost"]
    assert float(rows[0]["certainty"]) > 0.5
    assert [row["decision"] for row in rows] == ["answer", "outside", "empty", "too-long"]
    assert list(site.backends.runs.root.glob("tmp_*")) == []


def test_a_workbook_of_one_column_in_many_lots_ends_with_what_it_took(client, helpdesk):
    book = openpyxl.Workbook()
    book.active.append(["message"])
    for number in range(250):
        book.active.append([f"my transfer is late, number {number}"])
    content = io.BytesIO()
    book.save(content)
    answer = sort(client, content.getvalue(), "new.xlsx", format="jsonl")
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[0] == {"columns": ["message", "label", "certainty", "decision"]}
    assert len(lines) == 252
    assert lines[250]["row"] == ["my transfer is late, number 249"]
    summary = lines[-1]["summary"]
    assert [summary["rows"], summary["left_out"]] == [250, 0]
    assert sum(summary["decisions"].values()) == 250
    assert summary["cost"]["energy_method"] == "modelled"
    assert summary["cost"]["energy_low_wh"] < summary["cost"]["energy_wh"]


@pytest.mark.parametrize(
    ("content", "said", "sentence"),
    [
        ("id,n\n1,2\n3,4\n", {}, "text"),
        ("a,b\nhello there,1\n", {"text_column": "c"}, "c"),
        (b"%PDF-1.7 nothing", {}, "PDF"),
        ("m\n" + "a word\n" * 10_001, {}, "10,000 rows"),
    ],
)
def test_what_cannot_be_sorted_is_refused_in_a_sentence(
    client, site, helpdesk, content, said, sentence
):
    answer = sort(client, content, **said)
    assert answer.status_code == 400
    assert sentence in answer.json()["error"]
    assert list(site.backends.runs.root.glob("tmp_*")) == []


def test_no_file_and_too_large_a_file(client, helpdesk):
    assert client.post(ADDRESS, data={"format": "csv"}).status_code == 400
    assert sort(client, b"x" * 20_000_001).status_code == 413


def test_a_private_model_sorts_for_its_owner_only(client, site, alice, alices_token):
    made.published(site, alice, private=True)
    assert sort(client, "m\nmy card is lost\n").status_code == 404
    client.headers["Authorization"] = f"Bearer {alices_token}"
    assert sort(client, "m\nmy card is lost\nmy pin is blocked\n").status_code == 200


def test_from_the_page_it_comes_back_as_a_file(client, helpdesk):
    page = client.get("/alice/helpdesk").text
    assert 'action="/alice/helpdesk/sort"' in page
    files = {"table": ("new.csv", "m\nmy card is lost\nmy pin is blocked\n")}
    answer = client.post("/alice/helpdesk/sort", files=files)
    assert 'filename="helpdesk-sorted.csv"' in answer.headers["content-disposition"]
    assert [row["label"] for row in rows_of(answer)] == ["card_lost", "pin_blocked"]

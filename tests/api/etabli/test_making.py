import io

import openpyxl
import pytest

from etabli.features.repos import RepoType
from etabli.operations import training
from tests import made


def start(client, content=None, **fields):
    files = {"train": ("train.csv", content if content is not None else made.table())}
    return client.post("/api/etabli/runs", data={"name": "helpdesk", **fields}, files=files)


def test_from_a_table_to_an_answer_by_program(alices_client, site, alice):
    run = start(alices_client, license="cc0-1.0").json()
    assert run["findings"]["understood"]["rows"] == 63
    address = f"/api/etabli/runs/{run['key']}"
    assert alices_client.post(f"{address}/make").json()["state"] == "queued"
    training.make_run(site, run["key"])
    run = alices_client.get(address).json()
    assert run["state"] == "made"
    assert run["energy_to_make"]["energy_method"] == "modelled"
    published = alices_client.post(f"{address}/publish", json={}).json()
    assert published["url"].endswith("/alice/helpdesk")
    assert published["dataset"] is None
    with site.read_hub() as hub:
        assert hub.repos.get(alice, RepoType.MODEL, "alice/helpdesk").private
    asked = alices_client.post("/run/alice/helpdesk", json={"inputs": "my card is lost"})
    assert asked.json()[0][0]["label"] == "card_lost"
    assert alices_client.delete(address).status_code == 204
    assert alices_client.get(address).status_code == 404


def test_several_columns_of_labels_may_be_named(alices_client, site, alice):
    lines = made.table().splitlines()
    rows = [f"{line},{('north', 'south')[n % 2]}" for n, line in enumerate(lines[1:])]
    table = "\n".join([f"{lines[0]},place", *rows])
    run = start(alices_client, table, label_column=["label", "place"]).json()
    classes = {one["label"] for one in run["findings"]["understood"]["classes"]}
    assert classes == {*made.SUBJECTS, "north", "south"}

    def kept():
        with site.read_hub() as hub:
            return hub.workshop.choices(hub.workshop.get(alice, run["key"])).label_columns

    assert kept() == ("label", "place")
    chosen = {"label_column": ["label"]}
    alices_client.post(f"/api/etabli/runs/{run['key']}/make", json=chosen)
    assert kept() == ("label",)


def test_what_is_found_is_told_and_corrected_unless_refused(alices_client, site):
    table = made.table_of_careless_labels()
    run = start(alices_client, table).json()
    assert "look_alike_labels" in {one["code"] for one in run["findings"]["findings"]
                                   if one["fix"] == "merge_look_alikes"}  # fmt: skip
    assert len(run["findings"]["after_fixes"]["classes"]) == 3
    for fields in ({"as_it_is": "yes"}, {"no_fix": "drop_empty, merge_look_alikes"}):
        run = start(alices_client, table, **fields).json()
        assert len(run["findings"]["after_fixes"]["classes"]) == 9
    address = f"/api/etabli/runs/{run['key']}/make"
    bad = alices_client.post(address, json={"fixes": {"polish": True}})
    assert (bad.status_code, bad.json()["kind"]) == (400, "UnknownFix")
    made_run = alices_client.post(address, json={"fixes": {"merge_look_alikes": True}}).json()
    assert made_run["state"] == "queued"
    assert len(made_run["findings"]["after_fixes"]["classes"]) == 3


def test_the_kind_of_ai_is_recognised_or_chosen(alices_client):
    found = start(alices_client).json()["findings"]
    assert [one["recipe"] for one in found["kinds"]] == [found["recipe"]]
    chosen = start(alices_client, kind=found["recipe"])
    assert (chosen.status_code, chosen.json()["findings"]["recipe"]) == (201, found["recipe"])
    refused = start(alices_client, kind="image-generation")
    assert (refused.status_code, refused.json()["kind"]) == (400, "UnknownKind")


def test_the_encoding_is_found_or_named(alices_client):
    cyrillic = made.table().replace("my", "мой заказ не пришёл").encode("cp1251")
    found = start(alices_client, cyrillic).json()["findings"]["understood"]
    assert found["encoding"] == "cp1251"
    named = start(alices_client, cyrillic, encoding="KOI8-R").json()["findings"]["understood"]
    assert named["encoding"] == "koi8_r"


def test_personal_data_is_not_shown_to_everybody_unasked(alices_client, site):
    table = made.table() + "call me at +33 6 12 34 56 78 my card is lost,card_lost\n"
    run = start(alices_client, table).json()
    address = f"/api/etabli/runs/{run['key']}"
    alices_client.post(f"{address}/make", json={"fixes": {"mask_personal_data": False}})
    training.make_run(site, run["key"])
    run = alices_client.get(address).json()
    assert run["personal_data"] == {"rows": 1, "is_masked": False}
    assert len(run["preview"]) == 10
    wanted = {"private": False, "with_data": True}
    refused = alices_client.post(f"{address}/publish", json=wanted)
    assert (refused.status_code, refused.json()["kind"]) == (400, "PersonalDataShown")
    agreed = {**wanted, "shows_personal_data": True}
    assert alices_client.post(f"{address}/publish", json=agreed).json()["dataset"]


@pytest.mark.parametrize("content", ["", "text,label\nhello\n", "text,label\n" + "a,b\n" * 30])
def test_a_bad_table_is_a_sentence_and_leaves_nothing(alices_client, site, content):
    response = start(alices_client, content)
    assert response.status_code == 400
    assert response.json()["error"].endswith(".")
    assert list(site.backends.runs.root.iterdir()) == []


def test_no_table_at_all(alices_client):
    response = alices_client.post("/api/etabli/runs", data={"name": "x"})
    assert response.status_code == 400
    assert "Choose a table" in response.json()["error"]


def test_a_table_over_the_limit_is_refused_before_it_is_read(alices_client, site):
    def endless():
        yield b"--b\r\nContent-Disposition: form-data; name=train; filename=t.csv\r\n\r\n"
        for _ in range(site.settings.max_table_mb + 2):
            yield b"x" * 1_000_000

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    announced = alices_client.post(
        "/api/etabli/runs", content=b"", headers={**headers, "Content-Length": "2000000000"}
    )
    streamed = alices_client.post("/api/etabli/runs", content=endless(), headers=headers)
    for response in (announced, streamed):
        assert response.status_code == 413
        assert "200 MB" in response.json()["error"]
    assert list(site.backends.runs.root.iterdir()) == []


def test_nobody_makes_without_an_account(client):
    assert start(client).status_code == 401


def test_a_sheet_of_a_workbook_is_named_or_told(alices_client, site):
    book = openpyxl.Workbook()
    for row in made.table().splitlines():
        book.active.append(row.split(","))
    notes = book.create_sheet("Notes")
    notes.append(["Read me"])
    content = io.BytesIO()
    book.save(content)
    files = {"train": ("table.xlsx", content.getvalue())}
    run = alices_client.post("/api/etabli/runs", data={"name": "helpdesk"}, files=files).json()
    assert run["findings"]["understood"]["sheets"] == ["Sheet", "Notes"]
    named = {"name": "helpdesk", "sheet": "Notes"}
    refused = alices_client.post("/api/etabli/runs", data=named, files=files)
    assert (refused.status_code, refused.json()["kind"]) == (400, "BadTable")
    address = f"/api/etabli/runs/{run['key']}"
    bad = alices_client.post(f"{address}/make", json={"sheet": "Nobody's"})
    assert "only Sheet, Notes: choose one of them" in bad.text
    assert alices_client.post(f"{address}/make").json()["state"] == "queued"

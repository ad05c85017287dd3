"""From a table of several labels to an answer, on the pages and by program."""

import csv
import io

import pytest

from tests import made
from tests.several_labels import LABELS, in_columns
from tests.web.create.test_create import begin

HURRIED = "please refund the lamp, it cannot wait"
TICKED = {f"label_column:{label}": "yes" for label in LABELS}
SHOWN = {"shown_columns": "\n".join(("message", *LABELS)), "text_column": "message"}
KIND = {"kind": "multilabel-classification", "shown_kind": "multilabel-classification"}


def test_the_columns_that_hold_labels_are_ticked_and_may_be_others(alices_page, site, alice):
    key = begin(alices_page, text=in_columns("oui", "non"))
    page = alices_page.get(f"/create/{key}/check").text
    assert "each with any of 4 labels." in page
    for label in LABELS:
        assert f'name="label_column:{label}" value="yes" checked' in page

    fewer = dict.fromkeys(list(TICKED)[:2], "yes")
    answer = alices_page.post(f"/create/{key}/make", data={**SHOWN, **KIND, **fewer})
    assert answer.headers["location"] == f"/create/{key}/check"
    assert "each with any of 2 labels." in alices_page.get(f"/create/{key}/check").text

    same = {**SHOWN, "shown_columns": "message\nrefund\nbroken", **KIND, **fewer}
    other = {**same, "kind": "text-classification"}
    answer = alices_page.post(f"/create/{key}/make", data=other)
    assert answer.headers["location"] == f"/create/{key}/check"
    with site.read_hub() as hub:
        assert hub.workshop.recipe(hub.workshop.get(alice, key)).name == "text-classification"


@pytest.fixture
def reasons(site, alice):
    run = made.start(site, alice, "reasons", in_columns("1", "0"))
    return made.publish(site, alice, made.make(site, alice, run))


def test_every_label_that_fits_is_said_in_each_door(alices_page, reasons):
    model = reasons.model
    french = {"Accept-Language": "fr"}
    result = alices_page.get(f"/create/{reasons.key}/result", headers=french).text
    assert "Juste veut dire qu’aucune étiquette ne manque" in result
    evaluation = alices_page.get(f"/{model}/evaluation").text
    assert "Each label, the worst first" in evaluation
    assert "all right, of 100" in evaluation
    card = alices_page.get(f"/{model}/raw/main/README.md").text
    assert "exact_match" in card
    assert "multi-label-classification" in card

    page = alices_page.post(f"/{model}/ask", data={"text": HURRIED}).text
    assert page.count("(said)") == 2
    assert "This is about: " in page
    [labels] = alices_page.post(f"/run/{model}", json={"inputs": HURRIED}).json()
    assert {one["label"] for one in labels if one["predicted"]} == {"refund", "urgent"}
    question = {"question": HURRIED}
    asked = alices_page.post(f"/api/etabli/ask/{model}", json=question).json()
    assert set(asked["predicted"]) == {"refund", "urgent"}
    chat = {"model": model, "messages": [{"role": "user", "content": HURRIED}]}
    said = alices_page.post("/v1/chat/completions", json=chat).json()["choices"][0]["message"]
    assert "refund" in said["content"]
    assert "urgent" in said["content"]

    table = {"table": ("t.csv", f'message,n\n"{HURRIED}",1\nthe lamp is cracked,2\n')}
    told = alices_page.post(f"/api/etabli/sort/{model}", files=table).text
    rows = list(csv.DictReader(io.StringIO(told.removeprefix("\ufeff"))))
    assert [row["label"] for row in rows] == ["refund|urgent", "broken"]

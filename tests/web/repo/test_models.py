"""The pages of a model that was made here: asking it, and how good it is."""

import json
import re

import pytest

from etabli.features.repos import RepoType
from etabli.foundation.lru import LruCache
from etabli.web.kit import kept_pages
from tests.web.conftest import make_repo

QUESTION = "I lost my card, it was stolen"


def test_the_card_page_says_how_good_it_is_and_lets_one_ask(page_client, sorter):
    page = page_client.get("/alice/sorter").text

    assert re.search(r"Right \d+ times out of 100", page)
    assert 'action="/alice/sorter/ask#try"' in page
    assert "modelled" in page
    assert "/run/alice/sorter" in page
    assert 'href="/alice/sorter/evaluation"' in page


def test_anybody_asks_a_public_model_with_or_without_a_script(page_client, sorter):
    whole = page_client.post("/alice/sorter/ask", data={"text": QUESTION})
    part = page_client.post(
        "/alice/sorter/ask", data={"text": QUESTION}, headers={"HX-Request": "true"}
    )

    assert whole.status_code == part.status_code == 200
    assert "<html" in whole.text
    assert "<html" not in part.text
    for answer in (whole.text, part.text):
        assert QUESTION in answer
        assert "Freeze it in the app." in answer
        assert "CO<sub>2</sub>e" in answer


def test_the_page_says_that_a_machine_answers_and_who_wrote_the_reply(page_client, sorter):
    assert "A machine answers here, not a person." in page_client.get("/alice/sorter").text

    def answer(text):
        return page_client.post("/alice/sorter/ask", data={"text": text}).text

    assert "A machine chose this reply; a person wrote it." in answer(QUESTION)
    assert "A machine composed this reply." in answer("zzz qqq 44")


def test_a_page_with_somebodys_question_is_kept_nowhere(page_client, sorter, monkeypatch):
    pages = LruCache(1_000_000)
    monkeypatch.setattr(kept_pages, "_pages", pages)
    assert QUESTION in page_client.post("/alice/sorter/ask", data={"text": QUESTION}).text
    assert len(pages) == 0
    assert page_client.get("/alice/sorter").status_code == 200
    assert len(pages) == 1


def test_pointing_at_a_reading_gives_its_reply(page_client, sorter):
    sent = {"text": QUESTION, "chosen": "card_lost"}
    answer = page_client.post("/alice/sorter/ask", data=sent).text

    assert "You said which one was meant" in answer
    assert "Freeze it in the app." in answer


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "There is no question."), ("x" * 2001, "keep it under 2,000 characters")],
)
def test_what_is_no_question_is_said_beside_the_field(page_client, sorter, text, sentence):
    answer = page_client.post("/alice/sorter/ask", data={"text": text})

    assert answer.status_code in (400, 422)
    assert re.search(rf'id="e-ask">.*?{sentence}', answer.text, re.DOTALL)


def test_the_evaluation_says_where_each_figure_comes_from(page_client, site, sorter):
    with site.open_hub() as hub:
        hub.catalogue.index(sorter.key)
    page = page_client.get("/alice/sorter/evaluation")

    assert page.status_code == 200
    for words in (
        "How each figure was obtained",
        "Wilson",
        "assumed",  # the power of a busy core
        "arxiv.org/abs/2508.15734",
        "Compare the number of zeros",
        "Each label, the worst first",
        "hf download alice/sorter-data",
    ):
        assert words in page.text, words
    assert page_client.get("/alice/sorter/evaluation?threshold=0.5").status_code == 200
    assert page_client.get("/alice/sorter/evaluation?mistakes=all").status_code == 200
    assert page_client.get("/alice/sorter/evaluation?threshold=nan").status_code == 200


def test_a_private_model_is_not_there_for_others(page_client, site, alice, sorter, bob):
    with site.open_hub() as hub:
        hub.repos.set_private(alice, hub.repos.get(alice, RepoType.MODEL, "alice/sorter"), True)

    assert page_client.get("/alice/sorter/evaluation").status_code == 404
    assert page_client.post("/alice/sorter/ask", data={"text": QUESTION}).status_code == 404


def test_a_model_made_elsewhere_has_a_page_and_no_question(page_client, model):
    page = page_client.get("/alice/letters").text

    assert "ask#try" not in page
    assert page_client.get("/alice/letters/evaluation").status_code == 404
    assert page_client.post("/alice/letters/ask", data={"text": "hello"}).status_code == 404


ODD = {
    "not JSON": "{",
    "another shape": json.dumps({"accuracy": 0.9}),
    "out of range": json.dumps({"accuracy": {"value": 7, "low": 0, "high": 1}}),
    "a list": "[]",
}


@pytest.mark.parametrize("name", ODD)
def test_an_evaluation_that_cannot_be_read_breaks_no_page(page_client, site, alice, name):
    files = {"README.md": "# Odd\n", "eval.json": ODD[name], "energy.json": "{}"}
    make_repo(site, alice, RepoType.MODEL, "odd", files)

    assert page_client.get("/alice/odd").status_code == 200
    assert page_client.get("/alice/odd/evaluation").status_code == 404


def test_what_somebody_wrote_in_an_evaluation_stays_text(page_client, site, alice, made, sorter):
    exam = json.loads(made["eval.json"])
    exam["per_class"][0]["label"] = "<script>alert(1)</script>"
    energy = json.loads(made["energy.json"])
    energy["a_thousand_answers"]["energy_how"] = "<b>magic</b> {0.__class__}"
    files = {"eval.json": json.dumps(exam), "energy.json": json.dumps(energy)}
    make_repo(site, alice, RepoType.MODEL, "odd", files)
    page = page_client.get("/alice/odd/evaluation").text

    assert "<script>alert" not in page
    assert "&lt;b&gt;magic" in page

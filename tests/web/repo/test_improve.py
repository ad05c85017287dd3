"""Changing what a published model says, on its page."""

import re

QUESTION = "I lost my card, it was stolen"
PAGE = "/alice/sorter/improve"


def fields_of(page: str) -> dict[str, str]:
    commit = re.search(r'name="commit" value="(\w+)"', page)
    assert commit
    return {"commit": commit[1]}


def test_the_owner_changes_replies_sentences_and_certainty(alices_page, site, alice, sorter):
    page = alices_page.get(PAGE).text
    assert "Freeze it in the app." in page
    assert page.count('name="certainty"') > 5
    assert page.count("checked") == 1

    sent = fields_of(page) | {
        "reply:card_lost": "Block it by telephone.\r\nDay and night.",
        "sentence:human": "Call 01 23 45 67 89.",
        "certainty": "0.35",
    }
    assert alices_page.post(PAGE, data=sent).status_code == 303

    again = alices_page.get(PAGE).text
    assert "Block it by telephone.\nDay and night." in again
    assert "Call 01 23 45 67 89." in again
    answer = alices_page.post("/alice/sorter/ask", data={"text": QUESTION}).text
    assert "Block it by telephone." in answer
    with site.read_hub() as hub:
        assert hub.serving.assistant(sorter).certainty == 0.35


def test_nothing_that_was_typed_is_lost_when_somebody_was_quicker(alices_page, sorter):
    read = fields_of(alices_page.get(PAGE).text)
    alices_page.post(PAGE, data=read | {"reply:card_lost": "First."})

    late = alices_page.post(PAGE, data=read | {"reply:card_lost": "Second."})

    assert late.status_code == 409
    assert "Somebody saved here" in late.text
    assert "Second." in late.text
    alices_page.post(PAGE, data=fields_of(late.text) | {"reply:card_lost": "Second."})
    assert "Second." in alices_page.get(PAGE).text


def test_a_reply_that_is_too_long_is_said_and_kept(alices_page, sorter):
    read = fields_of(alices_page.get(PAGE).text)
    answer = alices_page.post(PAGE, data=read | {"reply:card_lost": "long " * 5000})

    assert answer.status_code == 400
    assert "under 20,000 characters" in answer.text
    assert "long long" in answer.text


def test_only_who_may_write_sees_the_way_there(page_client, site, alice, sorter):
    assert PAGE not in page_client.get("/alice/sorter").text
    assert page_client.get(PAGE).status_code in (302, 303, 401)


def test_a_model_made_elsewhere_has_nothing_to_improve(alices_page, model):
    assert "/alice/letters/improve" not in alices_page.get("/alice/letters").text
    assert alices_page.get("/alice/letters/improve").status_code == 404

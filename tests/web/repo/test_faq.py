"""A model that replies with the answers of a FAQ: its page, other sites, programs, its owner."""

import pytest

from tests import made

RESET = made.FAQ["How do I reset my password?"]


@pytest.fixture
def faq(site, alice):
    return made.answering(site, alice).model


def test_each_door_replies_with_the_literal_answer_or_asks_or_refuses(page_client, faq):
    asked = page_client.post(f"/{faq}/ask", data={"text": "how do i reset my pasword"}).text
    assert RESET in asked
    assert "A machine chose this reply; a person wrote it." in asked
    assert "How do I reset my password?" in asked

    both = page_client.post(f"/{faq}/ask", data={"text": "delivery"}).text
    assert both.count('name="chosen"') == 2
    chosen = {"text": "delivery", "chosen": "How much does a delivery cost?"}
    for door in (f"/{faq}/ask", f"/embed/{faq}?lang=en"):
        assert made.FAQ[chosen["chosen"]] in page_client.post(door, data=chosen).text
    silent = page_client.post(f"/embed/{faq}?lang=en", data={"text": "Who rules Peru?"}).text
    assert "None of the answers that I know fits this." in silent

    said = page_client.post(f"/run/{faq}", json={"inputs": {"question": "reset password"}}).json()
    assert (said["answer"], said["start"], said["end"]) == (RESET, 0, len(RESET))
    assert said["label"] == "How do I reset my password?"
    near = page_client.post(f"/run/{faq}", json={"inputs": "delivery"}).json()
    assert (near["answer"], near["decision"], len(near["did_you_mean"])) == ("", "clarify", 2)
    chat = {"model": faq, "messages": [{"role": "user", "content": "delivery"}]}
    [choice] = page_client.post("/v1/chat/completions", json=chat).json()["choices"]
    assert choice["message"]["content"].startswith("Did you mean “How ")


def test_its_page_never_calls_a_made_question_somebody_s(page_client, faq):
    page = page_client.get(f"/{faq}").text
    assert "Replies with one of 6 answers of a FAQ" in page
    assert "Use it with a person" in page
    assert "nobody’s questions were tried" in page
    assert "Python, as a classifier" not in page


def test_its_owner_changes_an_answer_without_making_it_again(alices_page, site, alice):
    model = made.answering(site, alice).model
    longer = "Call us. " * 1000
    change = {"reply:How do I reset my password?": longer}
    alices_page.post(f"/{model}/improve", data=change)
    said = alices_page.post(f"/run/{model}", json={"inputs": "reset password"}).json()
    assert said["answer"] == longer.strip()

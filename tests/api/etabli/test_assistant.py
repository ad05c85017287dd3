"""What a published model says and when, read and changed by program."""

import pytest

from tests import made

ADDRESS = "/api/etabli/models/alice/helpdesk/assistant"
LOST = {"question": "my card is lost"}


@pytest.fixture
def helpdesk(site, alice):
    return made.published(site, alice)


def ask(client, question=LOST):
    return client.post("/api/etabli/ask/alice/helpdesk", json=question).json()


def test_a_reply_and_a_sentence_are_said_from_now_on(client, alices_token, helpdesk):
    owner = {"Authorization": f"Bearer {alices_token}"}
    change = {
        "replies": {"card_lost": "Call us on 01 23 45 67 89."},
        "sentences": {"outside": "Write to help@bank.example.", "human": "Write to us."},
    }

    answer = client.patch(ADDRESS, json=change, headers=owner)

    assert answer.status_code == 200, answer.text
    assert answer.json()["replies"]["card_lost"] == "Call us on 01 23 45 67 89."
    assert ask(client)["reply"] == "Call us on 01 23 45 67 89."
    elsewhere = ask(client, {"question": "zzz qqq 44"})
    assert elsewhere["reply"] in ("Write to help@bank.example.", "Write to us.")
    assert elsewhere["generated"] is False


def test_the_certainty_asked_for_decides_who_answers(client, alices_token, helpdesk):
    owner = {"Authorization": f"Bearer {alices_token}"}
    assert ask(client)["decision"] == "answer"

    client.patch(ADDRESS, json={"certainty": 1.0}, headers=owner)
    assert ask(client)["decision"] in ("clarify", "human")

    client.patch(ADDRESS, json={"certainty": 0.0}, headers=owner)
    assert ask(client)["decision"] == "answer"


def test_the_same_change_twice_is_one(client, alices_token, helpdesk):
    owner = {"Authorization": f"Bearer {alices_token}"}
    once = client.patch(ADDRESS, json={"certainty": 0.5}, headers=owner).json()
    assert client.patch(ADDRESS, json={"certainty": 0.5}, headers=owner).json() == once


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"replies": {"no such": "x"}}, "no label “no such”"),
        ({"sentences": {"greeting": "x"}}, "clarify, outside, human"),
        ({"sentences": {"human": "x" * 2001}}, "under 2,000 characters"),
        ({"certainty": 1.5}, "from 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    client, alices_token, helpdesk, change, sentence
):
    before = client.get(ADDRESS).json()
    answer = client.patch(ADDRESS, json=change, headers={"Authorization": f"Bearer {alices_token}"})

    assert answer.status_code == 400
    assert sentence in answer.text
    assert client.get(ADDRESS).json() == before


def test_who_read_an_older_commit_is_told(client, alices_token, helpdesk):
    owner = {"Authorization": f"Bearer {alices_token}"}
    read = client.get(ADDRESS).json()["commit"]
    client.patch(ADDRESS, json={"certainty": 0.4}, headers=owner)

    late = client.patch(ADDRESS, json={"certainty": 0.6, "commit": read}, headers=owner)

    assert late.status_code in (409, 412)
    assert client.get(ADDRESS).json()["certainty"] == 0.4


def test_others_may_look_and_not_change(client, helpdesk):
    assert client.get(ADDRESS).status_code == 200
    assert client.patch(ADDRESS, json={"certainty": 0.1}).status_code == 401

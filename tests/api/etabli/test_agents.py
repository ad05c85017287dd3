"""What an assistant of another maker reads before it asks."""

import pytest

from etabli.features.repos import RepoType
from tests import made


@pytest.fixture
def helpdesk(site, alice):
    return made.published(site, alice)


def test_the_hub_says_how_it_is_asked_and_which_models_answer(client, helpdesk):
    answer = client.get("/llms.txt")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/markdown")
    assert answer.text.startswith("# ")
    assert "/mcp" in answer.text
    assert "/alice/helpdesk/agents.md)" in answer.text


def test_a_model_says_how_to_ask_it_and_what_it_can_say(client, helpdesk):
    text = client.get("/alice/helpdesk/agents.md").text

    assert "/api/etabli/ask/alice/helpdesk" in text
    assert "- card_lost" in text
    assert "Do not answer in its place" in text


def test_what_is_private_is_told_to_nobody_else(client, site, alice, alices_token, helpdesk):
    with site.open_hub() as hub:
        hub.repos.set_private(alice, hub.repos.get(alice, RepoType.MODEL, "alice/helpdesk"), True)

    assert "alice/helpdesk" not in client.get("/llms.txt").text
    assert client.get("/alice/helpdesk/agents.md").status_code == 404
    owner = {"Authorization": f"Bearer {alices_token}"}
    assert "It is private" in client.get("/alice/helpdesk/agents.md", headers=owner).text


def test_a_model_that_cannot_answer_says_so(client, site, alice):
    with site.open_hub() as hub:
        hub.repos.create(alice, RepoType.MODEL, "alice", "weights")
    answer = client.get("/alice/weights/agents.md")
    assert (answer.status_code, "cannot answer here" in answer.text) == (404, True)

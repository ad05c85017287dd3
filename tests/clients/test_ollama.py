"""Ollama's own client asks an assistant that was made here."""

import pytest
from ollama import Client, ResponseError

from tests import made

NAME = "ollama-helpdesk"
MODEL = f"alice/{NAME}"


@pytest.fixture(scope="module")
def client(running_hub):
    with running_hub.site.read_hub() as hub:
        alice = hub.accounts.actor("alice")
    made.published(running_hub.site, alice, NAME)
    with Client(running_hub.endpoint) as client:
        yield client


@pytest.fixture
def question():
    return [
        {"role": "system", "content": "be kind"},
        {"role": "user", "content": "my card is lost"},
    ]


def test_it_chats(client, question):
    answer = client.chat(MODEL, messages=question, options={"temperature": 0})
    assert answer.message.content == "Freeze the card in the app."
    assert answer.done
    assert answer.total_duration > 0
    assert answer.eval_count is None


def test_a_chat_is_streamed(client, question):
    pieces = list(client.chat(f"{MODEL}:latest", messages=question, stream=True))
    assert "".join(piece.message.content for piece in pieces) == "Freeze the card in the app."
    assert [piece.done for piece in pieces] == [False, True]


def test_it_generates(client):
    answer = client.generate(MODEL, "my card is lost")
    assert (answer.response, answer.done_reason) == ("Freeze the card in the app.", "stop")
    pieces = list(client.generate(MODEL, "my card is lost", stream=True))
    assert "".join(piece.response for piece in pieces) == answer.response


def test_a_model_is_loaded_beforehand(client):
    assert client.generate(MODEL).done_reason == "load"


def test_models_are_listed_and_shown(client):
    [listed] = [one for one in client.list().models if one.model == MODEL]
    assert listed.size > 1000
    assert len(listed.digest) == 40
    shown = client.show(MODEL)
    assert shown.capabilities == ["completion"]
    assert "card_lost" in shown.modelinfo["etabli.labels"]
    assert shown.details.family == "etabli-ngram"


def test_its_errors_are_the_client_s_own(client):
    with pytest.raises(ResponseError, match="too long") as refused:
        client.generate(MODEL, "x" * 3000)
    assert refused.value.status_code == 400
    with pytest.raises(ResponseError, match="no repository") as missing:
        client.show("alice/nothing")
    assert missing.value.status_code == 404
    with pytest.raises(ResponseError, match="no encoder"):
        client.embed("alice/encoder", "hello")

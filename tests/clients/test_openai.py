"""OpenAI's own client, and Hugging Face's inference client, ask an assistant that was made here."""

import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError
from openai import BadRequestError, NotFoundError, OpenAI

from tests import made


@pytest.fixture(scope="module")
def assistant(running_hub):
    with running_hub.site.read_hub() as hub:
        alice = hub.accounts.actor("alice")
    made.published(running_hub.site, alice)
    return OpenAI(base_url=f"{running_hub.endpoint}/v1", api_key="none")


def ask(assistant, text, **more):
    messages = [{"role": "user", "content": text}]
    return assistant.chat.completions.create(model="alice/helpdesk", messages=messages, **more)


def test_the_assistant_answers_as_a_chat_model_would(assistant):
    answer = ask(assistant, "my card is lost", temperature=0)
    assert answer.choices[0].message.content == "Freeze the card in the app."
    assert answer.model_extra["etabli"]["cost"]["energy_method"] == "modelled"
    assert "alice/helpdesk" in [model.id for model in assistant.models.list()]


def test_it_streams(assistant):
    pieces = [chunk.choices[0].delta.content for chunk in ask(assistant, "my pin", stream=True)]
    assert "".join(piece for piece in pieces if piece)


def test_its_errors_are_the_client_s_own(assistant):
    with pytest.raises(BadRequestError, match="too long"):
        ask(assistant, "x" * 3000)
    with pytest.raises(NotFoundError, match="no repository"):
        assistant.chat.completions.create(
            model="alice/nothing", messages=[{"role": "user", "content": "x"}]
        )


@pytest.mark.usefixtures("assistant")
def test_the_inference_client_classifies(running_hub):
    client = InferenceClient(model=f"{running_hub.endpoint}/run/alice/helpdesk")
    labels = client.text_classification("my card is lost", top_k=2)
    assert [labels[0].label, len(labels)] == ["card_lost", 2]
    assert labels[0].score > 0.5


@pytest.mark.usefixtures("assistant")
def test_one_address_does_all_that_the_inference_client_can_ask_of_it(running_hub):
    client = InferenceClient(model=f"{running_hub.endpoint}/run/alice/helpdesk")
    lost = [{"role": "user", "content": "my card is lost"}]
    answer = client.chat_completion(lost)
    assert answer.choices[0].message.content == "Freeze the card in the app."
    pieces = [chunk.choices[0].delta.content for chunk in client.chat_completion(lost, stream=True)]
    assert "".join(piece for piece in pieces if piece) == "Freeze the card in the app."
    with pytest.raises(HfHubHTTPError, match="labels that it has learned"):
        client.zero_shot_classification("my card is lost", ["card", "pin"])
    with pytest.raises(HfHubHTTPError, match="sorts texts"):
        client.question_answering(question="Where is my card?", context="In the drawer.")
    with pytest.raises(HfHubHTTPError, match="no repository"):
        InferenceClient(model=f"{running_hub.endpoint}/run/alice/nothing").text_classification("x")


@pytest.mark.usefixtures("assistant")
def test_the_inference_client_chats_by_the_address_of_the_hub(running_hub):
    client = InferenceClient(base_url=running_hub.endpoint)
    lost = [{"role": "user", "content": "my card is lost"}]
    answer = client.chat.completions.create(model="alice/helpdesk", messages=lost)
    assert answer.choices[0].message.content == "Freeze the card in the app."

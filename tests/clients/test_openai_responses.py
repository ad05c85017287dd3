"""OpenAI's own client asks by the Responses API, and has texts made into vectors."""

import math

import pytest
from huggingface_hub import InferenceClient
from ollama import Client
from openai import BadRequestError, NotFoundError, OpenAI

from etabli.features.accounts import Actor
from etabli.features.repos import RepoType
from etabli.foundation.i18n.messages import ENGLISH
from etabli.operations.encoders import add_encoder
from tests import made
from tests.engine.tiny_encoder import write_weights


@pytest.fixture(scope="module")
def assistant(running_hub):
    with running_hub.site.read_hub() as hub:
        alice = hub.accounts.actor("alice")
    made.published(running_hub.site, alice, name="responding")
    return OpenAI(base_url=f"{running_hub.endpoint}/v1", api_key="none")


@pytest.fixture(scope="module")
def ada(running_hub) -> Actor:
    with running_hub.site.open_hub() as hub:
        return hub.accounts.register("ada", "correct horse", is_admin=True)


def test_it_responds(assistant):
    content = [{"type": "input_text", "text": "my card is lost"}]
    for asked in ("my card is lost", [{"role": "user", "content": content}]):
        answer = assistant.responses.create(model="alice/responding", input=asked, store=False)
        assert answer.output_text == "Freeze the card in the app."
        assert answer.status == "completed"
        said = answer.model_extra["etabli"]
        assert [said["decision"], said["generated"]] == ["answer", False]
        assert said["cost"]["energy_method"] == "modelled"


def test_it_streams_typed_events(assistant):
    with assistant.responses.stream(model="alice/responding", input="my pin is blocked") as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert "response.output_text.delta" in kinds
    assert final.output_text == "Unblock it at a machine."


def test_its_errors_are_the_client_s_own(assistant):
    with pytest.raises(BadRequestError, match="no question"):
        assistant.responses.create(model="alice/responding", input=[])
    with pytest.raises(NotFoundError, match="no repository"):
        assistant.responses.create(model="alice/nothing", input="hello")


def test_embeddings_are_the_encoder_s(assistant, running_hub, ada, tmp_path):
    def embed(texts, **more):
        return assistant.embeddings.create(model="ada/tiny", input=texts, **more)

    with pytest.raises(NotFoundError, match="no encoder yet"):
        embed("my card")
    source = write_weights(tmp_path / "weights")
    site = running_hub.site
    add_encoder(site, ada, str(source), "tiny", "mit", ENGLISH)
    answer = embed(["my card is lost", "what is the weather"])
    first, second = (one.embedding for one in answer.data)
    assert answer.model == "ada/tiny"
    assert answer.usage.total_tokens == 12  # with the marks at the ends of each
    assert math.isclose(math.hypot(*first), 1, rel_tol=1e-3)
    assert first != second
    floats = embed("my card is lost", encoding_format="float").data[0].embedding
    assert floats == pytest.approx(first)
    assert answer.model_extra["etabli"]["cost"]["energy_method"] == "modelled"
    with pytest.raises(BadRequestError, match="leave dimensions out"):
        embed("my card", dimensions=7)
    with pytest.raises(BadRequestError, match="at most 100"):
        embed(["my card"] * 101)
    with pytest.raises(NotFoundError, match="encoder of this hub is ada/tiny"):
        assistant.embeddings.create(model="text-embedding-3-small", input="my card")
    extracting = InferenceClient(model=f"{running_hub.endpoint}/run/ada/tiny")
    assert list(extracting.feature_extraction("my card is lost")) == pytest.approx(first)
    assert extracting.feature_extraction(["one", "two"]).shape == (2, len(first))
    with Client(running_hub.endpoint) as local:
        found = local.embed("ada/tiny", ["my card is lost"])
        assert list(found.embeddings[0]) == pytest.approx(first)
        assert found.prompt_eval_count == 6
        assert local.show("ada/tiny").capabilities == ["embedding"]
    with site.open_hub() as hub:  # no other test's model shall stand on it
        hub.repos.delete(ada, hub.repos.get(ada, RepoType.MODEL, "ada/tiny"))

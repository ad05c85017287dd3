"""An encoder is added to a hub; a model is made on it, published, and asked."""

import asyncio
import json
import zipfile
from random import Random

import pytest

from etabli.features.accounts import Actor
from etabli.features.repos import RepoType
from etabli.features.serving import EncoderMissingError
from etabli.features.workshop import BadEncoderError
from etabli.foundation.i18n.messages import ENGLISH
from etabli.operations import inference
from etabli.operations.encoders import add_encoder
from tests import made
from tests.engine.tiny_encoder import write_weights
from tests.features.workshop.standalone_program import answers_of_card, fetched


@pytest.fixture
def ada(site):
    with site.open_hub() as hub:
        return hub.accounts.register("ada", "a long password", is_admin=True)


def add(site, actor, source, name="tiny"):
    return add_encoder(site, actor, str(source), name, "apache-2.0", ENGLISH)


@pytest.fixture
def encoder(site, ada, tmp_path):
    return add(site, ada, write_weights(tmp_path / "tiny"))


def test_it_is_a_public_model_with_its_card(site, encoder):
    with site.read_hub() as hub:
        repo = hub.repos.get(Actor(None), RepoType.MODEL, "ada/tiny")
        snapshot = hub.repos.snapshot(repo)
        card = snapshot.find_text("README.md")
        config = json.loads(snapshot.find_text("config.json"))
        assert hub.serving.find_encoder().repo == "ada/tiny"
    assert config["source_sha256"]["model.safetensors"] in card
    assert "license: apache-2.0" in card


def test_a_zip_and_a_model_of_this_hub_do_as_well(site, ada, tmp_path):
    folder = write_weights(tmp_path / "weights")
    archive = tmp_path / "weights.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in folder.iterdir():
            file.write(path, f"some/where/{path.name}")
    assert add(site, ada, archive, "zipped").full_name == "ada/zipped"


@pytest.mark.parametrize("source", ["nothing-of-that-name", "README.md"])
def test_what_is_no_encoder_is_said(site, ada, source):
    with pytest.raises(BadEncoderError, match="There is no encoder"):
        add(site, ada, source)


def test_nothing_half_made_stays(site, ada, tmp_path):
    source = write_weights(tmp_path / "weights", model_type="gpt2")
    with pytest.raises(BadEncoderError, match="is not read here"):
        add(site, ada, source)
    with site.read_hub() as hub:
        hub.repos.require_free(ada, RepoType.MODEL, "ada", "tiny")
        assert hub.serving.find_encoder() is None


def test_somebody_else_s_encoder_is_not_run(site, alice, tmp_path):
    add(site, alice, write_weights(tmp_path / "weights"), "mine")
    with site.read_hub() as hub:
        assert hub.serving.find_encoder() is None


def invented_words(count):
    """Words of no language, in which no letters come back that would help."""
    chance = Random(3)
    return ["".join(chance.sample("abcdefghijklmnopqrstuvwxyz", 9)) for _ in range(count)]


@pytest.fixture
def made_on_it(site, alice, ada, tmp_path):
    """Each text is a word of its own; only the encoder knows which of two things it means."""
    words = invented_words(240)
    means = {word: ("card", "pin")[at % 2] for at, word in enumerate(words)}
    add(site, ada, write_weights(tmp_path / "knowing", same=means), "knowing")
    rows = [f"{word},{means[word]}" for word in words[:200]]
    content = "text,label\n" + "\n".join(rows) + "\n"
    run = made.make(site, alice, made.start(site, alice, content=content))
    return run, {word: means[word] for word in words[200:]}


def test_a_model_stands_on_it_where_that_is_clearly_better(site, alice, made_on_it):
    run, unseen = made_on_it
    with site.read_hub() as hub:
        ladder = hub.workshop.result(run)["ladder"]
        folder = hub.workshop.model_folder(run)
    assert ladder["rung"] == "small", ladder
    assert ladder["encoder"]["repo"] == "ada/knowing"
    answers = asyncio.run(inference.ask_folder(site, alice, folder, list(unseen)))
    right = [
        answer.predicted[0].label == label
        for answer, label in zip(answers, unseen.values(), strict=True)
    ]
    assert sum(right) >= 36  # of 40; words and letters have 20


def test_it_is_published_names_what_it_stands_on_and_answers(
    site, alice, ada, made_on_it, tmp_path
):
    run, unseen = made_on_it
    made.publish(site, alice, run)
    with site.read_hub() as hub:
        repo = hub.repos.get(alice, RepoType.MODEL, "alice/helpdesk")
        assert "base_model: ada/knowing" in hub.repos.snapshot(repo).find_text("README.md")
    word, label = next(iter(unseen.items()))
    [answer] = asyncio.run(inference.ask(site, alice, repo, [word]))
    assert answer.predicted[0].label == label
    # Without Établi, by the program in its card.
    folder = fetched(site, alice, "alice/helpdesk", tmp_path / "fetched")
    fetched(site, ada, "ada/knowing", folder / "encoder")
    several = list(unseen)[:8]
    answers = asyncio.run(inference.ask(site, alice, repo, several))
    for alone, answer in zip(answers_of_card(folder, several), answers, strict=True):
        assert (alone["decision"], alone["label"]) == (answer.decision, answer.predicted[0].label)
        assert alone["probability"] == pytest.approx(answer.certainty, abs=1e-5)
    with site.open_hub() as hub:
        hub.repos.delete(ada, hub.repos.get(ada, RepoType.MODEL, "ada/knowing"))
    with pytest.raises(EncoderMissingError, match="the encoder ada/knowing"):
        asyncio.run(inference.ask(site, alice, repo, [word]))

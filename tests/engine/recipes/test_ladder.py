"""Which rung is taken, and what is saved of it."""

import json

import numpy as np
import pytest

from etabli.engine.encoders.__main__ import convert
from etabli.engine.recipes.__main__ import run
from etabli.engine.recipes.text_classification.calibrating import Scored
from etabli.engine.recipes.text_classification.ladder import Prefer, Rung, choose
from etabli.engine.runtimes.process import LoadedModels, answer_line
from tests.engine.tiny_encoder import write_weights


def scored(right: int, rows: int = 400) -> Scored:
    """Of two labels; the first `right` rows are right."""
    margins = np.zeros((rows, 2), np.float32)
    margins[:right, 0] = 1
    margins[right:, 1] = 1
    return Scored(margins, np.ones(rows, np.float32), np.zeros(rows, np.intp))


@pytest.mark.parametrize(
    ("instant", "small", "prefer", "rung"),
    [
        (300, 360, Prefer.BALANCE, Rung.SMALL),
        (300, 303, Prefer.BALANCE, Rung.INSTANT),  # a gain, and maybe chance
        (300, 303, Prefer.ACCURACY, Rung.SMALL),
        (300, 300, Prefer.ACCURACY, Rung.INSTANT),
        (300, 200, Prefer.BALANCE, Rung.INSTANT),
    ],
)
def test_the_smallest_rung_that_is_good_enough(instant, small, prefer, rung):
    choice = choose(scored(instant), scored(small), prefer)
    assert choice.rung is rung
    assert f"{100 * instant / 400:.1f}" in str(choice.reason)


@pytest.fixture
def encoder(tmp_path):
    folder = tmp_path / "encoder"
    folder.mkdir()
    convert(write_weights(tmp_path / "weights"), folder)
    return {"folder": str(folder), "repo": "ada/tiny", "commit": "c" * 40}


def ask(job, text, **more):
    request = {"id": 1, "op": "ask", "model": str(job.path / "model"), "text": text, **more}
    return answer_line(LoadedModels(), json.dumps(request))


def test_without_an_encoder_it_ends_at_words_and_says_how_to_go_on(job):
    assert run("train", job.path) == 0
    ladder = job.read("result.json")["ladder"]
    assert ladder["rung"] == "instant"
    assert "etabli encoders add" in ladder["reason"]["template"]
    assert set(ladder["rungs"]) == {"instant"}


@pytest.mark.parametrize("prefer", ["frugal", "offline"])
def test_who_wants_it_frugal_has_no_encoder(job, encoder, prefer):
    job.choose(encoder=encoder, prefer=prefer)
    assert run("train", job.path) == 0
    ladder = job.read("result.json")["ladder"]
    assert (ladder["rung"], ladder["encoder"]) == ("instant", None)
    assert set(ladder["rungs"]) == {"instant"}


def test_an_encoder_that_knows_nothing_is_not_taken(job, encoder):
    job.choose(encoder=encoder)
    assert run("train", job.path) == 0
    ladder = job.read("result.json")["ladder"]
    assert ladder["rung"] == "instant"
    assert set(ladder["rungs"]) == {"instant", "small"}  # and yet it was tried


@pytest.fixture
def climbed(job, encoder, monkeypatch):
    """A job at the second rung, whichever is better: the choice itself is tested above."""
    monkeypatch.setattr(
        "etabli.engine.recipes.text_classification.climbing.choose",
        lambda instant, small, prefer: choose(scored(0), scored(400), prefer),
    )
    job.write("answers", "label,answer\ncard,Freeze it in the app.\n")
    job.choose(encoder=encoder)
    assert run("train", job.path) == 0
    return job


def test_the_second_rung_is_saved_and_answers(climbed, encoder):
    result = climbed.read("result.json")
    assert result["ladder"]["encoder"] == {**encoder, "folder": None}
    folder = climbed.path / "model"
    config = json.loads((folder / "config.json").read_text())
    assert config["model_type"] == "etabli-hybrid"
    own = json.loads((folder / "etabli.json").read_text())
    assert own["small"]["encoder"]["repo"] == "ada/tiny"
    assert encoder["folder"] not in (folder / "etabli.json").read_text()
    said = ask(climbed, "my card is lost", encoder=encoder["folder"])
    assert said["ok"]
    assert said["result"]["labels"][0]["label"] == "card"


def test_it_is_refused_without_its_encoder(climbed):
    assert not ask(climbed, "my card is lost")["ok"]


def test_it_is_refused_with_another_encoder(climbed, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    convert(write_weights(tmp_path / "others", layer_norm_eps=1e-5), other)
    said = ask(climbed, "my card is lost", encoder=str(other))
    assert "its encoder is not" in str(said["error"]["values"])


def test_the_examination_chooses_nothing(job, encoder):
    """Its labels are poisoned: all that was chosen and learned is the same."""
    lines = (job.path / "data" / "train.csv").read_text().splitlines()
    kept, examined = lines[1:60], lines[60:]
    job.write("train", "\n".join([lines[0], *kept]) + "\n")
    outcomes = []
    for poisoned in (False, True):
        rows = [line.rsplit(",", 1)[0] + ",card" if poisoned else line for line in examined]
        job.write("test", "\n".join([lines[0], *rows]) + "\n")
        job.choose(encoder=encoder)
        assert run("train", job.path) == 0
        result = job.read("result.json")
        weights = (job.path / "model" / "model.safetensors").read_bytes()
        outcomes.append((result["ladder"], result["thresholds"], result["temperature"], weights))
        accuracy = result["accuracy"]["value"]
    assert outcomes[0] == outcomes[1]
    assert accuracy < 0.9  # the poison was seen by the examination alone

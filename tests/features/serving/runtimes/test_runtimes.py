"""Each kind of model has words for all that it may decide, and the engine has a program for it."""

import importlib

import pytest

from etabli.engine.runtimes.process import RUNTIMES as PROGRAMS
from etabli.engine_contract.inference import Decision
from etabli.features.serving import Candidate
from etabli.features.serving.runtimes import RUNTIMES, find_runtime


def test_the_hub_describes_what_the_engine_can_answer_with():
    assert {one.name for one in RUNTIMES} == set(PROGRAMS)
    for name, module in PROGRAMS.items():
        assert name == importlib.import_module(module).MODEL_TYPE


@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda one: one.name)
def test_there_are_words_for_each_decision(runtime):
    candidates = [Candidate("card_lost", 0.8, None), Candidate("pin", 0.2, None)]
    said = candidates[:1]
    for decision in runtime.titles:
        assert str(runtime.reply(decision, said, candidates))
        assert str(runtime.judgement(decision, said, 0.8))
    assert "card lost" in str(runtime.reply(Decision.ANSWER, said, candidates))


def test_a_model_of_another_kind_is_nobodys():
    assert find_runtime("bert") is None
    assert find_runtime(["etabli-ngram"]) is None


def test_labels_that_are_none_are_passed_over():
    assert RUNTIMES[0].labels({"id2label": {"0": "card", "1": 2}}) == ["card", "2"]
    assert RUNTIMES[0].labels({"id2label": ["card"]}) == []


@pytest.mark.parametrize("settings", [{}, {"small": []}, {"small": {"encoder": "MiniLM"}}])
def test_a_model_that_stands_on_an_encoder_says_on_which(settings):
    hybrid = find_runtime("etabli-hybrid")
    with pytest.raises(ValueError, match="says on which"):
        hybrid.encoder(settings)
    said = {"small": {"encoder": {"repo": "root/encoder", "commit": "abc"}}}
    assert hybrid.encoder(said) == ("root/encoder", "abc")
    assert find_runtime("etabli-ngram").encoder(said) is None

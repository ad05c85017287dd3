"""An answer comes back through the pipe as it was given."""

import json

import pytest

from etabli.engine_contract.inference import AnswerResult, Decision, LabelScore


def test_an_answer_comes_back_as_it_was_given():
    best = LabelScore("card", 0.75, "Freeze it.")
    answer = AnswerResult(Decision.CLARIFY, [best], [best], None, "en", 0.2, 0.0001, "Which?")
    assert AnswerResult.of_json(json.loads(json.dumps(answer.as_json()))) == answer


@pytest.mark.parametrize(
    "said",
    [
        {"decision": "perhaps", "labels": [], "latency_ms": 1, "cpu_s": 0},
        {"decision": "answer", "labels": [], "latency_ms": 1, "cpu_s": 0},
        {"decision": "answer"},
    ],
)
def test_what_is_no_answer_is_refused(said):
    with pytest.raises((ValueError, KeyError)):
        AnswerResult.of_json(said)

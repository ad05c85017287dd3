"""An evaluation is read whole or refused: anybody may have written it."""

import json
from typing import Any

import pytest

from etabli.engine_contract.evaluation import UnreadableEvaluationError
from etabli.engine_contract.text_classification import TextClassificationExam


def evaluation(**otherwise: object) -> dict[str, Any]:
    said: dict[str, Any] = {
        "accuracy": {"value": 0.9, "low": 0.85, "high": 0.94},
        "macro_f1": 0.88,
        "baseline_accuracy": 0.2,
        "speed": {"p50_ms": 0.2, "p99_ms": 0.5, "cpu_s_per_answer": 0.0002},
        "data": {"n_train": 800, "n_test": 200},
        "training": {"wall_s": 3.0, "cpu_s": 2.5},
        "mistakes": [],
        "of_tomorrow": {},
    }
    return said | otherwise


def test_what_is_known_is_kept_and_the_rest_left_aside():
    exam = TextClassificationExam.read(json.dumps(evaluation()))
    assert (exam.right_of_100, exam.mistake_count, exam.has_learned) == (90, 20, True)
    assert not hasattr(exam, "of_tomorrow")


@pytest.mark.parametrize(
    "otherwise",
    [
        {"macro_f1": 1.2},
        {"macro_f1": "nan"},
        {"data": {"n_train": 800, "n_test": 0}},
        {"speed": {"p50_ms": -1, "p99_ms": 0.5, "cpu_s_per_answer": 0.0}},
        {"mistakes": [{"text": "x" * 5001, "true": "a", "predicted": "b", "probability": 0.5}]},
    ],
)
def test_what_cannot_be_so_is_refused(otherwise):
    with pytest.raises(UnreadableEvaluationError):
        TextClassificationExam.read(evaluation(**otherwise))

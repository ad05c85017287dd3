"""What to do with a model: the four verdicts, from examinations as the recipe writes them."""

import pytest

from etabli.engine_contract.text_classification import TextClassificationExam
from etabli.features.workshop import Use, advise


def exam(**changes):
    """Of 1,000 texts: 900 answered by itself, 97 in 100 of them rightly."""
    said = {
        "accuracy": {"value": 0.92, "low": 0.9, "high": 0.94},
        "macro_f1": 0.9,
        "baseline_accuracy": 0.1,
        "decisions": {"answer": {"share": 0.9, "right_share": 0.97}},
        "per_class": [
            {"label": label, "precision": f1, "recall": f1, "f1": f1, "support": 10}
            for label, f1 in (("good", 0.9), ("bad", 0.2), ("worse", 0.1), ("poor", 0.3))
        ],
        "speed": {"p50_ms": 1, "p99_ms": 2, "cpu_s_per_answer": 0.001},
        "data": {"n_train": 5000, "n_test": 1000},
        "training": {"wall_s": 1, "cpu_s": 1},
    }
    return TextClassificationExam.read(said | changes)


def unknown(answered):
    said = {"answer": answered, "outside": 1 - answered}
    return {"unknown_subjects": {"hidden_labels": 5, "questions": 100, "decisions": said}}


def decided(share, right_share):
    return {"decisions": {"answer": {"share": share, "right_share": right_share}}}


@pytest.mark.parametrize(
    ("changes", "use"),
    [
        ({}, Use.ALONE),
        (unknown(0.2), Use.ALONE),
        (unknown(0.4), Use.WITH_A_PERSON),
        (decided(0.4, 0.97), Use.WITH_A_PERSON),
        (decided(0.9, 0.85), Use.WITH_A_PERSON),
        (decided(0.9, 0.7), Use.NOT_YET),
        (decided(0.05, 1.0), Use.NOT_YET),
        ({"decisions": {}}, Use.NOT_YET),
        ({"accuracy": {"value": 0.1, "low": 0.08, "high": 0.12}}, Use.CANNOT),
        ({"accuracy": {"value": 1, "low": 0.4, "high": 1, "is_too_small": True}}, Use.NOT_YET),
    ],
)
def test_the_verdict(changes, use):
    assert advise(exam(**changes)).use is use


def test_ten_right_answers_out_of_ten_prove_little():
    few = exam(data={"n_train": 50, "n_test": 11}, **decided(0.9, 1.0))
    assert advise(few).use is not Use.ALONE


def test_what_is_not_ready_says_what_would_help_most():
    assert "worse, bad, poor" in str(advise(exam(**decided(0.9, 0.5))).next_step)

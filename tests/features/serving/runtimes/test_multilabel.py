"""What is said of several labels, and when they are what a table says."""

from etabli.engine_contract.inference import Decision
from etabli.features.serving import Candidate
from etabli.features.serving.runtimes import find_runtime

RUNTIME = find_runtime("etabli-multilabel")
BOTH = [Candidate("late_card", 0.9, None), Candidate("urgent", 0.8, None)]


def test_all_that_is_said_is_named():
    assert str(RUNTIME.reply(Decision.ANSWER, BOTH, BOTH)) == "This is about: late card, urgent."
    assert str(RUNTIME.judgement(Decision.ANSWER, BOTH, 0.724)) == "late_card + urgent, 72 % sure"


def test_that_no_label_fits_is_an_answer():
    assert str(RUNTIME.reply(Decision.ANSWER, [], BOTH)) == "None of my subjects fits this."
    assert str(RUNTIME.judgement(Decision.ANSWER, [], 0.9)) == "no label, 90 % sure"
    assert RUNTIME.written([]) == ""
    assert RUNTIME.is_right([], "|")


def test_labels_are_right_in_any_order_and_only_together():
    assert RUNTIME.written(["b", "a"]) == "a|b"
    assert RUNTIME.is_right(["b", "a"], "a|b")
    assert not RUNTIME.is_right(["a"], "a|b")
    assert not RUNTIME.is_right(["a", "b", "c"], "a|b")
    assert RUNTIME.knows({"a", "b", "c"}, "a|b")
    assert not RUNTIME.knows({"a"}, "a|b")

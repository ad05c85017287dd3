"""What is counted when models are compared."""

from dataclasses import replace

import pytest

from etabli.features.footprint import Emissions, Energy, Method
from etabli.features.serving import Answer, Candidate, Cost, Decision, difference, score
from etabli.features.serving.comparison import Example
from etabli.features.serving.runtimes.ngram import Ngram
from etabli.foundation.i18n.messages import Message

NOTHING = Message("", {})


def answer(label: str, decision: Decision = Decision.ANSWER, ms: float = 1.0) -> Answer:
    energy = Energy(0, 0, 0, Method.MODELLED, NOTHING)
    cost = Cost(ms, 0.002, energy, Emissions(0, Method.MODELLED, NOTHING))
    return Answer(decision, [Candidate(label, 0.9, None)], cost)


def scored(said: str):
    """Of ten examples, of which the even ones are of `a` and the odd ones of `b`."""
    examples = [Example(f"text {n}", "ab"[n % 2]) for n in range(10)]
    answers = [answer(label, ms=n + 1.0) for n, label in enumerate(said)]
    return score("alice/x", "0" * 40, 10, ["a", "c"], examples, answers)


def test_a_score_counts_what_is_right_and_what_it_took():
    found = scored("ababababaa")

    assert found.accuracy == 0.9
    assert found.known == 5
    assert (found.p50_ms, found.p99_ms) == (5.0, 10.0)
    assert found.cpu_s_per_answer == pytest.approx(0.002)
    low, high = found.interval
    assert low < 0.9 < high


def test_what_is_left_to_a_person_is_not_answered():
    examples = [Example("x", "a"), Example("y", "a"), Example("z", "a")]
    answers = [answer("a"), answer("b"), answer("b", Decision.HUMAN)]
    found = score("alice/x", "0" * 40, 10, ["a", "b"], examples, answers)

    assert found.answered_share == pytest.approx(2 / 3)
    assert found.answered_right_share == 0.5


def test_a_difference_is_of_the_same_examples():
    first, other = scored("aaaaaaaaaa"), scored("ababababab")

    found = difference(first, other)

    assert (found.gained, found.lost) == (5, 0)
    assert found.chance == pytest.approx(2 / 2**5)
    assert not found.is_clear


class Several(Ngram):
    """A model of a kind that may say several labels, or none: “a|b” in a table."""

    def written(self, labels):
        return "|".join(sorted(labels))

    def is_right(self, labels, cell):
        return set(labels) == set(filter(None, cell.split("|")))

    def knows(self, labels, cell):
        return set(labels) >= set(filter(None, cell.split("|")))


def test_what_a_model_says_is_judged_as_its_kind_has_it():
    """Of a kind that may say several labels: all of them, in any order, and no other."""
    labels = [Candidate(label, 0.9, None) for label in "ab"]
    answers = [
        replace(answer("a"), candidates=labels, runtime=Several(), predicted_count=count)
        for count in (2, 1, 0)
    ]
    examples = [Example("x", "b|a"), Example("y", "a|b"), Example("z", "c")]
    found = score("alice/x", "0" * 40, 10, ["a", "b"], examples, answers)

    assert list(found.right) == [True, False, False]
    assert found.known == 2
    assert [one.label for one in answers] == ["a|b", "a", ""]


def test_a_reply_to_several_labels_is_a_persons_only_if_each_of_them_has_one():
    def said(*replies: str | None) -> str:
        labels = [Candidate(f"l{n}", 0.9, reply) for n, reply in enumerate(replies)]
        return replace(answer("a"), candidates=labels, predicted_count=len(labels)).written

    assert said("Freeze it.", "Call us.") == "Freeze it.\n\nCall us."
    assert said("Freeze it.", None) == ""

"""The examination of a model that says one label for a text."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from etabli.engine.recipes.examination import (
    MAX_MISTAKES,
    Tell,
    accuracy,
    answers_to,
    calibration_error,
    coverage,
    speed,
)
from etabli.engine.runtimes import Answer, Decision, NgramClassifier
from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.personal import mask_personal

MAX_CONFUSIONS = 30


@dataclass(frozen=True)
class Examined:
    row: Row
    answer: Answer

    @property
    def predicted(self) -> str:
        return self.answer.candidates[0].label

    @property
    def probability(self) -> float:
        return self.answer.candidates[0].probability

    @property
    def is_right(self) -> bool:
        return self.predicted == self.row.label


def examine(
    model: NgramClassifier,
    test: Sequence[Row],
    train: Sequence[Row],
    groups: Groups,
    tell: Tell,
) -> dict[str, Any]:
    """All figures about the quality and the speed of `model`."""
    answers = answers_to(model.answer, test, tell)
    examined = [Examined(row, answer) for row, answer in zip(test, answers, strict=True)]
    right = [one.is_right for one in examined]
    certainties = [one.probability for one in examined]
    per_class = _per_class(examined)
    return {
        "accuracy": accuracy(right, test, train, groups),
        "macro_f1": sum(one["f1"] for one in per_class) / len(per_class),
        "baseline_accuracy": _majority_accuracy(test, train),
        "calibration_error": calibration_error(certainties, right),
        "decisions": _decisions(examined),
        "coverage": coverage(certainties, right),
        "per_class": per_class,
        "confusions": _confusions(examined),
        "mistakes": _mistakes(examined),
        "speed": speed(model.answer, test, tell),
    }


def _per_class(examined: Sequence[Examined]) -> list[dict[str, Any]]:
    support = Counter(one.row.label for one in examined)
    predicted = Counter(one.predicted for one in examined)
    right = Counter(one.row.label for one in examined if one.is_right)
    return [
        {
            "label": label,
            "precision": right[label] / predicted[label] if predicted[label] else 0.0,
            "recall": right[label] / support[label],
            "f1": 2 * right[label] / (predicted[label] + support[label]),
            "support": support[label],
        }
        for label in sorted(support)
    ]


def _majority_accuracy(test: Sequence[Row], train: Sequence[Row]) -> float:
    """What one scores by always giving the label that is most frequent in training."""
    most_frequent = Counter(row.label for row in train).most_common(1)[0][0]
    return sum(row.label == most_frequent for row in test) / len(test)


def _decisions(examined: Sequence[Examined]) -> dict[str, dict[str, float | None]]:
    """Of each decision: how often, how often the first label is right, or one of those offered."""
    return {
        decision.value: _of_decision(
            [one for one in examined if one.answer.decision is decision], len(examined)
        )
        for decision in Decision
    }


def _of_decision(same: Sequence[Examined], total: int) -> dict[str, float | None]:
    offered = sum(
        one.row.label in {candidate.label for candidate in one.answer.offered} for one in same
    )
    return {
        "share": len(same) / total,
        "right_share": sum(one.is_right for one in same) / len(same) if same else None,
        "offered_right_share": offered / len(same) if same and same[0].answer.offered else None,
    }


def _confusions(examined: Sequence[Examined]) -> list[dict[str, Any]]:
    pairs = Counter((one.row.label, one.predicted) for one in examined if not one.is_right)
    return [
        {"true": label, "predicted": predicted, "count": count}
        for (label, predicted), count in pairs.most_common(MAX_CONFUSIONS)
    ]


def _mistakes(examined: Sequence[Examined]) -> list[dict[str, Any]]:
    """The surest first: those are the ones to look at."""
    wrong = sorted((one for one in examined if not one.is_right), key=lambda one: -one.probability)
    return [
        {
            "line": one.row.line,
            "text": mask_personal(one.row.text),
            "true": one.row.label,
            "predicted": one.predicted,
            "probability": round(one.probability, 4),
            "decision": one.answer.decision.value,
        }
        for one in wrong[:MAX_MISTAKES]
    ]

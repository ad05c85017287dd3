"""The examination of a model that says several labels for a text."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etabli.engine.recipes.examination import (
    MAX_MISTAKES,
    Tell,
    accuracy,
    answers_to,
    calibration_error,
    coverage,
    effective_size,
    speed,
)
from etabli.engine.recipes.multilabel_classification.labelling import labels_in
from etabli.engine.runtimes import Answer, Decision
from etabli.engine.runtimes.multilabel import MultilabelClassifier
from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.personal import mask_personal
from etabli.engine.tables.rows import same_text_key
from etabli.foundation.proportions import wilson_interval

FEW_ROWS = 10
"""Learned from fewer, a label is said to be learned badly."""


@dataclass(frozen=True)
class Examined:
    row: Row
    answer: Answer

    @property
    def true(self) -> frozenset[str]:
        return frozenset(labels_in(self.row.label))

    @property
    def predicted(self) -> frozenset[str]:
        said = self.answer.candidates[: self.answer.predicted]
        return frozenset(one.label for one in said)

    @property
    def certainty(self) -> float:
        return self.answer.certainty or 0.0

    @property
    def is_right(self) -> bool:
        """Nothing is missing, and nothing too much."""
        return self.predicted == self.true


def examine(
    model: MultilabelClassifier,
    test: Sequence[Row],
    train: Sequence[Row],
    groups: Groups,
    tell: Tell,
) -> dict[str, Any]:
    """All figures about the quality and the speed of `model`."""
    answers = answers_to(model.answer, test, tell)
    examined = [Examined(row, answer) for row, answer in zip(test, answers, strict=True)]
    right = [one.is_right for one in examined]
    certainties = [one.certainty for one in examined]
    learned = Counter(label for row in train for label in labels_in(row.label))
    per_class = _per_class(examined, groups)
    known = {one["label"] for one in per_class}
    return {
        "accuracy": accuracy(right, test, train, groups),
        "micro": _micro(per_class),
        "macro_f1": sum(one["f1"] for one in per_class) / max(1, len(per_class)),
        "baseline_accuracy": _majority_accuracy(test, train),
        "calibration_error": calibration_error(certainties, right),
        "decisions": {
            one.value: _of_decision([e for e in examined if e.answer.decision is one], len(test))
            for one in Decision
        },
        "coverage": coverage(certainties, right),
        "per_class": per_class,
        "unexamined": sorted(label for label in learned if label not in known),
        "few": [
            {"label": label, "rows": rows}
            for label, rows in sorted(learned.items(), key=lambda one: one[1])
            if rows < FEW_ROWS
        ],
        "labels_a_text": sum(learned.values()) / len(train),
        "mistakes": _mistakes(examined),
        "speed": speed(model.answer, test, tell),
    }


def _per_class(examined: Sequence[Examined], groups: Groups) -> list[dict[str, Any]]:
    """Of each label that a text of the examination has."""
    labels = sorted({label for one in examined for label in one.true})
    return [_of_label(label, examined, groups) for label in labels]


def _of_label(label: str, examined: Sequence[Examined], groups: Groups) -> dict[str, Any]:
    having = [one for one in examined if label in one.true]
    saying = [one for one in examined if label in one.predicted]
    found = sum(label in one.predicted for one in having)
    low, high = _interval([label in one.predicted for one in having], having, groups)
    least, most = _interval([label in one.true for one in saying], saying, groups)
    return {
        "label": label,
        "precision": found / len(saying) if saying else 0.0,
        "recall": found / len(having),
        "f1": 2 * found / (len(saying) + len(having)),
        "support": len(having),
        "said": len(saying),
        "found": found,
        "recall_low": low,
        "recall_high": high,
        "precision_low": least,
        "precision_high": most,
    }


def _interval(right: Sequence[bool], of: Sequence[Examined], groups: Groups) -> tuple[float, float]:
    """Of a share, with a confidence of 95 in 100; nearly the same texts count as one."""
    if not right:
        return 0.0, 1.0
    places = [groups[same_text_key(one.row.text)] for one in of]
    return wilson_interval(sum(right) / len(right), effective_size(right, places))


def _micro(per_class: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Of all labels together: each that is there, or is said, counts once."""
    found, there, said = (
        sum(one[part] for one in per_class) for part in ("found", "support", "said")
    )
    return {
        "precision": found / said if said else 0.0,
        "recall": found / there if there else 0.0,
        "f1": 2 * found / (said + there) if said + there else 0.0,
    }


def _majority_accuracy(test: Sequence[Row], train: Sequence[Row]) -> float:
    """What one scores by always saying what is said together most often."""
    commonest = Counter(row.label for row in train).most_common(1)[0][0]
    return sum(row.label == commonest for row in test) / len(test)


def _of_decision(same: Sequence[Examined], total: int) -> dict[str, float | None]:
    right = sum(one.is_right for one in same) / len(same) if same else None
    return {"share": len(same) / total, "right_share": right}


def _mistakes(examined: Sequence[Examined]) -> list[dict[str, Any]]:
    """The surest first: those are the ones to look at."""
    wrong = sorted((one for one in examined if not one.is_right), key=lambda one: -one.certainty)
    return [
        {
            "line": one.row.line,
            "text": mask_personal(one.row.text),
            "true": sorted(one.true),
            "predicted": sorted(one.predicted),
            "probability": round(one.certainty, 4),
            "decision": one.answer.decision.value,
        }
        for one in wrong[:MAX_MISTAKES]
    ]

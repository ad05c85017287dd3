"""The examination: the saved model, as it is served, on texts that nothing was fitted on."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

import numpy as np

from etabli.engine.runtimes import MAX_CHARACTERS, Answer, Decision, NgramClassifier
from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.personal import mask_personal
from etabli.engine.tables.rows import same_text_key
from etabli.foundation.proportions import wilson_interval

MIN_TIMED = 500
TOLD = 25
"""How often each half of an examination tells how far it is."""
MAX_MISTAKES = 200
MAX_CONFUSIONS = 30
CALIBRATION_BINS = 15
MIN_TEXTS_EXAMINED = 10
"""Different texts under which no figure is given: near-duplicates count as one."""
CURVE = (*(round(0.05 * step, 2) for step in range(20)), 0.98, 0.99)


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
    tell: Callable[[float], None],
) -> dict[str, Any]:
    """All figures about the quality and the speed of `model`.

    The figure of the accuracy is for all of `test`, as it was given; `unlike_training` is for the
    part of it that says nothing that was learned already. `tell` hears how far it is, from 0 to 1,
    a few dozen times and never while an answer is timed.
    """
    examined: list[Examined] = []
    for row in test:
        examined.append(Examined(row, model.answer(row.text[:MAX_CHARACTERS])))
        if len(examined) % max(1, len(test) // TOLD) == 0:
            tell(len(examined) / len(test) / 2)  # the other half is the measure of the speed
    right = sum(one.is_right for one in examined)
    per_class = _per_class(examined)
    learned = {groups[same_text_key(row.text)] for row in train}
    unlike = [one for one in examined if groups[same_text_key(one.row.text)] not in learned]
    texts = len({groups[same_text_key(one.row.text)] for one in unlike})
    share = right / len(examined)
    low, high = wilson_interval(share, effective_size(examined, groups))
    return {
        "accuracy": {
            "value": share,
            "low": low,
            "high": high,
            "level": 0.95,
            "method": "Wilson",
            "texts": texts,
            "is_too_small": texts < MIN_TEXTS_EXAMINED,
            "unlike_training": {
                "rows": len(unlike),
                "value": sum(one.is_right for one in unlike) / len(unlike) if unlike else None,
            },
        },
        "macro_f1": sum(one["f1"] for one in per_class) / len(per_class),
        "baseline_accuracy": _majority_accuracy(test, train),
        "calibration_error": _calibration_error(examined),
        "decisions": _decisions(examined),
        "coverage": _coverage(examined),
        "per_class": per_class,
        "confusions": _confusions(examined),
        "mistakes": _mistakes(examined),
        "speed": _speed(model, test, tell),
    }


def effective_size(examined: Sequence[Examined], groups: Groups) -> float:
    """How many independent rows say as much as these, of which some say nearly the same.

    Between the number of groups (each is wholly right or wholly wrong) and the number of rows.
    Source: the design effect of a cluster sample (Kish 1965; Korn and Graubard 1998).
    """
    total = len(examined)
    share = sum(one.is_right for one in examined) / total
    surplus: dict[int, float] = defaultdict(float)
    for one in examined:
        surplus[groups[same_text_key(one.row.text)]] += one.is_right - share
    variance = sum(value * value for value in surplus.values()) / total**2
    if variance == 0:  # all right or all wrong: nothing says how alike a group's answers are
        return len(surplus)
    return min(max(share * (1 - share) / variance, len(surplus)), total)


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


def _calibration_error(examined: Sequence[Examined]) -> float:
    """Mean distance between the probability announced and the share right, over equal bins."""
    bins: dict[int, list[Examined]] = {}
    for one in examined:
        place = min(int(one.probability * CALIBRATION_BINS), CALIBRATION_BINS - 1)
        bins.setdefault(place, []).append(one)
    gaps = (
        abs(sum(one.probability for one in same) - sum(one.is_right for one in same))
        for same in bins.values()
    )
    return sum(gaps) / len(examined)


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


def _coverage(examined: Sequence[Examined]) -> list[dict[str, float]]:
    """Under each threshold: the share answered, and the share right among these.

    Ends where nothing is answered any more.
    """
    points: list[dict[str, float]] = []
    for threshold in CURVE:
        answered = [one for one in examined if one.probability >= threshold]
        if answered:
            right = sum(one.is_right for one in answered) / len(answered)
            share = len(answered) / len(examined)
            points.append({"threshold": threshold, "answered": share, "right": right})
    return points


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


def _speed(
    model: NgramClassifier, test: Sequence[Row], tell: Callable[[float], None]
) -> dict[str, float]:
    """One question after the other, as they come; all test texts, or 500 when there are fewer."""
    count = max(MIN_TIMED, len(test))
    answers: list[Answer] = []
    for row in islice(cycle(test), count):
        answers.append(model.answer(row.text[:MAX_CHARACTERS]))
        if len(answers) % max(1, count // TOLD) == 0:
            tell(0.5 + len(answers) / count / 2)
    latencies = np.array([answer.latency_ms for answer in answers])
    return {
        "questions": len(answers),
        "p50_ms": float(np.quantile(latencies, 0.5)),
        "p99_ms": float(np.quantile(latencies, 0.99)),
        "cpu_s_per_answer": sum(answer.cpu_s for answer in answers) / len(answers),
    }

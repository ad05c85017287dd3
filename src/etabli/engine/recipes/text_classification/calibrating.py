"""When to believe the model: a temperature and thresholds, from training rows it did not learn.

Sources: temperature scaling (Guo et al. 2017, arXiv 1706.04599); split conformal prediction with
the LAC score (Sadinle et al. 2019, arXiv 1609.00451). The highest one-vs-rest margin says best, of
seven scores that need no outside data, whether a text is of our subject (docs/decisions); the share
of known words said it as well, but took every other short text with a typing mistake for foreign.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from etabli.engine.recipes.text_classification.rows import Row
from etabli.engine.runtimes import (
    MOST_CHARACTERS,
    Decision,
    NgramClassifier,
    NgramParts,
    Thresholds,
    decide,
    softmax,
)

RIGHT_SHARE_WANTED = 0.95
CONFORMAL_LEVEL = 0.95
OUTSIDE_SHARE = 0.05  # of our own texts, those that we accept to call foreign
LEAST_ANSWERED_ROWS = 10
# Used when every label has a single text, so that none can be set aside to learn from.
CAUTIOUS_TEMPERATURE = 0.3
CAUTIOUS = Thresholds(answer_probability=0.9, conformal_probability=0.2, outside_margin=-0.5)
TEMPERATURES = np.geomspace(0.02, 5.0, 120)

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Calibration:
    temperature: float
    thresholds: Thresholds
    rows: int


@dataclass(frozen=True)
class _Scored:
    """Scores of rows the model has not seen."""

    margins: FloatArray
    """Shape (rows, labels)."""
    truths: NDArray[np.intp]


def calibrate(
    model: NgramClassifier, rows: Sequence[Row], advance: Callable[[], None]
) -> Calibration:
    """`rows` were not learned; those whose label the model lacks are passed over.

    `advance` is called at most once a row.
    """
    position = {label: at for at, label in enumerate(model.parts.labels)}
    usable = [row for row in rows if row.label in position]
    if not usable:
        return Calibration(CAUTIOUS_TEMPERATURE, CAUTIOUS, 0)
    scored = _score(model, usable, position, advance)
    temperature = _best_temperature(scored)
    probabilities = softmax(scored.margins, temperature)
    return Calibration(temperature, _thresholds(scored, probabilities), len(usable))


def calibrated(parts: NgramParts, calibration: Calibration) -> NgramParts:
    return replace(parts, temperature=calibration.temperature, thresholds=calibration.thresholds)


def _score(
    model: NgramClassifier,
    rows: Sequence[Row],
    position: dict[str, int],
    advance: Callable[[], None],
) -> _Scored:
    margins = []
    for row in rows:
        margins.append(model.margins(row.text[:MOST_CHARACTERS]))
        advance()
    return _Scored(
        margins=np.array(margins, np.float32),
        truths=np.array([position[row.label] for row in rows], np.intp),
    )


def _best_temperature(scored: _Scored) -> float:
    """The one under which the truth is least surprising."""
    rows = np.arange(len(scored.truths))

    def surprise(temperature: float) -> float:
        true = softmax(scored.margins, temperature)[rows, scored.truths]
        return float(-np.log(np.maximum(true, 1e-12)).mean())

    return float(min(TEMPERATURES, key=surprise))


def _thresholds(scored: _Scored, probabilities: FloatArray) -> Thresholds:
    top_margins = scored.margins.max(axis=1)
    outside_margin = float(np.quantile(top_margins, OUTSIDE_SHARE))
    inside = top_margins >= outside_margin
    right = probabilities.argmax(axis=1) == scored.truths
    return Thresholds(
        answer_probability=_answer_probability(probabilities.max(axis=1)[inside], right[inside]),
        conformal_probability=_conformal_probability(probabilities, scored.truths),
        outside_margin=outside_margin,
    )


def _answer_probability(confidences: FloatArray, right: NDArray[np.bool_]) -> float:
    """The lowest probability above which the wanted share of answers was right.

    When no threshold reaches it, the one that comes nearest: the rest goes to a human.
    """
    order = np.argsort(-confidences)
    right_shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    least = min(LEAST_ANSWERED_ROWS, len(order)) - 1
    reached = np.flatnonzero(right_shares[least:] >= RIGHT_SHARE_WANTED)
    last = least + int(reached[-1] if len(reached) else right_shares[least:].argmax())
    return float(confidences[order[last]])


def _conformal_probability(probabilities: FloatArray, truths: NDArray[np.intp]) -> float:
    """Labels at or above it hold the truth with probability CONFORMAL_LEVEL (exchangeable rows)."""
    strangeness = np.sort(1 - probabilities[np.arange(len(truths)), truths])
    rank = math.ceil((len(truths) + 1) * CONFORMAL_LEVEL)
    return float(1 - strangeness[min(rank, len(truths)) - 1])


def share_of_unknown(model: NgramClassifier, rows: Sequence[Row]) -> dict[str, float]:
    """What becomes of texts whose label the model has never seen: the share of each decision."""
    decisions = [_decision(model, row) for row in rows]
    return {
        decision.value: round(decisions.count(decision) / len(decisions), 4)
        for decision in Decision
    }


def _decision(model: NgramClassifier, row: Row) -> Decision:
    margins = model.margins(row.text[:MOST_CHARACTERS])
    probabilities = softmax(margins, model.parts.temperature)
    return decide(probabilities, float(margins.max()), model.parts.thresholds)

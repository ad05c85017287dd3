"""When to believe the model: a temperature and thresholds, from training rows it did not learn.

Sources: temperature scaling (Guo et al. 2017, arXiv 1706.04599); split conformal prediction with
the LAC score (Sadinle et al. 2019, arXiv 1609.00451). The highest one-vs-rest margin says best
whether a text is of our subject, but is blind to the words that it does not know; the share of
known words sees these, but takes typing mistakes for foreign. Both together: docs/decisions/0026.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from etabli.engine.recipes.calibration import (
    FAMILIARITY_WEIGHT,
    OUTSIDE_SHARE,
    UNSEEN_ANSWERS,
    FloatArray,
    answer_probability,
)
from etabli.engine.runtimes import (
    MAX_CHARACTERS,
    Decision,
    NgramClassifier,
    NgramParts,
    Thresholds,
    softmax,
)
from etabli.engine.tables.labelling import Row

CONFORMAL_LEVEL = 0.95
CASCADE_RIGHT_SHARE = 0.98
"""Of the answers that words and letters give alone, where there is an encoder to ask instead."""
ABSENT_MARGIN = -1.0
"""Of a label that a part of the rows did not hold."""
USUAL_TEMPERATURE, USUAL_WEIGHT = 0.25, 5.0
"""Where few rows say little: as if that many rows spoke for it."""
# Used when every label has a single text, so that none can be set aside to learn from.
CAUTIOUS_TEMPERATURE, CAUTIOUS_SHRINKAGE = 0.3, 0.2
CAUTIOUS = Thresholds(answer_probability=0.9, conformal_probability=0.2, outside_margin=-0.5)
TEMPERATURES = np.geomspace(0.02, 5.0, 120)


@dataclass(frozen=True)
class Calibration:
    temperature: float
    shrinkage: float
    thresholds: Thresholds
    rows: int


@dataclass(frozen=True)
class Scored:
    """Scores of rows that the model which gave them had not learned."""

    margins: FloatArray
    """Shape (rows, labels)."""
    familiarity: FloatArray
    """Shape (rows,)."""
    truths: NDArray[np.intp]
    familiarity_weight: float = FAMILIARITY_WEIGHT

    @classmethod
    def of_none(cls, labels: int) -> "Scored":
        nothing = np.zeros(0, np.float32)
        return cls(np.zeros((0, labels), np.float32), nothing, nothing.astype(np.intp))

    def right_share(self) -> float | None:
        """How often the likeliest label is the true one; None without rows."""
        right = self.margins.argmax(axis=1) == self.truths if len(self.truths) else None
        return None if right is None else float(right.mean())

    def likeness(self) -> FloatArray:
        alike: FloatArray = self.margins.max(axis=1) + self.familiarity_weight * self.familiarity
        return alike


def calibrate(scored: Scored) -> Calibration:
    """What can be believed, by rows that were not learned; cautious where there are none."""
    rows = len(scored.truths)
    shrinkage = UNSEEN_ANSWERS / (rows + UNSEEN_ANSWERS)
    if not rows:
        return Calibration(CAUTIOUS_TEMPERATURE, CAUTIOUS_SHRINKAGE, CAUTIOUS, 0)
    temperature = _best_temperature(scored, shrinkage)
    probabilities = softmax(scored.margins, temperature, shrinkage)
    return Calibration(temperature, shrinkage, _thresholds(scored, probabilities), rows)


def calibrated(parts: NgramParts, calibration: Calibration) -> NgramParts:
    return replace(
        parts,
        temperature=calibration.temperature,
        shrinkage=calibration.shrinkage,
        thresholds=calibration.thresholds,
    )


def score(
    model: NgramClassifier,
    rows: Sequence[Row],
    labels: Sequence[str],
    advance: Callable[[], None],
    *,
    familiarity_weight: float = FAMILIARITY_WEIGHT,
) -> Scored:
    """Of `rows`, not learned, whose label is among `labels`; the model may lack some of these.

    `advance` is called once a row.
    """
    position = {label: at for at, label in enumerate(labels)}
    places = [position[label] for label in model.parts.labels]
    margins = np.full((len(rows), len(labels)), ABSENT_MARGIN, np.float32)
    familiarity = np.zeros(len(rows), np.float32)
    for at, row in enumerate(rows):
        text = row.text[:MAX_CHARACTERS]
        margins[at, places], familiarity[at] = model.scores(text)
        advance()
    truths = np.array([position[row.label] for row in rows], np.intp)
    return Scored(margins, familiarity, truths, familiarity_weight)


def joined(parts: Sequence[Scored]) -> Scored:
    return Scored(
        np.concatenate([part.margins for part in parts]),
        np.concatenate([part.familiarity for part in parts]),
        np.concatenate([part.truths for part in parts]),
        parts[0].familiarity_weight,
    )


def _best_temperature(scored: Scored, shrinkage: float) -> float:
    """The one under which the truth is least surprising; near the usual one for few rows."""
    rows = np.arange(len(scored.truths))

    def surprise(temperature: float) -> float:
        true = softmax(scored.margins, temperature, shrinkage)[rows, scored.truths]
        unusual = USUAL_WEIGHT * math.log(temperature / USUAL_TEMPERATURE) ** 2
        return float(-np.log(np.maximum(true, 1e-12)).sum()) + unusual

    return float(min(TEMPERATURES, key=surprise))


def _thresholds(scored: Scored, probabilities: FloatArray) -> Thresholds:
    likeness = scored.likeness()
    outside_margin = float(np.quantile(likeness, OUTSIDE_SHARE))
    inside = likeness >= outside_margin
    right = probabilities.argmax(axis=1) == scored.truths
    return Thresholds(
        answer_probability=answer_probability(probabilities.max(axis=1)[inside], right[inside]),
        conformal_probability=_conformal_probability(probabilities, scored.truths),
        outside_margin=outside_margin,
        familiarity_weight=scored.familiarity_weight,
    )


def cascade_probability(scored: Scored, calibration: Calibration) -> float:
    """From which on the first rung's answer is right often enough to be taken for the second's."""
    if not calibration.rows:
        return 1.0
    probabilities = softmax(scored.margins, calibration.temperature, calibration.shrinkage)
    right = probabilities.argmax(axis=1) == scored.truths
    return answer_probability(probabilities.max(axis=1), right, CASCADE_RIGHT_SHARE)


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
    return model.answer(row.text[:MAX_CHARACTERS], top=1).decision

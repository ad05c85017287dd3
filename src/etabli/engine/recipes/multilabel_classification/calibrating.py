"""When to say a label, and when to believe all that is said, from rows that were not learned.

The probabilities come by logistic regression of one slope and one bias for all labels (Platt 1999).
A threshold for each label is the one by which its F1 is best, drawn towards a half: of few examples
the best threshold says little (Yang 2001), and a half makes the fewest mistakes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from etabli.engine.recipes.calibration import (
    FAMILIARITY_WEIGHT,
    OUTSIDE_SHARE,
    UNSEEN_ANSWERS,
    FloatArray,
    answer_probability,
)
from etabli.engine.recipes.multilabel_classification.learning import truths_of
from etabli.engine.runtimes import MAX_CHARACTERS, NgramClassifier, NgramParts, Thresholds
from etabli.engine.runtimes.multilabel import Rules, evidence_of, probabilities_of
from etabli.engine.tables.labelling import Row

USUAL_THRESHOLD, USUAL_WEIGHT = 0.5, 30.0
"""As if that many examples spoke for it; chosen on a part of BANKING77's training file, joined:
docs/decisions/0037."""
GRID = np.round(np.arange(0.05, 0.96, 0.01), 2)
MIN_CERTAINTY = 0.5
"""It never answers alone where it is likelier wrong than right."""
CAUTIOUS_SLOPE = 3.0
"""Where no row could be set aside to learn from."""
CAUTIOUS = Thresholds(answer_probability=0.9, conformal_probability=1.0, outside_margin=-0.5)


@dataclass(frozen=True)
class Scored:
    """Scores of rows that the model which gave them had not learned."""

    margins: FloatArray
    """Shape (rows, labels)."""
    familiarity: FloatArray
    """Shape (rows,)."""
    truths: np.ndarray
    """Shape (rows, labels): whether a row has a label."""


def score(
    model: NgramClassifier,
    rows: Sequence[Row],
    labels: Sequence[str],
    advance: Callable[[], None],
) -> Scored:
    """Of `rows`, not learned; `advance` is called once a row."""
    margins = np.zeros((len(rows), len(labels)), np.float32)
    familiarity = np.zeros(len(rows), np.float32)
    for at, row in enumerate(rows):
        margins[at], familiarity[at] = model.scores(row.text[:MAX_CHARACTERS])
        advance()
    return Scored(margins, familiarity, truths_of(rows, labels))


def joined(parts: Sequence[Scored]) -> Scored:
    return Scored(
        np.concatenate([part.margins for part in parts]),
        np.concatenate([part.familiarity for part in parts]),
        np.concatenate([part.truths for part in parts]),
    )


def calibrated(
    parts: NgramParts, scored: Scored | None, *, says_none: bool
) -> tuple[NgramParts, Rules]:
    """The same weights, with when to say a label and when to believe; cautious without rows."""
    usual = np.full(len(parts.labels), USUAL_THRESHOLD, np.float32)
    if scored is None:
        temperature, shrinkage = 1 / CAUTIOUS_SLOPE, 0.2
        cautious = replace(parts, temperature=temperature, shrinkage=shrinkage, thresholds=CAUTIOUS)
        return cautious, Rules(0.0, usual, says_none, 1.0, 0.0)
    slope, bias = _logistic(scored.margins.ravel(), scored.truths.ravel())
    shrinkage = UNSEEN_ANSWERS / (len(scored.truths) + UNSEEN_ANSWERS)
    parts = replace(parts, temperature=1 / slope, shrinkage=shrinkage)
    probabilities = probabilities_of(scored.margins, parts, bias)
    rules = Rules(bias, _label_thresholds(probabilities, scored.truths), says_none, 1.0, 0.0)
    says = rules.says(probabilities)
    right = (says == scored.truths).all(axis=1)
    evidence = evidence_of(probabilities, says)
    certainty_slope, certainty_intercept = _certainty(evidence, right)
    rules = replace(rules, certainty_slope=certainty_slope, certainty_intercept=certainty_intercept)
    thresholds = _thresholds(scored, rules.certainty(evidence), right)
    return replace(parts, thresholds=thresholds), rules


def _logistic(values: FloatArray, truths: np.ndarray) -> tuple[float, float]:
    """Slope and bias; the slope is above 0, since a higher margin never says less."""
    fitted = LogisticRegression().fit(values.reshape(-1, 1), truths)
    return max(float(fitted.coef_[0, 0]), 0.1), float(fitted.intercept_[0])


def _certainty(evidence: FloatArray, right: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of the chance that all is right.

    Where the rows say nothing of it, each counts alike: Laplace's rule of succession.
    """
    if 0 < right.sum() < len(right):
        fitted = LogisticRegression().fit(evidence.reshape(-1, 1), right)
        if fitted.coef_[0, 0] > 0:
            return float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
    share = (right.sum() + 1) / (len(right) + 2)
    return 0.0, float(np.log(share / (1 - share)))


def _label_thresholds(probabilities: FloatArray, truths: np.ndarray) -> FloatArray:
    """Shape (labels,)."""
    counts = truths.sum(axis=0)
    own = np.array(
        [_best_threshold(probabilities[:, at], truths[:, at]) for at in range(truths.shape[1])]
    )
    weight = counts / (counts + USUAL_WEIGHT)
    return np.asarray(weight * own + (1 - weight) * USUAL_THRESHOLD, np.float32)


def _best_threshold(probabilities: FloatArray, truths: np.ndarray) -> float:
    """By which F1 is best; of several, the middle one."""
    if not truths.any():
        return USUAL_THRESHOLD
    f1 = np.array([_f1(probabilities >= threshold, truths) for threshold in GRID])
    return float(np.median(GRID[f1 >= f1.max() - 1e-9]))


def _f1(says: np.ndarray, truths: np.ndarray) -> float:
    return float(2 * (says & truths).sum() / (says.sum() + truths.sum()))


def _thresholds(scored: Scored, certainty: FloatArray, right: np.ndarray) -> Thresholds:
    likeness = scored.margins.max(axis=1) + FAMILIARITY_WEIGHT * scored.familiarity
    outside_margin = float(np.quantile(likeness, OUTSIDE_SHARE))
    inside = likeness >= outside_margin
    return Thresholds(
        answer_probability=max(MIN_CERTAINTY, answer_probability(certainty[inside], right[inside])),
        conformal_probability=1.0,
        outside_margin=outside_margin,
        familiarity_weight=FAMILIARITY_WEIGHT,
    )

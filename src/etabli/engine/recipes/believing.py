"""From when on to believe what was found: learned from what was right and what was not."""

from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from etabli.engine.runtimes.belief import Belief

STRENGTH = 1.0
"""Of scikit-learn's regularisation (C)."""


def fixed_belief(signs: int) -> Belief:
    """Where nothing was learned: half of what was asked is there, by the first sign."""
    return Belief((10.0, *[0.0] * (signs - 1)), -5.0, 0.5)


def fit_belief(found: Sequence[tuple[Sequence[float], bool]]) -> Belief:
    """By logistic regression on the signs of what was found, some of it right and some not; the
    threshold keeps the most right answers for the fewest wrong ones (Youden 1950)."""
    samples = np.array([signs for signs, _ in found])
    labels = np.array([is_right for _, is_right in found])
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(samples, labels)
    belief = Belief(model.coef_[0].tolist(), float(model.intercept_[0]), 0.5)
    believed = np.array([belief.probability(signs) for signs, _ in found])
    return Belief(belief.weights, belief.bias, _threshold(believed, labels))


def _threshold(believed: np.ndarray, is_right: np.ndarray) -> float:
    steps = np.round(np.arange(0.05, 0.96, 0.05), 2)
    kept = [(believed[is_right] >= step).mean() - (believed[~is_right] >= step).mean()
            for step in steps]  # fmt: skip
    return float(steps[int(np.argmax(kept))])

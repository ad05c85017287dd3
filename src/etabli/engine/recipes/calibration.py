"""When to believe a model, by rows that it had not learned: what every kind decides alike."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

RIGHT_SHARE_WANTED = 0.95
OUTSIDE_SHARE = 0.05  # of our own texts, those that we accept to call foreign
MIN_ANSWERED_ROWS = 10
FAMILIARITY_WEIGHT = 1.0
"""Beside the highest margin; chosen on a split of BANKING77's training file: docs/decisions/0026"""
UNSEEN_ANSWERS = 2
"""Of n answers that were all right the next is right with (n + 1) / (n + 2) (Laplace 1774)."""


def answer_probability(
    confidences: FloatArray, right: NDArray[np.bool_], wanted: float = RIGHT_SHARE_WANTED
) -> float:
    """The lowest confidence above which the wanted share of answers was right.

    When no threshold reaches it, the one that comes nearest: the rest goes to a human.
    """
    order = np.argsort(-confidences)
    right_shares = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    least = min(MIN_ANSWERED_ROWS, len(order)) - 1
    reached = np.flatnonzero(right_shares[least:] >= wanted)
    last = least + int(reached[-1] if len(reached) else right_shares[least:].argmax())
    return float(confidences[order[last]])

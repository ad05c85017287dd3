"""From texts and their labels to weights: one linear classifier a label, against all the others."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy import sparse
from sklearn.svm import LinearSVC

from etabli.engine.recipes.multilabel_classification.labelling import labels_in
from etabli.engine.recipes.text_features import (
    WORD_BLOCK_WEIGHT,
    no_advance,
    text_features,
)
from etabli.engine.runtimes import NgramParts, Thresholds
from etabli.engine.tables.labelling import Row

REGULARISATION_C = 0.8
"""As where each text has one label: docs/decisions/0037."""
EVERYTHING_IS_ANSWERED = Thresholds(
    answer_probability=0.0, conformal_probability=1.0, outside_margin=-np.inf
)


def truths_of(rows: Sequence[Row], labels: Sequence[str]) -> np.ndarray:
    """Shape (rows, labels): whether a row has a label."""
    position = {label: at for at, label in enumerate(labels)}
    truths = np.zeros((len(rows), len(labels)), bool)
    for at, row in enumerate(rows):
        truths[at, [position[one] for one in labels_in(row.label)]] = True
    return truths


def learn(
    rows: Sequence[Row],
    labels: Sequence[str],
    seed: int,
    advance: Callable[[], None] = no_advance,
) -> NgramParts:
    """A classifier of `labels`, of which `rows` may lack some; when it says one is not learned
    here. `advance` is called `STEPS_A_TEXT` times a row."""
    features = text_features([row.text for row in rows], advance)
    truths = truths_of(rows, labels)
    learned = [_weights(features.matrix, truths[:, at], seed) for at in range(len(labels))]
    return NgramParts(
        labels=tuple(labels),
        answers={},
        word_index=features.word_index,
        character_index=features.character_index,
        idf=features.idf,
        head=np.stack([weights for weights, _ in learned], axis=1).astype(np.float16),
        intercept=np.array([intercept for _, intercept in learned], np.float32),
        word_block_weight=WORD_BLOCK_WEIGHT,
        temperature=1.0,
        thresholds=EVERYTHING_IS_ANSWERED,
    )


def _weights(matrix: sparse.csr_matrix, has_it: np.ndarray, seed: int) -> tuple[np.ndarray, float]:
    """Shape (features,), and the intercept; of a label that all rows have, or none, only that."""
    if has_it.all() or not has_it.any():
        return np.zeros(matrix.shape[1]), 1.0 if has_it.all() else -1.0
    machine = LinearSVC(C=REGULARISATION_C, random_state=seed).fit(matrix, has_it)
    return machine.coef_[0], float(machine.intercept_[0])

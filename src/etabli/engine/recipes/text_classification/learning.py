"""From texts and labels to weights, one linear classifier a label.

The constant was chosen with those of the text features, in the same way: 90.3 % with C = 1.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.svm import LinearSVC

from etabli.engine.recipes.text_features import (
    WORD_BLOCK_WEIGHT,
    TextFeatures,
    no_advance,
    text_features,
)
from etabli.engine.runtimes import NgramParts, Thresholds

REGULARISATION_C = 0.8
SMALL_REGULARISATION_C = 0.5
VECTOR_WEIGHT = 2.0
"""Of an encoder's vector, which has length one, beside the words and letters."""

EVERYTHING_IS_ANSWERED = Thresholds(
    answer_probability=0.0,
    conformal_probability=1.0,
    outside_margin=-math.inf,
)


def learn(
    texts: Sequence[str],
    labels: Sequence[str],
    seed: int,
    advance: Callable[[], None] = no_advance,
) -> NgramParts:
    """A classifier that answers everything: its temperature and thresholds are not learned here."""
    return _first(text_features(texts, advance), labels, seed)


@dataclass(frozen=True)
class SmallHead:
    """Over words, letters and meaning: see `SmallParts` of the runtime."""

    head: np.ndarray
    dense: np.ndarray
    intercept: np.ndarray
    centres: np.ndarray


def learn_both(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: np.ndarray,
    seed: int,
    advance: Callable[[], None] = no_advance,
) -> tuple[NgramParts, SmallHead]:
    """As `learn`, and a second classifier, which sees the vector of each text too."""
    features = text_features(texts, advance)
    first = _first(features, labels, seed)
    dense = sparse.csr_matrix(vectors * VECTOR_WEIGHT)
    machine = LinearSVC(C=SMALL_REGULARISATION_C, random_state=seed)
    machine.fit(sparse.hstack([features.matrix, dense]).tocsr(), np.array(labels))
    head, intercept = _one_column_a_label(machine)
    terms = features.matrix.shape[1]
    return first, SmallHead(
        head=np.ascontiguousarray(head[:terms]).astype(np.float16),
        dense=np.ascontiguousarray(head[terms:] * VECTOR_WEIGHT).astype(np.float32),
        intercept=intercept.astype(np.float32),
        centres=_centres(vectors, np.array(labels), first.labels),
    )


def _centres(vectors: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """The mean direction of each label: no single example can be read back from it."""
    means = np.array([vectors[labels == name].mean(axis=0) for name in names])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means / np.maximum(lengths, 1e-9), np.float32)


def _first(features: TextFeatures, labels: Sequence[str], seed: int) -> NgramParts:
    machine = LinearSVC(C=REGULARISATION_C, random_state=seed)
    machine.fit(features.matrix, np.array(labels))
    head, intercept = _one_column_a_label(machine)
    return NgramParts(
        labels=tuple(str(label) for label in machine.classes_),
        answers={},
        word_index=features.word_index,
        character_index=features.character_index,
        idf=features.idf,
        head=head.astype(np.float16),
        intercept=intercept.astype(np.float32),
        word_block_weight=WORD_BLOCK_WEIGHT,
        temperature=1.0,
        thresholds=EVERYTHING_IS_ANSWERED,
    )


def _one_column_a_label(machine: LinearSVC) -> tuple[np.ndarray, np.ndarray]:
    """Shapes (features, labels) and (labels,): with two labels liblinear keeps only one side."""
    weights, intercept = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        weights = np.vstack([-weights, weights])
        intercept = np.concatenate([-intercept, intercept])
    return np.ascontiguousarray(weights.T), intercept

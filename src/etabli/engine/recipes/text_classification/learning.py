"""From texts and labels to weights: the only module that uses scikit-learn.

The constants were chosen once, on three random validation splits (80/20) of BANKING77's training
file, never on its test file. Mean accuracy there: 90.3 % with neighbours only (C = 1), 90.8 % with
pairs of words, a word block 1.4 times as long as the letters', and C = 0.8.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from etabli.engine.runtimes import (
    MAX_CHARACTERS,
    NgramParts,
    Thresholds,
    character_terms,
    word_terms,
)
from etabli.engine.tables.errors import NoWordsError

REGULARISATION_C = 0.8
WORD_BLOCK_WEIGHT = 1.4
SMALL_REGULARISATION_C = 0.5
VECTOR_WEIGHT = 2.0
"""Of an encoder's vector, which has length one, beside the words and letters."""
MAX_TERMS_A_BLOCK = 60_000
# Rare terms cost space and teach little, but with few examples every term is rare.
MIN_ROWS_OF_A_TERM = ((5_000, 4, 5), (1_000, 2, 2), (0, 1, 1))

EVERYTHING_IS_ANSWERED = Thresholds(
    answer_probability=0.0,
    conformal_probability=1.0,
    outside_margin=-math.inf,
)


@dataclass(frozen=True)
class _Block:
    terms: list[str]
    idf: list[float]
    weights: sparse.csr_matrix


STEPS_A_TEXT = 2
"""How often `learn` calls `advance` for each text."""


def _no_advance() -> None:
    """Nobody follows."""


def learn(
    texts: Sequence[str],
    labels: Sequence[str],
    seed: int,
    advance: Callable[[], None] = _no_advance,
) -> NgramParts:
    """A classifier that answers everything: its temperature and thresholds are not learned here."""
    words, letters = _blocks(texts, advance)
    return _first(words, letters, _matrix(words, letters), labels, seed)


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
    advance: Callable[[], None] = _no_advance,
) -> tuple[NgramParts, SmallHead]:
    """As `learn`, and a second classifier, which sees the vector of each text too."""
    words, letters = _blocks(texts, advance)
    matrix = _matrix(words, letters)
    first = _first(words, letters, matrix, labels, seed)
    dense = sparse.csr_matrix(vectors * VECTOR_WEIGHT)
    machine = LinearSVC(C=SMALL_REGULARISATION_C, random_state=seed)
    machine.fit(sparse.hstack([matrix, dense]).tocsr(), np.array(labels))
    head, intercept = _one_column_a_label(machine)
    terms = matrix.shape[1]
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


def _blocks(texts: Sequence[str], advance: Callable[[], None]) -> tuple[_Block, _Block]:
    least_words, least_letters = _least_rows(len(texts))
    cut = [text[:MAX_CHARACTERS] for text in texts]
    words = _block(cut, _counted(word_terms, advance), least_words)
    return words, _block(cut, _counted(character_terms, advance), least_letters)


def _matrix(words: _Block, letters: _Block) -> sparse.csr_matrix:
    return sparse.hstack([words.weights * WORD_BLOCK_WEIGHT, letters.weights]).tocsr()


def _first(
    words: _Block, letters: _Block, matrix: sparse.csr_matrix, labels: Sequence[str], seed: int
) -> NgramParts:
    machine = LinearSVC(C=REGULARISATION_C, random_state=seed).fit(matrix, np.array(labels))
    head, intercept = _one_column_a_label(machine)
    return NgramParts(
        labels=tuple(str(label) for label in machine.classes_),
        answers={},
        word_index={term: row for row, term in enumerate(words.terms)},
        character_index={
            term: row for row, term in enumerate(letters.terms, start=len(words.terms))
        },
        idf=np.array(words.idf + letters.idf, np.float32),
        head=head.astype(np.float16),
        intercept=intercept.astype(np.float32),
        word_block_weight=WORD_BLOCK_WEIGHT,
        temperature=1.0,
        thresholds=EVERYTHING_IS_ANSWERED,
    )


def _counted(
    terms_of: Callable[[str], list[str]], advance: Callable[[], None]
) -> Callable[[str], list[str]]:
    def counted(text: str) -> list[str]:
        advance()
        return terms_of(text)

    return counted


def _least_rows(rows: int) -> tuple[int, int]:
    return next((words, letters) for least, words, letters in MIN_ROWS_OF_A_TERM if rows >= least)


def _block(texts: Sequence[str], terms_of: Callable[[str], list[str]], least_rows: int) -> _Block:
    vectoriser = TfidfVectorizer(
        analyzer=terms_of,
        sublinear_tf=True,
        min_df=least_rows,
        max_features=MAX_TERMS_A_BLOCK,
        dtype=np.float32,
    )
    try:
        weights = vectoriser.fit_transform(texts)
    except ValueError as error:  # what scikit-learn raises for an empty vocabulary
        raise NoWordsError from error
    terms = [str(term) for term in vectoriser.get_feature_names_out()]
    return _Block(terms, vectoriser.idf_.tolist(), weights)


def _one_column_a_label(machine: LinearSVC) -> tuple[np.ndarray, np.ndarray]:
    """Shapes (features, labels) and (labels,): with two labels liblinear keeps only one side."""
    weights, intercept = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        weights = np.vstack([-weights, weights])
        intercept = np.concatenate([-intercept, intercept])
    return np.ascontiguousarray(weights.T), intercept

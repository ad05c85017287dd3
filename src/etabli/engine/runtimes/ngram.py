"""A text classifier of words and letters: n-grams, one weight for each label, nothing else.

A text becomes two blocks of TF-IDF weights, each of length one: words (single words, neighbours,
and any two words of the text) and letters (two to five, within a word). The sum of the rows of
`head` under those weights gives one margin a label, and a softmax under a temperature turns
margins into probabilities that can be believed.

The functions that cut a text into terms are given to scikit-learn at training time, so that the
model answers what was trained by construction. Why these terms and these gates:
docs/decisions/0010-words-and-letters.md.
"""

import json
import math
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from etabli.engine.runtimes.errors import (
    MalformedModelError,
    ModelFolderNotFoundError,
    QuestionTooLongError,
)
from etabli.engine_contract.inference import AnswerResult, Decision, LabelScore
from etabli.foundation.i18n.messages import Message, msg

FORMAT_VERSION = 1
ARCHITECTURE = "EtabliNgramClassifier"
MODEL_TYPE = "etabli-ngram"
USUAL_TOP = 5
MAX_CHARACTERS = 2_000
MAX_WORDS_PAIRED = 40  # pairs grow as the square: 780 at most
MIN_OFFERED, MAX_OFFERED = 2, 3
SHORTEST_LETTERS, LONGEST_LETTERS = 2, 5
ENOUGH_KNOWN = 0.5
WORD = re.compile(r"\w+")

FloatArray = NDArray[np.float32]


def word_terms(text: str) -> list[str]:
    """Words, neighbours `a b`, and unordered pairs `a&b`; neither a space nor `&` is in a word."""
    words = WORD.findall(text.lower())
    paired = words[:MAX_WORDS_PAIRED]
    pairs = [
        f"{first}&{second}" if first < second else f"{second}&{first}"
        for position, first in enumerate(paired)
        for second in paired[position + 1 :]
        if first != second
    ]
    neighbours = [f"{first} {second}" for first, second in pairwise(words)]
    return words + neighbours + pairs


def character_terms(text: str) -> list[str]:
    """Letters by two to five within each word, which is given a space at both ends."""
    terms: list[str] = []
    for word in text.lower().split():
        padded = f" {word} "
        length = len(padded)
        for size in range(SHORTEST_LETTERS, LONGEST_LETTERS + 1):
            if size >= length:
                terms.append(padded)
                break
            terms += [padded[start : start + size] for start in range(length - size + 1)]
    return terms


def softmax(margins: FloatArray, temperature: float, shrinkage: float = 0.0) -> FloatArray:
    """Probabilities along the last axis.

    `shrinkage`, from 0 to 1, is the share of each that is spread over all labels alike: what few
    examples cannot prove is not claimed.
    """
    scaled = margins / temperature
    weights = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    probabilities: FloatArray = weights / weights.sum(axis=-1, keepdims=True)
    shrunk: FloatArray = (1 - shrinkage) * probabilities + shrinkage / margins.shape[-1]
    return shrunk


@dataclass(frozen=True)
class Thresholds:
    """What separates the four decisions; all are learned from held-out training rows."""

    answer_probability: float
    conformal_probability: float
    """Labels at or above it hold the true one as often as the conformal level says."""
    outside_margin: float
    """The least likeness of a text of our subject: see `likeness`."""
    familiarity_weight: float = 0.0
    """How much the share of known words counts beside the highest margin."""

    def likeness(self, top_margin: float, familiarity: float) -> float:
        """How much a text looks like those that were learned."""
        return top_margin + self.familiarity_weight * familiarity


@dataclass(frozen=True)
class Candidate:
    label: str
    probability: float


@dataclass(frozen=True)
class Answer:
    decision: Decision
    candidates: tuple[Candidate, ...]
    """Most likely first."""
    offered: tuple[Candidate, ...]
    """What to ask when the decision is CLARIFY, "did you mean": two or three; else none."""
    answer: str | None
    """The reply written for the first label, whatever the decision; None where there is none."""
    latency_ms: float
    cpu_s: float
    predicted: int = 1
    """How many of the candidates it would say, from the first on."""
    certainty: float | None = None
    """How sure it is of these together; None: as sure as of the first."""


def decide(probabilities: FloatArray, likeness: float, limits: Thresholds) -> Decision:
    """First gate: is it our subject? Second: are we sure? Third: are there only a few choices?"""
    if likeness < limits.outside_margin:
        return Decision.OUTSIDE
    if float(probabilities.max()) >= limits.answer_probability:
        return Decision.ANSWER
    likely = int((probabilities >= limits.conformal_probability).sum())
    return Decision.CLARIFY if likely <= MAX_OFFERED else Decision.HUMAN


@dataclass(frozen=True)
class NgramParts:
    """Everything a classifier is made of."""

    labels: tuple[str, ...]
    answers: Mapping[str, str]
    word_index: Mapping[str, int]
    character_index: Mapping[str, int]
    """Rows of the letters in `head`, after those of the words."""
    idf: FloatArray
    """Shape (features,)."""
    head: NDArray[np.float16]
    """Shape (features, labels): one row is all that one term says."""
    intercept: FloatArray
    """Shape (labels,)."""
    word_block_weight: float
    temperature: float
    thresholds: Thresholds
    shrinkage: float = 0.0
    """See `softmax`."""
    language: str = ""
    """Of its texts, as a code such as `fr`; empty when unknown."""
    sentences: Mapping[str, str] = field(default_factory=dict)
    """What its owner wants said for a decision, by the decision; the hub's own words elsewhere."""

    @property
    def size_bytes(self) -> int:
        """An estimate of the memory held: arrays, and about 90 bytes a term in the indexes."""
        arrays = self.idf.nbytes + self.head.nbytes + self.intercept.nbytes
        return arrays + 90 * (len(self.word_index) + len(self.character_index))


class NgramClassifier:
    """Answers one text at a time, in a fraction of a millisecond."""

    model_type = MODEL_TYPE

    def __init__(self, parts: NgramParts) -> None:
        self.parts = parts
        self._idf: list[float] = parts.idf.tolist()  # a list is quicker than an array, one by one
        self._rarest_idf = max(self._idf, default=1.0)

    @classmethod
    def load(cls, folder: Path) -> "NgramClassifier":
        """Read an artefact; no code of the artefact is ever run.

        Raises:
            ModelFolderNotFoundError: there is no artefact.
            MalformedModelError: its files do not agree with each other.
        """
        return cls(read_parts(folder))

    @property
    def default_top(self) -> int:
        """How many labels an answer tells when nobody asks for more or fewer."""
        return USUAL_TOP

    def answer(self, text: str, top: int = USUAL_TOP) -> Answer:
        """Raises QuestionTooLongError over MAX_CHARACTERS."""
        if len(text) > MAX_CHARACTERS:
            raise QuestionTooLongError(len(text), MAX_CHARACTERS)
        started, cpu_started = time.perf_counter(), time.thread_time()
        margins, familiarity = self.scores(text)
        probabilities = softmax(margins, self.parts.temperature, self.parts.shrinkage)
        limits = self.parts.thresholds
        likeness = limits.likeness(float(margins.max()), familiarity)
        decision = decide(probabilities, likeness, limits)
        candidates = self._candidates(probabilities, max(top, MAX_OFFERED))
        return Answer(
            decision=decision,
            candidates=candidates[:top],
            offered=self._offered(candidates) if decision is Decision.CLARIFY else (),
            answer=self.parts.answers.get(candidates[0].label),
            latency_ms=(time.perf_counter() - started) * 1000,
            cpu_s=time.thread_time() - cpu_started,
        )

    def ask(self, text: str, top: int = USUAL_TOP) -> AnswerResult:
        """The answer as it crosses to the hub. Raises as `answer`."""
        answer, replies = self.answer(text, top), self.parts.answers

        def score(one: Candidate) -> LabelScore:
            return LabelScore(one.label, round(one.probability, 6), replies.get(one.label))

        return AnswerResult(
            decision=answer.decision,
            labels=[score(candidate) for candidate in answer.candidates],
            offered=[score(candidate) for candidate in answer.offered],
            # An answer that we are not sure of must not be shown as if we were.
            answer=answer.answer if answer.decision is Decision.ANSWER else None,
            language=self.parts.language,
            runtime=self.model_type,
            sentence=self.parts.sentences.get(answer.decision.value, ""),
            latency_ms=answer.latency_ms,
            cpu_s=answer.cpu_s,
        )

    @property
    def size_bytes(self) -> int:
        return self.parts.size_bytes

    def scores(self, text: str) -> tuple[FloatArray, float]:
        """The margins, and how familiar the text is: what the decision is taken from."""
        return self.margins(text), self.familiarity(text)

    def margins(self, text: str) -> FloatArray:
        """One a label, shape (labels,): above 0, the text looks like the label's own."""
        words = word_terms(text)
        word_rows, word_values = self._block(words, self.parts.word_index)
        letter_rows, letter_values = self._block(character_terms(text), self.parts.character_index)
        weight = self.parts.word_block_weight
        values = np.array([weight * value for value in word_values] + letter_values, np.float32)
        rows = np.array(word_rows + letter_rows, np.intp)
        margins: FloatArray = values @ self.parts.head[rows].astype(np.float32)
        return margins + self.parts.intercept

    def familiarity(self, text: str) -> float:
        """From 0, none of its words was learned, to 1, enough of them; rare ones count most.

        Above ENOUGH_KNOWN it is 1: a typing mistake is an unknown word too.
        A margin is blind to what it does not know: of “What is the weather” it sees “what is the”.
        """
        known = unknown = 0.0
        for word in set(WORD.findall(text.lower())):
            row = self.parts.word_index.get(word)
            if row is None:
                unknown += self._rarest_idf**2
            else:
                known += self._idf[row] ** 2
        return min(known / (known + unknown) / ENOUGH_KNOWN, 1.0) if known else 0.0

    def _block(
        self, terms: Sequence[str], index: Mapping[str, int]
    ) -> tuple[list[int], list[float]]:
        """The rows of the terms that are known, and their weights as a vector of length one."""
        rows: list[int] = []
        values: list[float] = []
        for term, count in Counter(terms).items():
            row = index.get(term)
            if row is None:
                continue
            rows.append(row)
            values.append(self._idf[row] * (1 + math.log(count) if count > 1 else 1.0))
        length = math.sqrt(sum(value * value for value in values)) or 1.0
        return rows, [value / length for value in values]

    def _offered(self, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        likely = self.parts.thresholds.conformal_probability
        return tuple(
            candidate
            for position, candidate in enumerate(candidates[:MAX_OFFERED])
            if position < MIN_OFFERED or candidate.probability >= likely
        )

    def _candidates(self, probabilities: FloatArray, top: int) -> tuple[Candidate, ...]:
        order = np.argsort(-probabilities)[:top]
        return tuple(
            Candidate(self.parts.labels[label], float(probabilities[label])) for label in order
        )


def load(folder: Path, encoder: object = None) -> NgramClassifier:
    """See `NgramClassifier.load`; it stands on no encoder."""
    return NgramClassifier.load(folder)


def read_parts(folder: Path, architecture: str = ARCHITECTURE) -> NgramParts:
    """
    Raises: as `NgramClassifier.load`.
    """
    try:
        config = read_json(folder / "config.json")
        vocabulary = read_json(folder / "vocab.json")
        own = read_json(folder / "etabli.json")
        tensors = load_file(folder / "model.safetensors")
        if config["architectures"] != [architecture] or own["format_version"] != FORMAT_VERSION:
            raise ValueError("another kind of model")
        parts = _assemble(config, vocabulary, own, tensors)
    except FileNotFoundError as error:
        raise ModelFolderNotFoundError(str(folder)) from error
    except (ValueError, SafetensorError) as error:  # ValueError: not JSON, not UTF-8, not a number
        raise _malformed(folder, msg("one of its files cannot be read.")) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise _malformed(folder, msg("a value is missing or of another kind.")) from error
    problem = _contradiction(config, parts)
    if problem:
        raise _malformed(folder, problem)
    return parts


def _malformed(folder: Path, problem: Message) -> MalformedModelError:
    return MalformedModelError(str(folder), problem)


def read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def _assemble(
    config: Mapping[str, Any],
    vocabulary: Mapping[str, Any],
    own: Mapping[str, Any],
    tensors: Mapping[str, NDArray[Any]],
) -> NgramParts:
    words, letters = vocabulary["words"], vocabulary["characters"]
    names = config["id2label"]
    return NgramParts(
        labels=tuple(str(names[str(position)]) for position in range(len(names))),
        answers={str(label): str(answer) for label, answer in own["answers"].items()},
        word_index={term: row for row, term in enumerate(words)},
        character_index={term: row for row, term in enumerate(letters, start=len(words))},
        idf=tensors["idf"],
        head=tensors["head"],
        intercept=tensors["intercept"],
        word_block_weight=float(own["preprocessing"]["word_block_weight"]),
        temperature=float(own["temperature"]),
        shrinkage=float(own.get("shrinkage", 0.0)),
        thresholds=Thresholds(**{name: float(value) for name, value in own["thresholds"].items()}),
        language=str(own.get("language", "")),
        sentences={str(name): str(said) for name, said in own.get("sentences", {}).items()},
    )


def _contradiction(config: Mapping[str, Any], parts: NgramParts) -> Message | None:
    """What does not fit between the files, or None."""
    features = len(parts.word_index) + len(parts.character_index)
    labels = len(parts.labels)
    if parts.head.shape != (features, labels):
        return msg(
            "its weights have the shape {found} where its vocabulary and labels need {expected}.",
            found=str(parts.head.shape),
            expected=str((features, labels)),
        )
    if parts.idf.shape != (features,) or parts.intercept.shape != (labels,):
        return msg("its weights do not have the length of its vocabulary and labels.")
    kinds = [array.dtype.name for array in (parts.head, parts.idf, parts.intercept)]
    if kinds != ["float16", "float32", "float32"]:
        return msg("its weights are not the kind of number that this version reads.")
    arrays = (parts.head, parts.idf, parts.intercept)
    if not labels or not all(np.isfinite(array).all() for array in arrays):
        return msg("its weights hold values that are not numbers.")
    if not 0 <= parts.shrinkage <= 1:
        return msg("its shrinkage is not between 0 and 1.")
    if parts.temperature <= 0 or config["num_labels"] != labels:
        return msg("its temperature or its number of labels is wrong.")
    return None

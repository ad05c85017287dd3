"""A classifier of words and letters that says every label that fits a text, even none.

One weight for each label, as the model that says one label; but each margin becomes a probability
of its own (the logistic function, under one slope and one bias for all), and each label has a
threshold of its own. How sure it is of all that it says together is fitted apart: it is the
chance that nothing is missing and nothing too much.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from etabli.engine.runtimes.errors import (
    MalformedModelError,
    ModelFolderNotFoundError,
    QuestionTooLongError,
)
from etabli.engine.runtimes.ngram import (
    MAX_CHARACTERS,
    USUAL_TOP,
    Answer,
    Candidate,
    FloatArray,
    NgramClassifier,
    NgramParts,
    read_json,
    read_parts,
)
from etabli.engine_contract.inference import AnswerResult, Decision, LabelScore
from etabli.foundation.i18n.messages import msg

ARCHITECTURE = "EtabliMultilabelClassifier"
MODEL_TYPE = "etabli-multilabel"
SURE = 1e-6
"""How near to 0 or 1 a probability comes at most: its logarithm is taken."""


def probabilities_of(margins: FloatArray, parts: NgramParts, bias: float) -> FloatArray:
    """Of each label alone, along the last axis; what few examples cannot prove is not claimed."""
    alone = 1 / (1 + np.exp(-np.clip(margins / parts.temperature + bias, -30, 30)))
    shrunk: FloatArray = (1 - parts.shrinkage) * alone + parts.shrinkage / 2
    return shrunk


def evidence_of(probabilities: FloatArray, says: np.ndarray) -> FloatArray:
    """The logarithm of the chance that all is right, were the labels independent; last axis."""
    sure = np.clip(np.where(says, probabilities, 1 - probabilities), SURE, 1)
    evidence: FloatArray = np.log(sure).sum(axis=-1)
    return evidence


@dataclass(frozen=True)
class Rules:
    """How probabilities become what is said."""

    bias: float
    label_thresholds: FloatArray
    """Shape (labels,): from there on a label is said."""
    says_none: bool
    """Whether some text to learn from had no label: else the likeliest is said in any case."""
    certainty_slope: float
    certainty_intercept: float

    def says(self, probabilities: FloatArray) -> np.ndarray:
        """Which labels are said; shape as that of the probabilities, (…, labels)."""
        said: np.ndarray = probabilities >= self.label_thresholds
        if not self.says_none:
            ahead = probabilities - self.label_thresholds
            best = ahead == ahead.max(axis=-1, keepdims=True)
            said = said | (best & ~said.any(axis=-1, keepdims=True))
        return said

    def certainty(self, evidence: FloatArray) -> FloatArray:
        """From 0 to 1."""
        exponent = self.certainty_slope * evidence + self.certainty_intercept
        sure: FloatArray = 1 / (1 + np.exp(-np.clip(exponent, -30, 30)))
        return sure


class MultilabelClassifier(NgramClassifier):
    """Answers one text at a time, in a fraction of a millisecond."""

    model_type = MODEL_TYPE

    def __init__(self, parts: NgramParts, rules: Rules) -> None:
        super().__init__(parts)
        self.rules = rules

    @classmethod
    def load(cls, folder: Path) -> "MultilabelClassifier":
        """Raises as `NgramClassifier.load`."""
        parts = read_parts(folder, ARCHITECTURE)
        try:
            rules = _rules(read_json(folder / "etabli.json")["multilabel"])
        except FileNotFoundError as error:
            raise ModelFolderNotFoundError(str(folder)) from error
        except (ValueError, KeyError, TypeError) as error:
            problem = msg("a value is missing or of another kind.")
            raise MalformedModelError(str(folder), problem) from error
        numbers = (rules.bias, rules.certainty_slope, rules.certainty_intercept)
        whole = rules.label_thresholds.shape == (len(parts.labels),)
        if not whole or not np.isfinite([*numbers, *rules.label_thresholds]).all():
            problem = msg("its weights do not have the length of its vocabulary and labels.")
            raise MalformedModelError(str(folder), problem)
        return cls(parts, rules)

    def answer(self, text: str, top: int = USUAL_TOP) -> Answer:
        """Raises QuestionTooLongError over MAX_CHARACTERS."""
        if len(text) > MAX_CHARACTERS:
            raise QuestionTooLongError(len(text), MAX_CHARACTERS)
        started, cpu_started = time.perf_counter(), time.thread_time()
        margins, familiarity = self.scores(text)
        probabilities = probabilities_of(margins, self.parts, self.rules.bias)
        says = self.rules.says(probabilities)
        certainty = float(self.rules.certainty(evidence_of(probabilities, says)))
        likeness = self.parts.thresholds.likeness(float(margins.max()), familiarity)
        order = np.lexsort((-probabilities, ~says))  # what it says first, then the likeliest
        predicted = int(says.sum())
        return Answer(
            decision=self._decision(likeness, certainty),
            candidates=tuple(
                Candidate(self.parts.labels[at], float(probabilities[at]))
                for at in order[: max(top, predicted)]
            ),
            offered=(),
            answer=None,
            latency_ms=(time.perf_counter() - started) * 1000,
            cpu_s=time.thread_time() - cpu_started,
            predicted=predicted,
            certainty=certainty,
        )

    def ask(self, text: str, top: int = USUAL_TOP) -> AnswerResult:
        """The answer as it crosses to the hub. Raises as `answer`."""
        answer, replies = self.answer(text, top), self.parts.answers
        return AnswerResult(
            decision=answer.decision,
            labels=[
                LabelScore(one.label, round(one.probability, 6), replies.get(one.label))
                for one in answer.candidates
            ],
            offered=[],
            answer=None,
            language=self.parts.language,
            runtime=self.model_type,
            sentence=self.parts.sentences.get(answer.decision.value, ""),
            latency_ms=answer.latency_ms,
            cpu_s=answer.cpu_s,
            predicted=answer.predicted,
            certainty=answer.certainty,
        )

    def _decision(self, likeness: float, certainty: float) -> Decision:
        limits = self.parts.thresholds
        if likeness < limits.outside_margin:
            return Decision.OUTSIDE
        return Decision.ANSWER if certainty >= limits.answer_probability else Decision.HUMAN


def load(folder: Path, encoder: object = None) -> MultilabelClassifier:
    """See `MultilabelClassifier.load`; it stands on no encoder."""
    return MultilabelClassifier.load(folder)


def _rules(own: Mapping[str, Any]) -> Rules:
    return Rules(
        bias=float(own["bias"]),
        label_thresholds=np.array([float(one) for one in own["label_thresholds"]], np.float32),
        says_none=bool(own["says_none"]),
        certainty_slope=float(own["certainty_slope"]),
        certainty_intercept=float(own["certainty_intercept"]),
    )


def as_json(rules: Rules) -> dict[str, Any]:
    """As it stands in `etabli.json`."""
    return {
        "bias": rules.bias,
        "label_thresholds": [round(float(one), 6) for one in rules.label_thresholds],
        "says_none": rules.says_none,
        "certainty_slope": rules.certainty_slope,
        "certainty_intercept": rules.certainty_intercept,
    }

"""Answers of a FAQ: finds the likeliest question and says its answer, letter by letter.

A question is a sum over an index of words and of letters by three (`word_index`): accents, endings
and typing mistakes are forgiven. Of several phrasings of a question the best one counts. Where two
answers are near it asks which is meant; where none fits it says so.
"""

import json
import math
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from etabli.engine.runtimes.belief import Belief
from etabli.engine.runtimes.errors import (
    MalformedModelError,
    ModelFolderNotFoundError,
    QuestionTooLongError,
)
from etabli.engine.runtimes.index_files import is_whole, read_index
from etabli.engine.runtimes.word_index import MAX_QUESTION_WORDS, Analyzer, WordIndex, words_of
from etabli.engine_contract.inference import AnswerResult, Decision, LabelScore
from etabli.foundation.i18n.messages import msg
from etabli.foundation.letters import without_accents

ARCHITECTURE = "EtabliFaq"
MODEL_TYPE = "etabli-faq"
FORMAT_VERSION = 1
USUAL_TOP = 3
MAX_OFFERED = 3
MAX_CHARACTERS = 2_000
MAX_TERMS = 600
"""Of a question that are looked up: words, and their letters."""
MANY_PHRASINGS, LEAST_WEIGHT = 1_000, 0.5
"""Of so many, a term that most of them have tells nothing apart, and costs most of the time."""
LETTERS = 3
SILENT = "-"
"""Before a word that says nothing alone: it helps to find, and is no sign that an answer fits."""
SIGNS = 5
"""What is looked at to believe an answer: see `FaqRetriever.signs`."""
FAQ_FILE = "faq.json"

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class Entry:
    """An answer, and how people ask for it."""

    questions: Sequence[str]
    """At least one; the first is what it is called by."""
    answer: str | None

    @property
    def label(self) -> str:
        return self.questions[0]


@dataclass(frozen=True)
class FaqParts:
    """Everything that answers."""

    entries: Sequence[Entry]
    index: WordIndex
    """Its passages are the questions of the entries, one entry after the other."""
    belief: Belief
    clear_lead: float
    """How far the next answer must be behind, as a share of the best score: nearer ones are
    asked about."""
    language: str = ""
    """Of its questions, as a code such as `fr`; empty when unknown."""
    sentences: Mapping[str, str] = field(default_factory=dict)
    """What its owner wants said for a decision, by the decision."""


@dataclass(frozen=True)
class Question:
    """What was asked, and how well each phrasing fits it."""

    weights: Mapping[str, float]
    """Of its terms that say something, how much each says."""
    scores: FloatArray
    """Of each phrasing; about 1 where it has all of the question's terms."""
    key: str


@dataclass(frozen=True)
class Found:
    at: int
    """Which entry."""
    score: float
    signs: Sequence[float]
    probability: float


class FaqAnalyzer:
    """Words as the index of documents has them, and the letters of each by three: a word with a
    typing mistake shares most of these."""

    def __init__(self, language: str) -> None:
        self._words = Analyzer(language)

    def terms(self, text: str, most_words: int | None = None) -> list[str]:
        """Of its first words, if not of all. Words that only hold a sentence together are marked:
        “how long” and “how much” are told apart by them."""
        words = words_of(text)[:most_words]
        pairs = [(word, self._words.terms(word)) for word in words]
        telling = [term for _, terms in pairs for term in terms]
        silent = [f"{SILENT}{without_accents(word)}" for word, terms in pairs if not terms]
        return [*telling, *(part for word in telling for part in _letters(word)), *silent]


def _letters(word: str) -> list[str]:
    """Marked, since a word may have three letters too."""
    padded = f" {word} "
    return [f"~{padded[at : at + LETTERS]}" for at in range(len(padded) - LETTERS + 1)]


def same_question(text: str) -> str:
    """Questions with the same key ask the same: case, accents and signs do not count."""
    return " ".join(without_accents(word) for word in words_of(text))


class FaqRetriever:
    model_type = MODEL_TYPE

    def __init__(self, parts: FaqParts) -> None:
        self.parts = parts
        self.analyzer = FaqAnalyzer(parts.language)
        sizes = [len(entry.questions) for entry in parts.entries]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        """Where an entry's phrasings begin, and the last one's end."""
        self.phrasings = [text for entry in parts.entries for text in entry.questions]
        self._known: dict[str, int] = {}
        for at, entry in enumerate(parts.entries):
            for text in entry.questions:
                self._known.setdefault(same_question(text), at)

    @property
    def default_top(self) -> int:
        return USUAL_TOP

    @property
    def size_bytes(self) -> int:
        """An estimate of the memory held: a phrasing is held twice, with its key."""
        texts = sum(2 * len(text) + 300 for text in self.phrasings)
        answers = sum(len(entry.answer or "") for entry in self.parts.entries)
        return self.parts.index.size_bytes + texts + 2 * answers

    def ask(self, text: str, top: int = USUAL_TOP) -> AnswerResult:
        """Raises QuestionTooLongError over MAX_CHARACTERS."""
        if len(text) > MAX_CHARACTERS:
            raise QuestionTooLongError(len(text), MAX_CHARACTERS)
        started, cpu_started = time.perf_counter(), time.thread_time()
        question = self.question(text)
        found = self.best(question, max(top, MAX_OFFERED))
        decision, near = self.decide(found)
        offered = [self._score(one) for one in near] if decision is Decision.CLARIFY else []
        labels = [self._score(one) for one in found[:top]]
        return AnswerResult(
            decision=decision,
            labels=labels,
            offered=offered,
            answer=labels[0].answer if decision is Decision.ANSWER else None,
            language=self.parts.language,
            runtime=MODEL_TYPE,
            sentence=self.parts.sentences.get(decision.value, ""),
            latency_ms=(time.perf_counter() - started) * 1000,
            cpu_s=time.thread_time() - cpu_started,
        )

    def question(self, text: str) -> Question:
        index, terms = self.parts.index, self.analyzer.terms(text, MAX_QUESTION_WORDS)
        if index.count > MANY_PHRASINGS:
            terms = [one for one in terms if index.weight(one) >= LEAST_WEIGHT]
        matched = index.match(terms, MAX_TERMS)
        weights = {one: index.weight(one) for one in terms[:MAX_TERMS] if one[0] != SILENT}
        return Question(weights, matched.scores / (matched.whole or 1.0), same_question(text))

    def best(
        self,
        question: Question,
        top: int,
        *,
        hidden: Collection[int] = (),
        without: Collection[int] = (),
    ) -> list[Found]:
        """The likeliest answers, with how sure to be of each; at least one.

        Args:
            hidden: phrasings that are not there, for an examination that asks with them.
            without: entries that are not there, for one that asks for what is not known.
        """
        scores = question.scores
        known = self._known.get(question.key) if not hidden and not without else None
        if hidden or without:
            scores = scores.copy()
            scores[list(hidden)] = -1.0
        of_entries = np.maximum.reduceat(scores, self.starts[:-1])
        of_entries[list(without)] = -1.0
        if known is not None:  # asked word for word
            of_entries[known] = max(2.0, float(of_entries.max()) + 1)
        wanted = min(top + 1, len(of_entries))
        order = np.argpartition(-of_entries, wanted - 1)[:wanted]
        order = order[np.argsort(-of_entries[order], kind="stable")]
        found: list[Found] = []
        for place, at in enumerate(order[:top]):
            score = float(of_entries[at])
            after = float(of_entries[order[place + 1]]) if place + 1 < len(order) else 0.0
            signs = self.signs(question, scores, int(at), score, max(0.0, after))
            sure = self._probability(question, signs) if known != at else 1.0
            if found:  # the lead counts for the first alone
                sure = min(sure, found[-1].probability)
            found.append(Found(int(at), score, signs, sure))
        return found

    def _probability(self, question: Question, signs: Sequence[float]) -> float:
        """Of a question without a word that says anything, nothing is believed."""
        return self.parts.belief.probability(signs) if question.weights else 0.0

    def signs(
        self, question: Question, scores: FloatArray, at: int, score: float, after: float
    ) -> tuple[float, ...]:
        """What speaks for an answer, each about from 0 to 1, by the phrasing that fits best: which
        share of the question's terms it has, by their weight; how much that is; which share of its
        own terms the question has; its score, and how far the next answer is behind."""
        first, last = self.starts[at], self.starts[at + 1]
        phrasing = self.phrasings[first + int(scores[first:last].argmax())]
        own = {one: self.parts.index.weight(one) for one in self.analyzer.terms(phrasing)
               if one[0] != SILENT}  # fmt: skip
        held = sum(weight for term, weight in question.weights.items() if term in own)
        whole, other = sum(question.weights.values()) or 1.0, sum(own.values()) or 1.0
        return (held / whole, math.log1p(held) / 5, held / other, score, score - after)

    def decide(self, found: Sequence[Found]) -> tuple[Decision, Sequence[Found]]:
        """What to make of the likeliest answers, and those that are too near to choose between."""
        best = found[0]
        if best.probability < self.parts.belief.answer_probability or best.score <= 0:
            return Decision.OUTSIDE, ()
        least = best.score * (1 - self.parts.clear_lead)
        near = [one for one in found[:MAX_OFFERED] if one.score > least]
        return (Decision.CLARIFY, near) if len(near) > 1 else (Decision.ANSWER, ())

    def _score(self, found: Found) -> LabelScore:
        entry = self.parts.entries[found.at]
        return LabelScore(entry.label, round(found.probability, 6), entry.answer)


def load(folder: Path, encoder: object = None) -> FaqRetriever:
    """Read an artefact; no code of the artefact is ever run.

    Raises:
        ModelFolderNotFoundError: there is no artefact.
        MalformedModelError: its files do not agree with each other.
    """
    try:
        parts = _read(folder)
    except FileNotFoundError as error:
        raise ModelFolderNotFoundError(str(folder)) from error
    except (ValueError, SafetensorError) as error:
        raise MalformedModelError(str(folder), msg("one of its files cannot be read.")) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedModelError(
            str(folder), msg("a value is missing or of another kind.")
        ) from error
    if not is_whole(parts.index) or len(parts.belief.weights) != SIGNS:
        raise MalformedModelError(str(folder), msg("its index does not fit its questions."))
    return FaqRetriever(parts)


def _read(folder: Path) -> FaqParts:
    config, own, said = (json.loads((folder / name).read_text("utf-8"))
                         for name in ("config.json", "etabli.json", FAQ_FILE))  # fmt: skip
    if config["architectures"] != [ARCHITECTURE] or own["format_version"] != FORMAT_VERSION:
        raise ValueError("another kind of model")
    answers = own.get("answers", {})
    entries = [_entry(one, answers) for one in said]
    if not all(entry.questions for entry in entries):
        raise ValueError("an answer without a question")
    count = sum(len(entry.questions) for entry in entries)
    return FaqParts(
        entries=entries,
        index=read_index(folder, count, float(own["mean_length"])),
        belief=Belief.of_settings(own),
        clear_lead=float(own["thresholds"]["clear_lead"]),
        language=str(own.get("language", "")),
        sentences={str(name): str(text) for name, text in own.get("sentences", {}).items()},
    )


def _entry(said: Mapping[str, Any], answers: Mapping[str, Any]) -> Entry:
    """Of a FAQ that is not large the answers stand in the settings, where its owner may change
    them."""
    questions = [str(text) for text in said["questions"]]
    answer = said.get("answer") or answers.get(questions[0])
    return Entry(questions, str(answer) if answer else None)

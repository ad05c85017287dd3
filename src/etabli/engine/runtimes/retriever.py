"""Answers with the letters of a document: finds the passage, quotes of it, or says that none says.

A question is a sum over an index of words (`word_index`). Nothing is written by the machine: what
is answered is a part of a passage, letter by letter.
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
from etabli.engine.runtimes.quoting import quote
from etabli.engine.runtimes.word_index import Analyzer, Matched, WordIndex
from etabli.engine_contract.inference import AnswerResult, Decision, LabelScore, Source
from etabli.foundation.i18n.messages import msg

ARCHITECTURE = "EtabliRetriever"
MODEL_TYPE = "etabli-retriever"
FORMAT_VERSION = 1
USUAL_TOP = 3
MAX_CHARACTERS = 2_000
SIGNS = 5
"""What is looked at to believe a passage: see `Retriever.signs`."""
PASSAGES_FILE = "passages.json"

FloatArray = NDArray[np.float32]


@dataclass(frozen=True)
class StoredPassage:
    text: str
    document: str
    headings: tuple[str, ...] = ()
    page: int | None = None

    @property
    def indexed(self) -> str:
        """What it is found by: a heading says what is under it."""
        return "\n".join((*self.headings, self.text))


@dataclass(frozen=True)
class Published:
    """Where the documents lie, if they were published with the model."""

    dataset: str
    commit: str


@dataclass(frozen=True)
class RetrieverParts:
    """Everything a retriever is made of."""

    passages: Sequence[StoredPassage]
    index: WordIndex
    belief: Belief
    language: str = ""
    """Of its documents, as a code such as `fr`; empty when unknown."""
    sentences: Mapping[str, str] = field(default_factory=dict)
    """What its owner wants said for a decision, by the decision."""
    published: Published | None = None


@dataclass(frozen=True)
class Question:
    """What was asked, and how well each passage fits it."""

    weights: Mapping[str, float]
    """Of its terms, how much each says."""
    matched: Matched
    scores: FloatArray
    """The highest is the likeliest; about 1 where a passage has all of its words."""


@dataclass(frozen=True)
class Found:
    at: int
    """Which passage."""
    signs: Sequence[float]
    probability: float


class Retriever:
    model_type = MODEL_TYPE

    def __init__(self, parts: RetrieverParts) -> None:
        self.parts = parts
        self.analyzer = Analyzer(parts.language)

    @property
    def default_top(self) -> int:
        return USUAL_TOP

    @property
    def size_bytes(self) -> int:
        """An estimate of the memory held."""
        texts = sum(len(passage.text) for passage in self.parts.passages)
        return self.parts.index.size_bytes + 2 * texts

    def ask(self, text: str, top: int = USUAL_TOP) -> AnswerResult:
        """Raises QuestionTooLongError over MAX_CHARACTERS."""
        if len(text) > MAX_CHARACTERS:
            raise QuestionTooLongError(len(text), MAX_CHARACTERS)
        started, cpu_started = time.perf_counter(), time.thread_time()
        question = self.question(text)
        found = self.best(question, top)
        is_sure = found[0].probability >= self.parts.belief.answer_probability
        decision = Decision.ANSWER if is_sure else Decision.OUTSIDE
        labels = [self._quoted(question, one) for one in found]
        return AnswerResult(
            decision=decision,
            labels=labels,
            offered=[],
            answer=labels[0].answer if is_sure else None,
            language=self.parts.language,
            runtime=MODEL_TYPE,
            sentence=self.parts.sentences.get(decision.value, ""),
            latency_ms=(time.perf_counter() - started) * 1000,
            cpu_s=time.thread_time() - cpu_started,
        )

    def question(self, text: str) -> Question:
        weights = {term: self.parts.index.weight(term) for term in self.analyzer.terms(text)}
        matched = self.parts.index.match(list(weights))
        return Question(weights, matched, matched.scores / (matched.whole or 1.0))

    def best(
        self,
        question: Question,
        top: int,
        *,
        instead: Mapping[int, str] | None = None,
        without: Collection[int] = (),
    ) -> list[Found]:
        """The likeliest passages, with how sure to be of each; at least one.

        Args:
            instead: what stands in the place of some passages' texts, for an examination that
                hides a part of them.
            without: passages that are not there, for one that hides whole documents.
        """
        scores = self._changed(question, instead or {}, without)
        wanted = min(top + 1, len(scores))
        order = np.argpartition(-scores, wanted - 1)[:wanted]
        order = order[np.argsort(-scores[order], kind="stable")]
        found = []
        for place, at in enumerate(order[:top]):
            after = float(scores[order[place + 1]]) if place + 1 < len(order) else 0.0
            text = (instead or {}).get(int(at)) or self.parts.passages[at].indexed
            signs = self.signs(question, int(at), text, float(scores[at]), max(0.0, after))
            found.append(Found(int(at), signs, self.parts.belief.probability(signs)))
        return found

    def signs(
        self, question: Question, at: int, text: str, score: float, after: float
    ) -> tuple[float, ...]:
        """What speaks for a passage, each about from 0 to 1: which share of the question's words
        it has, by their weight; how much that is; the same within its best sentences alone; its
        score, and how far the next one is behind."""
        weights = question.weights
        whole = question.matched.whole or 1.0
        held = self._held(weights, text)
        begin, end = quote(text, weights, self.analyzer.terms)
        close = self._held(weights, text[begin:end])
        return (held / whole, math.log1p(held) / 3, close / whole, score, score - after)

    def _held(self, weights: Mapping[str, float], text: str) -> float:
        return sum(weights[term] for term in set(self.analyzer.terms(text)) if term in weights)

    def _changed(
        self, question: Question, instead: Mapping[int, str], without: Collection[int]
    ) -> FloatArray:
        if not instead and not without:
            return question.scores
        scores = question.scores.copy()
        for at, text in instead.items():
            scores[at] = self._score_of(question, text)
        scores[list(without)] = -1.0
        return scores

    def _score_of(self, question: Question, text: str) -> float:
        terms = self.analyzer.terms(text)
        return self.parts.index.score_of(list(question.weights), terms) / (
            question.matched.whole or 1.0
        )

    def _quoted(self, question: Question, found: Found) -> LabelScore:
        passage = self.parts.passages[found.at]
        begin, end = quote(passage.text, question.weights, self.analyzer.terms)
        source = Source(
            document=passage.document,
            headings=passage.headings,
            page=passage.page,
            passage=passage.text,
            start=begin,
            end=end,
            dataset=self.parts.published.dataset if self.parts.published else "",
            commit=self.parts.published.commit if self.parts.published else "",
        )
        probability = round(found.probability, 6)
        return LabelScore(passage.document, probability, passage.text[begin:end], source)


def load(folder: Path, encoder: object = None) -> Retriever:
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
        raise _malformed(folder, "unreadable") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise _malformed(folder, "missing") from error
    _require_whole(folder, parts)
    return Retriever(parts)


def _read(folder: Path) -> RetrieverParts:
    config, own = (json.loads((folder / name).read_text("utf-8"))
                   for name in ("config.json", "etabli.json"))  # fmt: skip
    if config["architectures"] != [ARCHITECTURE] or own["format_version"] != FORMAT_VERSION:
        raise ValueError("another kind of model")
    passages = [_passage(one) for one in json.loads((folder / PASSAGES_FILE).read_text("utf-8"))]
    published = own.get("documents")
    return RetrieverParts(
        passages=passages,
        index=read_index(folder, len(passages), float(own["mean_length"])),
        belief=Belief.of_settings(own),
        language=str(own.get("language", "")),
        sentences={str(name): str(said) for name, said in own.get("sentences", {}).items()},
        published=Published(str(published["dataset"]), str(published["commit"]))
        if published
        else None,
    )


def _passage(said: Mapping[str, Any]) -> StoredPassage:
    page = said.get("page")
    return StoredPassage(
        text=str(said["text"]),
        document=str(said["document"]),
        headings=tuple(str(heading) for heading in said.get("headings", ())),
        page=int(page) if page is not None else None,
    )


def _malformed(folder: Path, problem: str) -> MalformedModelError:
    words = {
        "unreadable": msg("one of its files cannot be read."),
        "missing": msg("a value is missing or of another kind."),
        "shape": msg("its index does not fit its passages."),
    }
    return MalformedModelError(str(folder), words[problem])


def _require_whole(folder: Path, parts: RetrieverParts) -> None:
    if not is_whole(parts.index) or len(parts.belief.weights) != SIGNS:
        raise _malformed(folder, "shape")

"""What the hub and the process that answers say to each other: a line of JSON each.

A request is `{"id", "op", "model", …}`, a reply `{"id", "ok", "result"}` or `{"id", "ok",
"error"}`: see `engine.runtimes.process`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Decision(StrEnum):
    """What a model makes of a question."""

    ANSWER = "answer"
    """Sure enough, by a threshold that was learned."""
    CLARIFY = "clarify"
    """Two or three readings are likely: ask which."""
    OUTSIDE = "outside"
    """Unlike anything that it was made for."""
    HUMAN = "human"
    """About its subject, and unsure: a person should answer."""


@dataclass(frozen=True)
class Source:
    """Where a quote stands."""

    document: str
    """As its owner named the file."""
    headings: Sequence[str]
    """Over the passage, the outermost first."""
    page: int | None
    """From 1; None where the format has no pages."""
    passage: str
    """The text around the quote, letter by letter."""
    start: int
    end: int
    """The quote is `passage[start:end]`."""
    dataset: str = ""
    """The full name of the one that holds the document; empty where it is not published."""
    commit: str = ""
    """Of that dataset, as the model was made from it."""


@dataclass(frozen=True)
class LabelScore:
    label: str
    probability: float
    """From 0 to 1."""
    answer: str | None
    """What its maker wrote for this label; of a document, the quote."""
    source: Source | None = None
    """Where that stands, if it is a quote."""


@dataclass(frozen=True)
class AnswerResult:
    """What a model says of one text."""

    decision: Decision
    labels: Sequence[LabelScore]
    """Those that it says first, then the likeliest; never empty."""
    offered: Sequence[LabelScore]
    """What to ask when the decision is to clarify; else none."""
    answer: str | None
    """What its maker wrote, where the model is sure enough for it to be sent."""
    language: str
    """Of its texts, as a code; empty when unknown."""
    latency_ms: float
    cpu_s: float
    runtime: str = ""
    """Of what answered: the `model_type` of its `config.json`; empty when it does not say."""
    sentence: str = ""
    """What its owner wrote for this decision, to be said in the place of the hub's words."""
    predicted: int = 1
    """How many of `labels`, from the first on, it would say: one, of a kind that says one label;
    none or several, of a kind that may."""
    certainty: float | None = None
    """How sure it is of these together, from 0 to 1; None: as sure as of the first."""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> "AnswerResult":
        """
        Raises:
            ValueError, KeyError, TypeError: it is no answer.
        """
        labels = [_score(one) for one in said["labels"]]
        if not labels:
            raise ValueError("an answer without a label")
        return cls(
            decision=Decision(said["decision"]),
            labels=labels,
            offered=[_score(one) for one in said.get("offered", ())],
            answer=said.get("answer"),
            language=str(said.get("language", "")),
            latency_ms=float(said["latency_ms"]),
            cpu_s=float(said["cpu_s"]),
            runtime=str(said.get("runtime", "")),
            sentence=str(said.get("sentence", "")),
            predicted=_predicted(said.get("predicted", 1), len(labels)),
            certainty=None if said.get("certainty") is None else float(said["certainty"]),
        )


def _predicted(said: Any, told: int) -> int:
    count = int(said)
    if not 0 <= count <= told:
        raise ValueError("an answer that says more labels than it tells")
    return count


def _score(said: Mapping[str, Any]) -> LabelScore:
    source = said.get("source")
    return LabelScore(
        str(said["label"]),
        float(said["probability"]),
        said["answer"],
        _source(source) if source else None,
    )


def _source(said: Mapping[str, Any]) -> Source:
    page = said["page"]
    return Source(
        document=str(said["document"]),
        headings=[str(heading) for heading in said["headings"]],
        page=int(page) if page is not None else None,
        passage=str(said["passage"]),
        start=int(said["start"]),
        end=int(said["end"]),
        dataset=str(said.get("dataset", "")),
        commit=str(said.get("commit", "")),
    )

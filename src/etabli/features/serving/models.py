"""The nouns of serving."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from etabli.engine_contract.inference import Decision, Source
from etabli.features.footprint import Emissions, Energy
from etabli.features.serving.cache import ModelFolder
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.runtimes import FIRST, Runtime
from etabli.foundation.i18n.messages import Message
from etabli.foundation.i18n.translations import translator

LONGEST_QUESTION = 2_000
"""In characters."""
MAX_QUESTIONS = 1_000
FLOAT_BYTES = 4
MAX_DIMENSIONS = 65_536
"""More than any encoder has: what is asked for is the width of this one, or refused."""
MAX_EMBEDDED = 100
"""Texts in one request: an encoder takes some milliseconds for each."""


@dataclass(frozen=True)
class Cost:
    """What answering took on this machine."""

    latency_ms: float
    cpu_s: float
    energy: Energy
    emissions: Emissions


@dataclass(frozen=True)
class Answer:
    decision: Decision
    candidates: Sequence[Candidate]
    """Those that it says first, then the likeliest."""
    cost: Cost
    runtime: Runtime = FIRST
    """What answered."""
    language: str = ""
    """In which the model was made, as a code; empty when it does not say."""
    sentence: str = ""
    """What the model's owner wrote for this decision; empty for the hub's own words."""
    predicted_count: int = 1
    """How many of the candidates it would say, from the first on."""
    readings: Sequence[Candidate] = ()
    """Those to ask about, where it asks what is meant."""
    certainty_of_all: float | None = None
    """How sure it is of these together; None: as sure as of the first."""

    @property
    def written(self) -> str:
        """What a person wrote to be said now; empty where the hub composes a sentence."""
        if self.decision is not Decision.ANSWER:
            return self.sentence
        replies = [one.reply or "" for one in self.predicted]
        return "\n\n".join(dict.fromkeys(replies)) if all(replies) else ""

    @property
    def reply(self) -> str:
        """What to tell whoever asked, in the model's own language where the hub speaks it."""
        return self.in_words().translate(translator(self.language))

    @property
    def is_generated(self) -> bool:
        """Whether a machine composed the reply; a person wrote it otherwise, and the machine only
        chose it."""
        return not self.written

    @property
    def judgement(self) -> Message:
        """What the model makes of the question, and how surely."""
        return self.runtime.judgement(self.decision, self.predicted, self.certainty)

    @property
    def title(self) -> Message:
        """What its decision means, in a few words."""
        return self.runtime.titles[self.decision]

    @property
    def predicted(self) -> Sequence[Candidate]:
        """What it would say: one label, or as many as a kind may say, even none."""
        return self.candidates[: self.predicted_count]

    @property
    def certainty(self) -> float:
        """How sure it is of what it would say, from 0 to 1."""
        whole = self.certainty_of_all
        return self.candidates[0].probability if whole is None else whole

    @property
    def source(self) -> Source | None:
        """Where the reply stands, if it is a quote."""
        return self.candidates[0].source if self.decision is Decision.ANSWER else None

    @property
    def label(self) -> str:
        """What it would say, as one cell of a table."""
        return self.runtime.written([one.label for one in self.predicted])

    def in_words(self) -> Message:
        """What to tell the person who asked."""
        if self.written:
            return Message("{reply}", {"reply": self.written})
        likely = self.readings or self.candidates
        return self.runtime.reply(self.decision, self.predicted, likely)


@dataclass(frozen=True)
class Embedded:
    """What an encoder makes of some texts."""

    vectors: Sequence[bytes]
    """Of each text: its numbers as float32, little end first. Of length one."""
    tokens: int
    """Read of all texts together: what an encoder cannot hold of a text is cut."""
    cost: Cost

    @property
    def width(self) -> int:
        return len(self.vectors[0]) // FLOAT_BYTES

    @property
    def numbers(self) -> Sequence[Sequence[float]]:
        return [list(struct.unpack(f"<{self.width}f", vector)) for vector in self.vectors]


@dataclass(frozen=True)
class FoundEncoder:
    """An encoder that models here may stand on."""

    repo: str
    commit: str
    folder: ModelFolder


@dataclass(frozen=True)
class ServedModel:
    """What is known of a model that can answer here."""

    labels: Sequence[str]
    has_replies: bool
    runtime: Runtime

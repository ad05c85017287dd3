"""The nouns of serving."""

from collections.abc import Sequence
from dataclasses import dataclass

from etabli.engine_contract.inference import Decision
from etabli.features.footprint import Emissions, Energy
from etabli.features.serving.cache import ModelFolder
from etabli.foundation.i18n.messages import Text, say
from etabli.foundation.i18n.translations import translator

LONGEST_QUESTION = 2_000
"""In characters."""
MAX_QUESTIONS = 1_000
MAX_EMBEDDED = 100
"""Texts in one request: an encoder takes some milliseconds for each."""


@dataclass(frozen=True)
class Candidate:
    label: str
    probability: float
    reply: str | None
    """What its maker wrote for this label."""

    @property
    def subject(self) -> str:
        """The label as a person would write it."""
        return self.label.replace("_", " ").replace("-", " ").strip()


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
    """The likeliest first."""
    cost: Cost
    language: str = ""
    """In which the model was made, as a code; empty when it does not say."""
    sentence: str = ""
    """What the model's owner wrote for this decision; empty for the hub's own words."""

    @property
    def written(self) -> str:
        """What a person wrote to be said now; empty where the hub composes a sentence."""
        if self.decision is Decision.ANSWER:
            return self.best.reply or ""
        return self.sentence

    @property
    def reply(self) -> str:
        """What to tell whoever asked, in the model's own language where the hub speaks it."""
        return self.in_words().in_words_of(translator(self.language))

    @property
    def is_generated(self) -> bool:
        """Whether a machine composed the reply; a person wrote it otherwise, and the machine only
        chose it."""
        return not self.written

    @property
    def best(self) -> Candidate:
        return self.candidates[0]

    def in_words(self) -> Text:
        """What to tell the person who asked."""
        if self.written:
            return Text("{reply}", {"reply": self.written})
        match self.decision:
            case Decision.ANSWER:
                return say("This is about: {subject}.", subject=self.best.subject)
            case Decision.CLARIFY:
                subjects = " / ".join(candidate.subject for candidate in self.candidates[:3])
                return say("Which one do you mean: {subjects}?", subjects=subjects)
            case Decision.OUTSIDE:
                return say("This is outside what I was made for. A person can help you.")
            case Decision.HUMAN:
                return say("I am not sure enough to answer. A person should read this.")


@dataclass(frozen=True)
class Embedded:
    """What an encoder makes of some texts."""

    vectors: Sequence[bytes]
    """Of each text: its numbers as float32, little end first. Of length one."""
    tokens: int
    """Read of all texts together: what an encoder cannot hold of a text is cut."""
    cost: Cost


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

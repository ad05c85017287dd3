"""What the hub must know of a program that answers with one kind of model."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etabli.engine_contract.inference import Decision
from etabli.features.serving.candidates import Candidate
from etabli.foundation.i18n.messages import Message


@dataclass(frozen=True)
class Situation:
    """In which a sentence of the owner's may stand in the place of the hub's."""

    title: Message
    ours: Message
    """What the hub says where the owner wrote nothing."""


class Runtime(ABC):
    """One kind of model that can answer here."""

    name: str
    """The `model_type` of its `config.json`, by which the engine knows it too."""
    titles: Mapping[Decision, Message]
    """What each decision that it may take means, in a few words."""

    situations: Mapping[Decision, Situation]
    """Of its decisions, those for which an owner may write a sentence."""

    replies_itself = False
    """Whether its reply is what is asked for, and not a label: the shape of question answering."""
    quotes = False
    """Whether its replies are quotes, each with its source."""

    def __repr__(self) -> str:
        """There is one of each: its name says all that it is, for pages that are kept by it."""
        return f"<runtime {self.name}>"

    @abstractmethod
    def reply(
        self, decision: Decision, said: Sequence[Candidate], candidates: Sequence[Candidate]
    ) -> Message:
        """What to tell whoever asked, where no person wrote it.

        Args:
            said: what it would say: one label, or as many as a kind may say, even none.
            candidates: these, then the likeliest.
        """

    @abstractmethod
    def judgement(self, decision: Decision, said: Sequence[Candidate], certainty: float) -> Message:
        """What it makes of the question, for who looks closer: what it would say, and how sure it
        is of that, from 0 to 1."""

    def written(self, labels: Sequence[str]) -> str:
        """What it would say of a text, as one cell of a table has it."""
        return labels[0]

    def is_right(self, labels: Sequence[str], cell: str) -> bool:
        """Whether what it would say is what a table says of the same text."""
        return self.written(labels) == cell

    def knows(self, labels: Collection[str], cell: str) -> bool:
        """Whether it could say what a table says, by all the labels that it has."""
        return cell in labels

    def labels(self, config: Mapping[str, Any]) -> Sequence[str]:
        """All that it can say, by its `config.json`; anybody may have written that."""
        names = config.get("id2label", {})
        return [str(label) for label in names.values()] if isinstance(names, dict) else []

    def thresholds(self, settings: Mapping[str, Any]) -> Any:
        """The part of its `etabli.json` by which it decides; anybody may have written that."""
        return settings.get("thresholds")

    def encoder(self, settings: Mapping[str, Any]) -> tuple[str, str] | None:
        """The full name and the commit of what it stands on, by its `etabli.json`; None where it
        stands alone.

        Raises:
            ValueError: it must stand on one, and does not say on which.
        """
        return None

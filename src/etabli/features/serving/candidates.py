"""A label that a model thinks of for a text."""

from dataclasses import dataclass

from etabli.engine_contract.inference import Source


@dataclass(frozen=True)
class Candidate:
    label: str
    probability: float
    reply: str | None
    """What its maker wrote for this label; of a document, the quote."""
    source: Source | None = None
    """Where that stands, if it is a quote."""

    @property
    def subject(self) -> str:
        """The label as a person would write it."""
        if " " in self.label.strip():  # it is written so already
            return self.label.strip()
        return self.label.replace("_", " ").replace("-", " ").strip()

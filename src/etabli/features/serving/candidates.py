"""A label that a model thinks of for a text."""

from dataclasses import dataclass


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

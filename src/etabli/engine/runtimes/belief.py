"""How sure to be of what was found, and from when on to say it: what every retriever decides by."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Belief:
    """How sure to be of one thing that was found, by a logistic regression on its signs."""

    weights: Sequence[float]
    """One a sign."""
    bias: float
    answer_probability: float
    """Learned: under it, nothing that is known answers."""

    def probability(self, signs: Sequence[float]) -> float:
        margin = self.bias + sum(w * s for w, s in zip(self.weights, signs, strict=True))
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, margin))))

    @classmethod
    def of_settings(cls, own: Mapping[str, Any]) -> "Belief":
        """As `as_settings` wrote it in a model's `etabli.json`.

        Raises:
            KeyError, TypeError, ValueError: it is not there.
        """
        return cls(
            weights=[float(weight) for weight in own["belief"]["weights"]],
            bias=float(own["belief"]["bias"]),
            answer_probability=float(own["thresholds"]["answer_probability"]),
        )

    def as_settings(self) -> dict[str, Any]:
        return {
            "belief": {"weights": list(self.weights), "bias": self.bias},
            "thresholds": {"answer_probability": self.answer_probability},
        }

"""What is known of how good a made model is, and of what it costs, read from its files.

Of a run these are our own; of a published model anybody may have written them.
"""

import json
from collections.abc import Mapping
from typing import Any

from etabli.engine_contract.evaluation import Amount, Exam, Part, UnreadableEvaluationError
from etabli.features.footprint import Energy, Method
from etabli.features.workshop.advice import Advice
from etabli.features.workshop.recipes import recipe_of
from etabli.foundation.i18n.messages import Message


class EnergyOf(Part):
    """One operation's energy and emissions, with how each was obtained."""

    energy_wh: Amount
    energy_low_wh: Amount
    energy_high_wh: Amount
    energy_method: str
    energy_how: str
    emissions_g_co2e: Amount
    emissions_how: str = ""

    def as_energy(self) -> Energy | None:
        """None where it says of no kind that is known how it was obtained."""
        if self.energy_method not in list(Method):
            return None
        method, how = Method(self.energy_method), Message("{how}", {"how": self.energy_how})
        return Energy(self.energy_wh, self.energy_low_wh, self.energy_high_wh, method, how)


class PublishedEnergy(Part):
    """`energy.json` of a published model."""

    making: EnergyOf
    a_thousand_answers: EnergyOf


def read_exam(said: Mapping[str, Any]) -> Exam:
    """As the kind of AI that it is of reads it.

    Raises:
        UnreadableEvaluationError: it is no evaluation.
    """
    return recipe_of(said).exam.read(said)


def advise(exam: Exam) -> Advice:
    """What to do with the model, as the kind of AI that it is of says."""
    return recipe_of({"recipe": exam.recipe}).advise(exam)


def find_exam(said: str) -> Exam | None:
    """None where nothing is said that can be read."""
    try:
        content = json.loads(said)
        return read_exam(content) if isinstance(content, dict) else None
    except (ValueError, RecursionError, UnreadableEvaluationError):
        return None


def find_energy(said: str) -> PublishedEnergy | None:
    """None where nothing is said that can be read."""
    try:
        return PublishedEnergy.read(said)
    except UnreadableEvaluationError:
        return None

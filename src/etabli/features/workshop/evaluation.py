"""What is known of how good a made model is, and of what it costs, read from its files.

Of a run these are our own; of a published model anybody may have written them.
"""

from collections.abc import Mapping
from typing import Any

from etabli.engine_contract.evaluation import Amount, Part, UnreadableEvaluationError
from etabli.engine_contract.text_classification import TextClassificationExam


class EnergyOf(Part):
    """One operation's energy and emissions, with how each was obtained."""

    energy_wh: Amount
    energy_low_wh: Amount
    energy_high_wh: Amount
    energy_method: str
    energy_how: str
    emissions_g_co2e: Amount
    emissions_how: str = ""


class PublishedEnergy(Part):
    """`energy.json` of a published model."""

    making: EnergyOf
    a_thousand_answers: EnergyOf


def read_exam(said: Mapping[str, Any] | str) -> TextClassificationExam:
    """
    Raises:
        UnreadableEvaluationError: it is no evaluation.
    """
    return TextClassificationExam.read(said)


def find_exam(said: str) -> TextClassificationExam | None:
    """None where nothing is said that can be read."""
    try:
        return read_exam(said)
    except UnreadableEvaluationError:
        return None


def find_energy(said: str) -> PublishedEnergy | None:
    """None where nothing is said that can be read."""
    try:
        return PublishedEnergy.read(said)
    except UnreadableEvaluationError:
        return None

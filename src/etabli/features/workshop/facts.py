"""All that is known of a made model when its cards are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etabli.engine_contract.training import CheckReport
from etabli.features.footprint import Emissions, Energy
from etabli.features.workshop.models import DataSource, PersonalData, Publication


@dataclass(frozen=True)
class Facts:
    publication: Publication
    dataset: str | None
    """The name of the dataset published with the model."""
    source: DataSource
    findings: CheckReport
    result: Mapping[str, Any]
    energy_to_make: Energy
    emissions_to_make: Emissions
    energy_of_an_answer: Energy
    made_at: datetime
    personal: PersonalData

    @property
    def rows(self) -> tuple[int, int]:
        """How many were learned from, and how many examined with."""
        data = self.result["data"]
        return data["n_train"], data["n_test"]

    @property
    def full_dataset(self) -> str | None:
        return self.dataset and f"{self.publication.namespace}/{self.dataset}"

"""Which tables this recipe learns from."""

from etabli.engine.recipes.text_classification.labelling import labelling_of
from etabli.engine.tables.checking import Fit, Kind
from etabli.engine.tables.errors import (
    ColumnMissingError,
    NoLabelColumnError,
    NoTextColumnError,
)
from etabli.engine.tables.job import Job
from etabli.engine.tables.reading import Table
from etabli.foundation.i18n.messages import msg

RECIPE = "text-classification"
USUAL = 0.5
"""Any column whose values come back will do: who finds more than that in a table fits it better."""


def fit(job: Job, table: Table) -> Fit | None:
    try:
        labelling_of(job, table)
    except (ColumnMissingError, NoTextColumnError, NoLabelColumnError):
        return None
    return Fit(USUAL, msg("Each row has one label."))


KIND = Kind(RECIPE, fit, labelling_of)

"""Which tables are a FAQ."""

from etabli.engine.recipes.faq.check import look
from etabli.engine.recipes.faq.columns import BY_NAME, recognise
from etabli.engine.recipes.faq.material import RECIPE
from etabli.engine.tables.checking import Fit, Kind
from etabli.engine.tables.job import Job
from etabli.engine.tables.reading import Table
from etabli.foundation.i18n.messages import msg


def fit(job: Job, table: Table) -> Fit | None:
    found = recognise(job, table)
    if found is None:
        return None
    if found.confidence >= BY_NAME:
        return Fit(
            found.confidence, msg("One column asks and another answers: their names say so.")
        )
    return Fit(found.confidence, msg("One column asks, and another holds long texts."))


KIND = Kind(RECIPE, fit, look=look)

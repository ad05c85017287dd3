"""One label a row, in one column."""

from collections.abc import Sequence

from etabli.engine.recipes.text_classification.splitting import split
from etabli.engine.tables.columns import choose_columns
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Groups, Labelling, Row
from etabli.engine.tables.reading import Table


class OneLabel(Labelling):
    def said(self, values: Sequence[str]) -> str:
        return values[0]

    def labels(self, said: str) -> Sequence[str]:
        return (said,)

    def written(self, labels: Sequence[str]) -> str:
        return labels[0]

    def split(
        self, rows: Sequence[Row], share: float, seed: int, groups: Groups
    ) -> tuple[list[Row], list[Row]]:
        return split(rows, share, seed, groups)


def labelling_of(job: Job, table: Table) -> OneLabel:
    """
    Raises:
        ColumnMissingError, NoTextColumnError, NoLabelColumnError: the table has no such columns.
    """
    chosen = next(iter(job.label_columns), None)
    text, label = choose_columns(table, job.text_column, chosen)
    return OneLabel(text, [label])

"""Which tables this recipe learns from: those whose rows have several labels."""

from collections.abc import Sequence

from etabli.engine.recipes.multilabel_classification.labelling import (
    SEPARATORS,
    Lists,
    SeveralLabels,
    in_a_column_each,
    in_one_cell,
    is_marks,
    lists_in,
)
from etabli.engine.tables.checking import Fit, Kind
from etabli.engine.tables.columns import Choice, choose_columns, choose_text, named_column
from etabli.engine.tables.errors import (
    ColumnMissingError,
    NoLabelColumnError,
    NoTextColumnError,
)
from etabli.engine.tables.job import Job
from etabli.engine.tables.reading import Table
from etabli.foundation.i18n.messages import msg

RECIPE = "multilabel-classification"
CHOSEN, RECOGNISED, BESIDE_A_LABEL = 0.95, 0.85, 0.4
"""How likely a person wants it: where they chose such columns, where it is all that the table has,
and where a column that is named as a label holds one each."""
NAMED = 0.98
"""The confidence in a column of labels that is named so."""
MIN_MARKED_COLUMNS = 2
IN_CELLS = msg("Its cells hold several of a few names.")
IN_COLUMNS = msg("It says yes or no, as other columns do.")


def fit(job: Job, table: Table) -> Fit | None:
    try:
        labelling = labelling_of(job, table)
    except (ColumnMissingError, NoTextColumnError, NoLabelColumnError):
        return None
    names = [one.column for one in labelling.columns]
    if len(names) > 1:
        reason = msg("Each label has a column of its own, which says yes or no.")
        if job.label_columns:
            reason = msg("You chose several columns of labels.")
    elif lists_in(_values(table, names[0])) is None:
        return None
    else:
        reason = msg("Some rows have several labels.")
    if job.label_columns:
        return Fit(CHOSEN, reason)
    return Fit(BESIDE_A_LABEL if _has_plain_label(job, table, names) else RECOGNISED, reason)


def labelling_of(job: Job, table: Table) -> SeveralLabels:
    """
    Raises:
        ColumnMissingError, NoTextColumnError, NoLabelColumnError: the table has no such columns.
    """
    chosen = [named_column(table, name) for name in job.label_columns]
    if chosen:
        text = choose_text(table, job.text_column, {one.column for one in chosen})
        return _labelling(table, text, chosen)
    # What holds labels may hold spaces and commas too: it is no text that people write.
    sure = job.text_column or _named_text(table)
    likely, marked = _lists(table, sure), _marked(table, sure)
    text = choose_text(table, job.text_column, {*likely, *marked})
    if likely and len(marked) <= MIN_MARKED_COLUMNS:
        best = max(likely, key=lambda name: likely[name].share)
        return _labelling(table, text, [_found(table, best)])
    if len(marked) >= MIN_MARKED_COLUMNS:
        return _labelling(table, text, [_marked_column(table, name) for name in marked])
    raise NoLabelColumnError(table.name, ", ".join(table.columns))


def _labelling(table: Table, text: Choice, columns: Sequence[Choice]) -> SeveralLabels:
    values = [_values(table, one.column) for one in columns]
    if len(columns) == 1:
        found = lists_in(values[0])
        separator = found.separator if found else _usual_separator(values[0])
        return SeveralLabels(text, columns, in_one_cell(separator))
    names = [one.column for one in columns]
    marks = [is_marks(one) for one in values]
    return SeveralLabels(text, columns, in_a_column_each(names, marks))


def _usual_separator(values: Sequence[str]) -> str:
    """Where it must be one: that which occurs in most cells."""
    return max(SEPARATORS, key=lambda one: sum(one in value for value in values))


def _named_text(table: Table) -> str | None:
    """The column that its name says to be the text."""
    try:
        text = choose_text(table, None)
    except NoTextColumnError:
        return None
    return text.column if text.confidence >= NAMED else None


def _lists(table: Table, text: str | None) -> dict[str, Lists]:
    found = {name: lists_in(_values(table, name)) for name in table.columns if name != text}
    return {name: lists for name, lists in found.items() if lists is not None}


def _marked(table: Table, text: str | None) -> list[str]:
    return [name for name in table.columns if name != text and is_marks(_values(table, name))]


def _found(table: Table, name: str) -> Choice:
    return Choice(name, table.columns.index(name), IN_CELLS, 0.8)


def _marked_column(table: Table, name: str) -> Choice:
    return Choice(name, table.columns.index(name), IN_COLUMNS, 0.8)


def _has_plain_label(job: Job, table: Table, ours: Sequence[str]) -> bool:
    """Whether another column is named as a label, and holds one in each row."""
    try:
        _, label = choose_columns(table, job.text_column, None)
    except (NoTextColumnError, NoLabelColumnError):
        return False
    return label.confidence >= NAMED and label.column not in ours


def _values(table: Table, name: str) -> Sequence[str]:
    at = table.columns.index(name)
    return [fields[at] for fields in table.sample]


KIND = Kind(RECIPE, fit, labelling_of)

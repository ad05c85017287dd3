"""Look at a table: which kinds of AI it fits, what is understood of it, what is found in it.

Nothing is learned or changed. The table is opened once, whatever many kinds look at it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import cast

from etabli.engine.files import write_json
from etabli.engine.tables.archives import clear_unpacked
from etabli.engine.tables.columns import Choice, guess_language
from etabli.engine.tables.encodings import ENCODINGS
from etabli.engine.tables.errors import (
    ColumnMissingError,
    NoLabelColumnError,
    NoTextColumnError,
    OneClassError,
    TooFewRowsError,
    TooFewTextsError,
    UnfitTableError,
)
from etabli.engine.tables.file_findings import find_in_files
from etabli.engine.tables.findings import class_counts, find_all
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Labelling, Row
from etabli.engine.tables.personal import mask_personal
from etabli.engine.tables.preparing import Prepared, prepare
from etabli.engine.tables.reading import Table
from etabli.engine.tables.rows import Loaded, load_beside, open_train
from etabli.engine_contract.training import (
    CHECK,
    AfterFixes,
    CheckReport,
    ChosenColumn,
    FittingKind,
    ReadTable,
    Understood,
)
from etabli.foundation.errors import EtabliError
from etabli.foundation.i18n.messages import Message

SAMPLE_SHOWN = 3
PREVIEWED_ROWS = 5
PREVIEWED_COLUMNS = 20
PREVIEWED_CHARACTERS = 200
MAX_SHEETS_OFFERED = 200
LANGUAGE_SAMPLE_ROWS = 2_000
MAX_GROUPED = 20_000
"""Texts among which near-duplicates are looked for: somebody waits. The making looks at all."""


REFUSALS = (ColumnMissingError, NoTextColumnError, NoLabelColumnError, OneClassError,
            TooFewRowsError, TooFewTextsError, UnfitTableError)  # fmt: skip
"""Of a table that was read: another column or another sheet may do."""


@dataclass(frozen=True)
class Fit:
    """That a table can be what a kind of AI is made from."""

    share: float
    """0 to 1: our guess at the chance that a person would choose this kind for it."""
    reason: Message


@dataclass(frozen=True)
class Kind:
    """What a recipe that learns from tables says of them: `KIND` of its `tables` module."""

    name: str
    fit: Callable[[Job, Table], Fit | None]
    """None where nothing in the table is what it needs."""
    labelling_of: Callable[[Job, Table], Labelling] | None = None
    """Raises an InvalidInputError as `fit` says None, and why."""
    look: Callable[[Job, Table], CheckReport] | None = None
    """Of a kind whose rows are no texts with labels: what it understands and finds itself."""


def run(job_dir: Path, kinds: Sequence[Kind], chosen: str | None) -> None:
    """Write `check.json`; raises an InvalidInputError when the files cannot be used at all.

    With `keeps_refused`, a table that was read and cannot be learned from so is no error: what was
    read is written down, and in `refused` why it will not do.

    Args:
        kinds: all that read tables, the one first that is taken where none fits.
        chosen: the name of the one that the person wants; None takes the one that fits best.
    """
    job = Job.read(job_dir)
    try:
        table = open_train(job)
        fitting = _fitting(kinds, job, table)
        names = [*[kind.name for kind, _ in fitting], kinds[0].name]
        wanted = chosen or names[0]
        kind = next(one for one in kinds if one.name == wanted)
        write_json(job_dir / CHECK, {**_found(kind, job, table), "kinds": _present_kinds(fitting)})
    finally:
        clear_unpacked(job_dir)


def _fitting(kinds: Sequence[Kind], job: Job, table: Table) -> list[tuple[Kind, Fit]]:
    """The likeliest first."""
    found = [(kind, fit) for kind in kinds if (fit := kind.fit(job, table)) is not None]
    return sorted(found, key=lambda pair: -pair[1].share)


def _present_kinds(fitting: Sequence[tuple[Kind, Fit]]) -> list[FittingKind]:
    return [{"recipe": kind.name, "reason": fit.reason.as_json()} for kind, fit in fitting]


def _found(kind: Kind, job: Job, table: Table) -> CheckReport:
    try:
        return _look(kind, job, table)
    except REFUSALS as error:
        is_of_table = error.text.values.get("file") == table.name
        if not job.keeps_refused or not is_of_table:
            raise
        return _refused(kind, job, table, error)


def _look(kind: Kind, job: Job, table: Table) -> CheckReport:
    if kind.look is not None:
        return kind.look(job, table)
    if kind.labelling_of is None:
        raise TypeError(f"{kind.name} neither looks itself nor has labels")
    loaded = load_beside(job, table, kind.labelling_of(job, table))
    prepared = prepare(loaded, job, MAX_GROUPED)
    return {
        "recipe": kind.name,
        "understood": _understood(loaded),
        "findings": [finding.as_json() for finding in find_all(loaded, prepared, job.fixes)],
        "after_fixes": _after(prepared, loaded.labelling),
        "refused": None,
    }


def _refused(kind: Kind, job: Job, table: Table, error: EtabliError) -> CheckReport:
    labels = [_named(column, table) for column in job.label_columns]
    named = [one for one in labels if one is not None]
    parts = {
        **read_facts(table),
        "text_column": _named(job.text_column, table),
        "label_column": named[0] if named else None,
        "label_columns": [one["name"] for one in named],
        "language": "other",  # nobody knows yet which column is the text
        "answers": 0,
        "test_rows": None,
    }
    return {
        "recipe": kind.name,
        "understood": cast(Understood, parts),
        "findings": [finding.as_json() for finding in find_in_files([table])],
        "after_fixes": None,
        "refused": error.text.as_json(),
    }


def _named(column: str | None, table: Table) -> ChosenColumn | None:
    """As the person chose it, where the table has it."""
    if column is None or column not in table.columns:
        return None
    return {"name": column, "reason": None, "confidence": 0.0}


def read_facts(table: Table) -> ReadTable:
    """What is true of it, whatever is made of it."""
    return {
        "file": table.name,
        "sheet": table.sheet,
        "sheets": list(table.sheets[:MAX_SHEETS_OFFERED]),
        "encoding": table.encoding,
        "encodings": dict(ENCODINGS),
        "delimiter": table.delimiter,
        "columns": list(table.columns),
        "preview": [
            [mask_personal(value[:PREVIEWED_CHARACTERS]) for value in fields[:PREVIEWED_COLUMNS]]
            for fields in table.sample[:PREVIEWED_ROWS]
        ],
    }


def _understood(loaded: Loaded) -> Understood:
    rows = loaded.train
    return {
        **read_facts(loaded.train_file),
        "text_column": _present(loaded.labelling.text),
        "label_column": _present(loaded.labelling.columns[0]),
        "label_columns": [one.column for one in loaded.labelling.columns],
        "rows": len(rows),
        "test_rows": len(loaded.test) if loaded.test_file else None,
        "answers": len(loaded.answers),
        "classes": [
            {"label": label, "rows": count}
            for label, count in class_counts(rows, loaded.labelling).most_common()
        ],
        "median_characters": median(len(row.text) for row in rows),
        "sample": [
            {
                "line": row.line,
                "text": mask_personal(row.text),
                "label": row.label,
                "labels": list(loaded.labelling.labels(row.label)),
            }
            for row in _of_different_labels(rows)
        ],
        "language": guess_language(_texts_for_language([row.text for row in rows])),
    }


def _of_different_labels(rows: Sequence[Row]) -> Sequence[Row]:
    """The first row of each of a few labels: the first rows of a file are often all alike."""
    firsts: dict[str, Row] = {}
    for row in rows:
        firsts.setdefault(row.label, row)
    apart = max(1, len(firsts) // SAMPLE_SHOWN)
    return list(firsts.values())[::apart][:SAMPLE_SHOWN]


def _texts_for_language(texts: Sequence[str]) -> Sequence[str]:
    """A few texts from all over the file: the first class may be written in another language."""
    step = max(1, len(texts) // LANGUAGE_SAMPLE_ROWS)
    return texts[::step]


def _present(choice: Choice) -> ChosenColumn:
    return {
        "name": choice.column,
        "reason": choice.reason.as_json(),
        "confidence": choice.confidence,
    }


def _labelled(prepared: Prepared) -> Sequence[Row]:
    """The rows of the table that are used, those set aside for the examination among them."""
    return prepared.train if prepared.is_official_test else [*prepared.train, *prepared.test]


def _after(prepared: Prepared, labelling: Labelling) -> AfterFixes:
    return {
        "rows": len(_labelled(prepared)),
        "classes": [
            {"label": label, "rows": count}
            for label, count in class_counts(_labelled(prepared), labelling).most_common()
        ],
        "train_rows": len(prepared.train),
        "test_rows": len(prepared.test),
        "is_official_test": prepared.is_official_test,
        "dropped": prepared.changed,
    }

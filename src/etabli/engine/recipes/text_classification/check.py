"""Look at the data and say what we understood and what we found; nothing is learned or changed."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import cast

from etabli.engine.recipes.text_classification.archives import clear_unpacked
from etabli.engine.recipes.text_classification.columns import Choice, guess_language
from etabli.engine.recipes.text_classification.encodings import ENCODINGS
from etabli.engine.recipes.text_classification.errors import (
    ColumnMissingError,
    NoLabelColumnError,
    NoTextColumnError,
    OneClassError,
    TooFewRowsError,
    TooFewTextsError,
)
from etabli.engine.recipes.text_classification.file_findings import find_in_files
from etabli.engine.recipes.text_classification.findings import class_counts, find_all
from etabli.engine.recipes.text_classification.job import Job, write_json
from etabli.engine.recipes.text_classification.personal import mask_personal
from etabli.engine.recipes.text_classification.reading import Table
from etabli.engine.recipes.text_classification.rows import (
    Loaded,
    Prepared,
    Row,
    load_beside,
    open_train,
    prepare,
)
from etabli.engine_contract.training import (
    CHECK,
    AfterFixes,
    CheckReport,
    ChosenColumn,
    ReadTable,
    Understood,
)
from etabli.foundation.errors import EtabliError

SAMPLE_SHOWN = 3
PREVIEWED_ROWS = 5
PREVIEWED_COLUMNS = 20
PREVIEWED_CHARACTERS = 200
MAX_SHEETS_OFFERED = 200
LANGUAGE_SAMPLE_ROWS = 2_000
MAX_GROUPED = 20_000
"""Texts among which near-duplicates are looked for: somebody waits. The making looks at all."""


REFUSALS = (ColumnMissingError, NoTextColumnError, NoLabelColumnError, OneClassError,
            TooFewRowsError, TooFewTextsError)  # fmt: skip
"""Of a table that was read: another column or another sheet may do."""


def run(job_dir: Path) -> None:
    """Write `check.json`; raises an InvalidInputError when the files cannot be used at all.

    With `keeps_refused`, a table that was read and cannot be learned from so is no error: what was
    read is written down, and in `refused` why it will not do.
    """
    job = Job.read(job_dir)
    try:
        write_json(job_dir / CHECK, _found(job, open_train(job)))
    finally:
        clear_unpacked(job_dir)


def _found(job: Job, table: Table) -> CheckReport:
    try:
        return _look(job, table)
    except REFUSALS as error:
        is_of_table = error.text.values.get("file") == table.name
        if not job.keeps_refused or not is_of_table:
            raise
        return _refused(job, table, error)


def _look(job: Job, table: Table) -> CheckReport:
    loaded = load_beside(job, table)
    prepared = prepare(loaded, job, MAX_GROUPED)
    return {
        "understood": _understood(loaded),
        "findings": [finding.as_json() for finding in find_all(loaded, prepared, job.fixes)],
        "after_fixes": _after(prepared),
        "refused": None,
    }


def _refused(job: Job, table: Table, error: EtabliError) -> CheckReport:
    parts = {
        **_read(table),
        "text_column": _named(job.text_column, table),
        "label_column": _named(job.label_column, table),
        "language": "other",  # nobody knows yet which column is the text
        "answers": 0,
        "test_rows": None,
    }
    return {
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


def _read(table: Table) -> ReadTable:
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
        **_read(loaded.train_file),
        "text_column": _present(loaded.text_choice),
        "label_column": _present(loaded.label_choice),
        "rows": len(rows),
        "test_rows": len(loaded.test) if loaded.test_file else None,
        "answers": len(loaded.answers),
        "classes": [
            {"label": label, "rows": count} for label, count in class_counts(rows).most_common()
        ],
        "median_characters": median(len(row.text) for row in rows),
        "sample": [
            {"line": row.line, "text": mask_personal(row.text), "label": row.label}
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


def _after(prepared: Prepared) -> AfterFixes:
    return {
        "rows": len(_labelled(prepared)),
        "classes": [
            {"label": label, "rows": count}
            for label, count in class_counts(_labelled(prepared)).most_common()
        ],
        "train_rows": len(prepared.train),
        "test_rows": len(prepared.test),
        "is_official_test": prepared.is_official_test,
        "dropped": prepared.changed,
    }

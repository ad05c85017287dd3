"""The rows of a table as they are, for a model to sort: `rows.jsonl`. Nothing is corrected.

Its first line says what was read: `{"columns": […], "text_at": 0, "left_out": 0}`. Each further
one is a row, as a list of fields. Rows with too many or too few fields, and totals, are left out.
"""

import json
from pathlib import Path

from etabli.engine.tables.archives import clear_unpacked
from etabli.engine.tables.columns import choose_text
from etabli.engine.tables.errors import TooManyToSortError
from etabli.engine.tables.job import Job
from etabli.engine.tables.reading import Table
from etabli.engine.tables.rows import open_train
from etabli.engine_contract.training import ROWS

MAX_SORTED_ROWS = 10_000
MAX_SORTED_CHARACTERS = 20_000_000
"""Of all fields together: they are held in memory while they are sorted."""


def run(job_dir: Path) -> None:
    """
    Raises:
        InvalidInputError: it is no table, its column of texts cannot be told, or it is too large.
    """
    job = Job.read(job_dir)
    try:
        table = open_train(job)
        text_at = choose_text(table, job.text_column).position
        _write(job_dir / ROWS, table, text_at)
    finally:
        clear_unpacked(job.folder)


def _write(path: Path, table: Table, text_at: int) -> None:
    characters = 0
    left_out = len(table.layout.set_aside)
    head = {"columns": list(table.columns), "text_at": text_at, "left_out": left_out}
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head, ensure_ascii=False) + "\n")
        for count, (_line, fields) in enumerate(table.records(), start=1):
            characters += sum(map(len, fields))
            if count > MAX_SORTED_ROWS or characters > MAX_SORTED_CHARACTERS:
                raise TooManyToSortError(table.name, MAX_SORTED_ROWS)
            file.write(json.dumps(fields, ensure_ascii=False) + "\n")

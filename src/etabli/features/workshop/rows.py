"""A table that is to be sorted, not learned from: its rows as they are, read in a process."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from etabli.engine_contract.training import JOB, ROWS, JobFile
from etabli.features.workshop import process


@dataclass(frozen=True)
class TableChoice:
    """What a person says of a table; None: the likeliest."""

    text_column: str | None = None
    sheet: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class RawTable:
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    text_at: int
    """Which of the columns holds the texts."""
    left_out: int
    """Lines that are no rows of the table: with too many or too few fields, or a total."""


def read_rows(folder: Path, table: Path, choice: TableChoice) -> RawTable:
    """
    Takes a tenth of a second or more, in another process: call it outside any unit of work.

    Args:
        folder: an empty one, where it may write; the caller removes it.
        table: the file, within `folder`.

    Raises:
        BadTableError, TooSlowError, TooMuchMemoryError: the table cannot be used.
        RecipeFailedError: the program failed: our fault.
    """
    job = JobFile(
        name="sorted",
        train=str(table.relative_to(folder)),
        text_column=choice.text_column or None,
        sheet=choice.sheet or None,
        encoding=choice.encoding or None,
    )
    (folder / JOB).write_text(json.dumps(job.as_json(), ensure_ascii=False), "utf-8")
    process.extract(folder)
    with (folder / ROWS).open(encoding="utf-8") as file:
        head = json.loads(next(file))
        rows = [json.loads(line) for line in file]
    return RawTable(head["columns"], rows, head["text_at"], head["left_out"])

"""The rows of a job, as they were written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from etabli.engine.tables.archives import clear_unpacked
from etabli.engine.tables.errors import (
    ColumnMissingError,
    OneClassError,
    TestColumnMissingError,
)
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Groups, Labelling, Row
from etabli.engine.tables.near_duplicates import group_near_duplicates
from etabli.engine.tables.reading import Table, open_table


@dataclass(frozen=True)
class Loaded:
    """What the files say, untouched."""

    train_file: Table
    labelling: Labelling
    train: list[Row]
    test_file: Table | None
    test: list[Row]
    answers: dict[str, str]
    files: list[Table]
    """All that were read."""


def load(job: Job, labelling_of: Callable[[Job, Table], Labelling]) -> Loaded:
    """All that a job's files say, their labels read as a kind of AI reads them."""
    try:
        table = open_train(job)
        return load_beside(job, table, labelling_of(job, table))
    finally:
        clear_unpacked(job.folder)


def open_train(job: Job) -> Table:
    return open_table(job.train, job.encoding, job.fixes, job.sheet)


def load_beside(job: Job, train_file: Table, labelling: Labelling) -> Loaded:
    """All rows of the table, and the files that come with it."""
    train = _rows_of(train_file, labelling)
    labels = {label for row in train for label in labelling.labels(row.label.strip())}
    _require_two_classes(train_file, labels)
    test_file = _open_other(job, job.test)
    test = _rows_of(test_file, labelling) if test_file else []
    answers_file = _open_other(job, job.answers)
    answers = _answers_of(answers_file, labels) if answers_file else {}
    files = [file for file in (train_file, test_file, answers_file) if file]
    return Loaded(train_file, labelling, train, test_file, test, answers, files)


def _open_other(job: Job, path: Path | None) -> Table | None:
    """A file that comes with the table: its sheet is called as the table's, or is the likeliest."""
    if path is None:
        return None
    return open_table(path, job.encoding, job.fixes, job.sheet, must_have_sheet=False)


def _rows_of(file: Table, labelling: Labelling) -> list[Row]:
    """Its columns are found by their names: a test file may have them in another order."""
    for one in (labelling.text, *labelling.columns):
        if one.column not in file.columns:
            raise TestColumnMissingError(file.name, one.column)
    text = file.columns.index(labelling.text.column)
    places = [file.columns.index(one.column) for one in labelling.columns]
    return [
        Row(line, fields[text], labelling.said([fields[at] for at in places]))
        for line, fields in file.records()
    ]


def _require_two_classes(file: Table, labels: set[str]) -> None:
    named = labels - {""}
    if len(named) == 1:
        raise OneClassError(file.name, named.pop())


def _answers_of(file: Table, labels: set[str]) -> dict[str, str]:
    """The reply for each label: the column that shares most values with the labels is theirs."""
    if len(file.columns) < 2:
        raise ColumnMissingError(file.name, "answer", ", ".join(file.columns))
    records = [fields for _line, fields in file.records()]
    positions = range(len(file.columns))
    label = max(positions, key=lambda at: sum(fields[at].strip() in labels for fields in records))
    answer = next(
        (at for at in positions if file.columns[at].lower() in ("answer", "réponse", "reponse")),
        max(
            (at for at in positions if at != label),
            key=lambda at: sum(len(fields[at]) for fields in records),
        ),
    )
    pairs = ((clean_label(fields[label]), fields[answer].strip()) for fields in records)
    return {name: reply for name, reply in pairs if name and reply}


def clean_label(label: str) -> str:
    """Spaces around and within a label are accidents of typing."""
    return " ".join(label.split())


def same_text_key(text: str) -> str:
    """Texts with the same key say the same: capitals and spaces do not count."""
    return " ".join(text.lower().split())


def look_alike_key(label: str) -> str:
    return "_".join(label.lower().replace("_", " ").replace("-", " ").split())


def at_most(rows: list[Row], most: int, seed: int) -> list[Row]:
    """All of them, or as many as that by chance, in their order."""
    if len(rows) <= most:
        return rows
    return sorted(Random(seed).sample(rows, most))  # noqa: S311  reproducible on purpose


def groups_of(rows: Sequence[Row], max_grouped: int | None = None) -> Groups:
    """Which texts say nearly the same. Those beyond `max_grouped` count as alone."""
    keys = list(dict.fromkeys(same_text_key(row.text) for row in rows))
    step = 1 if not max_grouped else -(-len(keys) // max_grouped)
    looked_at = keys[::step]
    groups = {key: len(keys) + number for number, key in enumerate(keys)}
    return groups | dict(zip(looked_at, group_near_duplicates(looked_at), strict=True))

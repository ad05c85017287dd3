"""Tables as CSV that a spreadsheet opens as it should."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

BOM = "\ufeff"
"""By it a spreadsheet knows that a CSV is UTF-8."""


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """A text to be written beside `path`, which it replaces in the end: whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            yield file
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def csv_of(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def sorted_cells(label: str | None, certainty: float | None, decision: str) -> Sequence[str]:
    """What a model made of a row, as three more cells of it."""
    if label is None or certainty is None:
        return ("", "", decision)
    return (inert_cell(label), f"{certainty:.3f}", decision)


def inert_cell(text: str) -> str:
    """The same, for somebody else's text: a spreadsheet must not take it for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text

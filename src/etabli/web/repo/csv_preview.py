"""The first rows of a dataset, when it holds a table that is easy to read."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from etabli.features.git import Entry, Snapshot

LARGEST_BYTES = 5_000_000
HEAD_BYTES = 256_000
MAX_ROWS = 20
MAX_COLUMNS = 30
LONGEST_CELL = 300
_DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}


@dataclass(frozen=True)
class Table:
    path: str
    size_bytes: int
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def first_rows(snapshot: Snapshot, files: Sequence[Entry]) -> Table | None:
    """The start of the first table of a dataset that is small enough to be opened on the way."""
    for entry in sorted(files, key=_likeliest):
        if entry.path.endswith(tuple(_DELIMITERS)) and entry.size_bytes <= LARGEST_BYTES:
            return _read(entry, snapshot.read_entry(entry)[:HEAD_BYTES])
    return None


def _likeliest(entry: Entry) -> tuple[bool, int, str]:
    """The training part first, since it is what most people mean by the data."""
    return ("train" not in entry.name, entry.path.count("/"), entry.path)


def _read(entry: Entry, head: bytes) -> Table | None:
    text = head.decode("utf-8-sig", "replace")
    delimiter = _delimiter(text, _DELIMITERS[entry.path[-4:]])
    lines = text.splitlines(keepends=True)
    whole = lines if len(head) < HEAD_BYTES else lines[:-1]
    try:
        rows = list(islice(csv.reader(whole, delimiter=delimiter), MAX_ROWS + 1))
    except csv.Error:
        return None
    shown = [[cell[:LONGEST_CELL] for cell in row[:MAX_COLUMNS]] for row in rows if row]
    if len(shown) < 2:
        return None
    return Table(entry.path, entry.size_bytes, shown[0], shown[1:])


def _delimiter(text: str, candidates: str) -> str:
    header = text.partition("\n")[0]
    return max(candidates, key=header.count)

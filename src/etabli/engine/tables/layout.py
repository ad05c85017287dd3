"""Where the table is in a file: below titles and comments, above a total, without empty columns.

Exports are made for people to read. What is no example is seen here, told, and set aside; which
line names the columns is found by comparing the first lines with those below.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from statistics import mean
from typing import Protocol

from etabli.engine.tables.encodings import Detection
from etabli.engine.tables.errors import (
    BrokenRowError,
    EmptyFileError,
    TooManyColumnsError,
)
from etabli.engine.tables.job import Fixes

MAX_COLUMNS = 1_000
SAMPLE_ROWS = 1_000
MAX_TITLES = 20
LONGEST_NAME_CHARACTERS = 60
"""Of a column whose name is surely one; a question of a form may be longer."""
MAX_RAGGED_SHARE = 0.1
FEW_RAGGED = 3
SHOWN = 3
OFTEN = 0.5

NUMBER = re.compile(r"[+-]?\d[\d\s.,\u00a0\u202f]*%?")
DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[ T].{0,30})?"
)
TOTAL = re.compile(
    r"(?:grand |sous-|sub-?)?(?:total|totals|totaux|totale|totaal|somme|sum|summe|gesamt|suma|"
    r"итого)(?: général| generale?| general)?\s*:?",
    re.IGNORECASE,
)


COMMENT = re.compile(r"#+\s+\S[^\n]*")
"""Of a whole first field: a hashtag is none, nor a text of several lines under a heading."""
MAX_COMMENTS_SHARE = 0.01
"""Where more rows begin so, it is how their texts are written."""


class RowSource(Protocol):
    """How one kind of file gives its rows."""

    @property
    def detection(self) -> Detection: ...
    @property
    def delimiter(self) -> str: ...
    @property
    def names(self) -> tuple[str, ...] | None:
        """Of the columns, where the format itself says them: then every row is an example."""

    @property
    def is_ragged(self) -> bool: ...
    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with something in it, and its line."""


@dataclass(frozen=True)
class Passage:
    """A line that is no example."""

    line: int
    text: str


@dataclass(frozen=True)
class Layout:
    columns: tuple[str, ...]
    positions: tuple[int, ...]
    """Of each column, among the fields of a row."""
    width: int
    """Fields that a row has."""
    header_line: int
    """No line up to this one is an example; 0 when the first is one."""
    is_nameless: bool = False
    """Whether the first line looks like an example: we name the columns unless told otherwise."""
    titles: Sequence[Passage] = ()
    totals: Sequence[Passage] = ()
    ragged: Sequence[Passage] = ()
    """The first of those with too many or too few fields, comments among them."""
    ragged_count: int = 0
    empty_columns: int = 0
    sample: tuple[tuple[str, ...], ...] = ()
    """The first SAMPLE_ROWS rows, by which columns are chosen."""
    set_aside: frozenset[int] = field(default_factory=frozenset)
    """The lines below the header that are no examples."""

    def fit(self, fields: list[str]) -> list[str]:
        """The fields of the columns."""
        if len(fields) == len(self.positions) == self.width:
            return fields
        return [fields[at] if at < len(fields) else "" for at in self.positions]


def find_layout(file: str, source: RowSource, fixes: Fixes) -> Layout:
    """Look through all rows once.

    Raises:
        EmptyFileError, TooManyColumnsError, BrokenRowError: there is no table in it.
    """
    head = list(islice(source.rows(), SAMPLE_ROWS + MAX_TITLES + 1))
    if not head:
        raise EmptyFileError(file)
    widest = max(len(_stripped(fields)) for _line, fields in head[: MAX_TITLES + 1])
    if widest > MAX_COLUMNS:
        raise TooManyColumnsError(file, widest, MAX_COLUMNS)
    if source.names is not None:
        return _named_by_format(source.names, head)
    found = _titles(head, may_comment=source.is_ragged)
    titles = found if fixes.skip_titles else 0
    header_line, header = head[titles]
    below = head[titles + 1 :]
    names = [_tidy(name) for name in _stripped(header)]
    is_nameless = is_an_example(names, [fields for _, fields in below])
    if is_nameless and fixes.name_columns:
        header_line, below = head[titles - 1][0] if titles else 0, head[titles:]
        names = [""] * len(names)
    if not below:
        raise EmptyFileError(file)
    # Of a CSV, more fields than the header has are a text that holds the separator.
    is_bounded = source.is_ragged and any(names)
    most = len(header) if is_bounded else MAX_COLUMNS
    layout = _columns(names, below, header_line, most, is_nameless=is_nameless)
    passages = tuple(Passage(line, _shown(fields)) for line, fields in head[:found])
    return _survey(file, source, layout, passages, fixes)


def _named_by_format(names: Sequence[str], head: Sequence[tuple[int, list[str]]]) -> Layout:
    tidy = _distinct([_tidy(name) for name in names])
    rows = tuple(tuple(fields) for _line, fields in head[:SAMPLE_ROWS])
    return Layout(tidy, tuple(range(len(names))), len(names), 0, sample=rows)


def _titles(head: Sequence[tuple[int, list[str]]], *, may_comment: bool) -> int:
    """How many lines stand above the table: with much less in them than most lines have."""
    filled = [_filled(fields) for _line, fields in head]
    counts = Counter(filled[: MAX_TITLES * 3])
    usual = max(counts, key=lambda count: (counts[count], count))
    if usual < 2:
        return 0
    for place, count in enumerate(filled[:MAX_TITLES]):
        if may_comment and is_comment(head[place][1]):
            continue
        if count > 1 and count > usual / 2:
            return place
    return 0


def is_an_example(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a first line is an example: a number, a label that comes back, or a whole sentence.

    A column of labels, of dates or of numbers whose first line is none of these has a name there.
    """
    rows = below[:SAMPLE_ROWS]
    is_named = False
    for position, name in enumerate(names):
        values = [row[position].strip() for row in rows if position < len(row)]
        # One row that happens to say “text” is no proof; a label comes back more often.
        comes_back = bool(name) and sum(value == name for value in values) > len(rows) // 200
        if comes_back or NUMBER.fullmatch(name) or DATE.fullmatch(name):
            return True
        is_named = is_named or (bool(name) and _has_other_values(values))
    longest = max((len(name) for name in names), default=0)
    return longest > LONGEST_NAME_CHARACTERS and not is_named


def _has_other_values(values: Sequence[str]) -> bool:
    """Whether what stands below a name is of a kind that no name is: labels, dates, numbers."""
    filled = [value for value in values if value]
    if len(filled) < 4:
        return False
    is_counted = mean(bool(NUMBER.fullmatch(one) or DATE.fullmatch(one)) for one in filled) > 0.9
    return is_counted or len(set(filled)) <= len(filled) * OFTEN


def _columns(
    names: list[str],
    below: Sequence[tuple[int, list[str]]],
    header_line: int,
    most: int,
    *,
    is_nameless: bool,
) -> Layout:
    """Columns are what has a name, or is filled in most rows; the others are left out."""
    rows = [fields for _line, fields in below[:SAMPLE_ROWS]]
    counts: Counter[int] = Counter()
    for fields in rows:
        counts.update(at for at, value in enumerate(fields) if value.strip())
    widest = max(len(names), *(len(fields) for fields in rows))
    often = [at for at in range(min(widest, most)) if counts[at] >= max(1, len(rows) * OFTEN)]
    named = [at for at, name in enumerate(names) if name]
    positions = tuple(sorted({*named, *often}))
    width = max(positions, default=-1) + 1
    chosen = [names[at] if at < len(names) else "" for at in positions]
    columns = _distinct([name or f"column_{place}" for place, name in enumerate(chosen, start=1)])
    return Layout(
        columns,
        positions,
        width,
        header_line,
        is_nameless=is_nameless,
        empty_columns=widest - len(positions),
    )


def _survey(
    file: str, source: RowSource, layout: Layout, titles: Sequence[Passage], fixes: Fixes
) -> Layout:
    ragged: list[Passage] = []
    left: set[int] = set()
    sample: list[tuple[str, ...]] = []
    last: list[tuple[int, list[str]]] = []
    count = comments = 0
    has_comments = source.is_ragged and _has_comments(source, layout)
    for line, fields in source.rows():
        if line <= layout.header_line:
            continue
        count += 1
        if has_comments and fixes.drop_ragged and is_comment(fields):
            comments += 1
            left.add(line)
            ragged += [Passage(line, _shown(fields))] * (len(ragged) < SHOWN)
            continue
        if source.is_ragged and not _fits(fields, layout.width):
            if not fixes.drop_ragged:
                raise _broken(file, line, fields, layout)
            left.add(line)
            ragged += [Passage(line, _shown(fields))] * (len(ragged) < SHOWN)
            continue
        last = [*last[-1:], (line, fields)]
        if len(sample) < SAMPLE_ROWS:
            sample.append(tuple(layout.fit(fields)))
    misfits = len(left) - comments
    if misfits > max(FEW_RAGGED, MAX_RAGGED_SHARE * count) or (misfits and not sample):
        raise _first_broken(file, source, layout)
    totals = [Passage(line, _shown(fields)) for line, fields in last if _is_total(fields, layout)]
    ragged_count = len(left)
    if fixes.drop_totals:
        left |= {one.line for one in totals}
        if len(sample) < SAMPLE_ROWS and totals:
            del sample[len(sample) - len(totals) :]
    if not sample:
        raise EmptyFileError(file)
    return replace(
        layout,
        titles=titles,
        totals=totals,
        ragged=ragged,
        ragged_count=ragged_count,
        sample=tuple(sample),
        set_aside=frozenset(left),
    )


def is_comment(fields: Sequence[str]) -> bool:
    return bool(fields) and COMMENT.fullmatch(fields[0].strip()) is not None


def _has_comments(source: RowSource, layout: Layout) -> bool:
    """Whether the few rows that begin as comments do are comments."""
    rows = [fields for line, fields in islice(source.rows(), SAMPLE_ROWS)
            if line > layout.header_line]  # fmt: skip
    found = sum(is_comment(fields) for fields in rows)
    return found <= max(FEW_RAGGED, MAX_COMMENTS_SHARE * len(rows))


def _fits(fields: Sequence[str], width: int) -> bool:
    """Empty fields that spreadsheets add at the end of a row are forgotten."""
    return len(fields) == width or (len(fields) > width and not any(fields[width:]))


def _first_broken(file: str, source: RowSource, layout: Layout) -> BrokenRowError:
    line, fields = next(
        (line, fields)
        for line, fields in source.rows()
        if line > layout.header_line and not _fits(fields, layout.width) and not is_comment(fields)
    )
    return _broken(file, line, fields, layout)


def _broken(file: str, line: int, fields: Sequence[str], layout: Layout) -> BrokenRowError:
    place = min(len(fields), layout.width) - 1
    column = next(
        (name for at, name in zip(layout.positions, layout.columns, strict=True) if at >= place),
        layout.columns[-1],
    )
    return BrokenRowError(file, line, len(fields), layout.width, column)


def _is_total(fields: Sequence[str], layout: Layout) -> bool:
    """A word such as “Total” first, and nothing but numbers beside it."""
    filled = [value.strip() for value in fields if value.strip()]
    is_total = bool(filled) and TOTAL.fullmatch(filled[0]) is not None
    return is_total and all(NUMBER.fullmatch(value) for value in filled[1:])


def _filled(fields: Iterable[str]) -> int:
    return sum(bool(value.strip()) for value in fields)


def _stripped(fields: Sequence[str]) -> Sequence[str]:
    """Without the empty fields at its end."""
    width = len(fields)
    while width and not fields[width - 1].strip():
        width -= 1
    return fields[:width]


def _tidy(name: str) -> str:
    return " ".join(name.split())


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """`note`, `note` as `note`, `note (2)`."""
    taken: dict[str, None] = {}
    counts: Counter[str] = Counter()
    for name in names:
        counts[name] += 1
        wanted = name if counts[name] == 1 else f"{name} ({counts[name]})"
        while wanted in taken:
            counts[name] += 1
            wanted = f"{name} ({counts[name]})"
        taken[wanted] = None
    return tuple(taken)


def _shown(fields: Iterable[str]) -> str:
    return " · ".join(value.strip() for value in fields if value.strip())[:300]

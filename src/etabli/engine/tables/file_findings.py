"""What stands in the files beside the examples: titles, totals, merged cells, doubtful letters."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from etabli.engine.tables.encodings import title_of
from etabli.engine.tables.finding import (
    Finding,
    example_of,
    finding_of,
    first_examples,
)
from etabli.engine.tables.labelling import Row
from etabli.engine.tables.layout import Passage
from etabli.engine.tables.reading import Table
from etabli.foundation.i18n.messages import msg

MAX_SHEETS_NAMED = 20


def find_encodings(files: Sequence[Table]) -> Finding:
    """A file that may be read wrongly: as what, and how some of its lines look so."""
    doubtful = next((file for file in files if not file.detection.is_certain), None)
    if doubtful is None:
        names = dict.fromkeys(title_of(file.encoding) for file in files)
        return Finding("encoding", "fine", 0, msg("Letters are read as {encodings}.",
                                                  encodings=", ".join(names)))  # fmt: skip
    rows = (Row(line, " ".join(fields), "") for line, fields in doubtful.records())
    examples = first_examples(row for row in rows if not row.text.isascii())
    encoding = title_of(doubtful.encoding)
    others = ", ".join(title_of(name) for name in doubtful.detection.others)
    text = msg(
        "{file} does not say how its letters are written. It is read as {encoding}, and may be "
        "{others}: if these lines look wrong, choose another.",
        file=doubtful.name, encoding=encoding, others=others,
    ) if others else msg(
        "{file} does not say how its letters are written. It is read as {encoding}: if these "
        "lines look wrong, choose another.",
        file=doubtful.name, encoding=encoding,
    )  # fmt: skip
    return Finding("encoding", "advise", 1, text, examples)


def find_in_files(files: Sequence[Table]) -> list[Finding]:
    """What in the files is no example, or stands otherwise than in a plain table."""
    return [_of_files(files, look) for look in CHECKS_OF_FILES]


def _of_files(files: Sequence[Table], look: Callable[[Table], Finding]) -> Finding:
    """The finding of the first file in which there is one."""
    found = [look(file) for file in files]
    return next((one for one in found if one.severity != "fine"), found[0])


def _passages(passages: Iterable[Passage]) -> list[dict[str, Any]]:
    return [example_of(Row(one.line, one.text, "")) for one in passages]


def _sheets(file: Table) -> Finding:
    return finding_of(
        "sheets",
        len(file.sheets),
        msg("{file} holds several tables ({sheets}), and “{sheet}” is read: choose another if it "
            "is not the one.",
            file=file.name, sheets=", ".join(file.sheets[:MAX_SHEETS_NAMED]),
            sheet=file.sheet or ""),
        msg("The file holds a single table."),
    )  # fmt: skip


def _titles(file: Table) -> Finding:
    titles = file.layout.titles
    return finding_of(
        "titles",
        len(titles),
        msg("Lines of {file} above the names of the columns: {count}.",
            file=file.name, count=len(titles)),
        msg("Nothing stands above the names of the columns."),
        "skip_titles",
        _passages(titles),
    )  # fmt: skip


def _no_header(file: Table) -> Finding:
    first = [Passage(0, " · ".join(fields)) for fields in file.sample[:1]]
    return finding_of(
        "no_header",
        int(file.layout.is_nameless),
        msg("No line of {file} names the columns: its first line looks like an example.",
            file=file.name),
        msg("The first line names the columns."),
        "name_columns",
        _passages(Passage(file.layout.header_line + 1, one.text) for one in first),
    )  # fmt: skip


def _totals(file: Table) -> Finding:
    totals = file.layout.totals
    return finding_of(
        "totals",
        len(totals),
        msg("Rows at the end of {file} that are a total, not an example: {count}.",
            file=file.name, count=len(totals)),
        msg("No row is a total."),
        "drop_totals",
        _passages(totals),
    )  # fmt: skip


def _ragged(file: Table) -> Finding:
    layout = file.layout
    return finding_of(
        "ragged_rows",
        layout.ragged_count,
        msg("Rows of {file} that are comments, or have more or fewer fields than the {width} of "
            "the others: {count}.",
            file=file.name, width=layout.width, count=layout.ragged_count),
        msg("No row is a comment, and every one has as many fields as the others."),
        "drop_ragged",
        _passages(layout.ragged),
    )  # fmt: skip


def _merged_cells(file: Table) -> Finding:
    return finding_of(
        "merged_cells",
        file.merged_cells,
        msg("Cells of {file} that were merged over several rows: {count}.",
            file=file.name, count=file.merged_cells),
        msg("No cell is merged over several rows."),
        "fill_merged",
    )  # fmt: skip


def _formulas(file: Table) -> Finding:
    lines = file.formulas_without_value
    return finding_of(
        "formulas_without_value",
        len(lines),
        msg("Formulas of {file} that were saved without their value, and count as empty cells: "
            "{count}, the first on line {line}. Save the workbook again in your spreadsheet "
            "program, and bring it again.",
            file=file.name, count=len(lines), line=lines[0] if lines else 0),
        msg("Every formula has its value."),
    )  # fmt: skip


CHECKS_OF_FILES: tuple[Callable[[Table], Finding], ...] = (
    _sheets, _titles, _no_header, _totals, _ragged, _merged_cells, _formulas,
)  # fmt: skip

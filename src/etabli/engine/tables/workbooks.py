"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods), read by python-calamine.

Values only: no formula is computed and no macro is run. What calamine does not tell, namely which
cells hold an error and which formulas were saved without their value, is looked for in the XML of
the sheet.
"""

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from xml.etree import ElementTree

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from etabli.engine.tables.encodings import NO_DOUBT, Detection
from etabli.engine.tables.errors import (
    DamagedWorkbookError,
    EmptySheetError,
    NoSheetError,
    PasswordProtectedError,
)

BLOCK_BYTES = 1024 * 1024
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
CELL = re.compile(rb'<c r="([A-Z]{1,3})(\d{1,7})"([^>]*)>(.*?)</c>', re.DOTALL)
ERROR_VALUE = re.compile(rb"<v>(#[^<]{1,20})</v>")
MIN_ROWS = 20
LOOKED_AT_ROWS = 100
MIN_SENTENCE = 8
"""Characters."""
LONGEST_CELL_BYTES = 400_000
"""Of XML; Excel keeps 32,767 characters in a cell."""

Value = str | int | float | bool | datetime | date | time | timedelta


@dataclass(frozen=True)
class SheetRows:
    """The rows of one sheet, of which all cells are in memory."""

    sheet: CalamineSheet
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]
    """Cells of several rows that were made one: the first and the last row and column of each."""
    is_filled: bool
    """Whether the value of a merged cell is repeated in each of its rows."""
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    formulas_without_value: Sequence[int] = ()
    """The lines on which they are."""

    detection: Detection = NO_DOUBT
    delimiter: str = ""
    names: tuple[str, ...] | None = None
    is_ragged: bool = False

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with something in it, with its number in the sheet."""
        sources = self._sources() if self.is_filled else {}
        kept: dict[int, str] = {}
        errors_of: dict[int, list[tuple[int, str]]] = {}
        for (row, column), value in self.errors.items():
            errors_of.setdefault(row, []).append((column, value))
        for row, values in enumerate(self.sheet.iter_rows()):
            fields = [_written(value) for value in values]
            for column, value in errors_of.get(row, ()):
                if column < len(fields):
                    fields[column] = value
            for column, source in sources.get(row, ()):
                if source == row:
                    kept[column] = fields[column]
                elif not fields[column]:
                    fields[column] = kept.get(column, "")
            if any(fields):
                yield row + 1, fields

    def _sources(self) -> Mapping[int, Sequence[tuple[int, int]]]:
        """For each row, its columns that are part of a merged cell, and the first row of that."""
        sources: dict[int, list[tuple[int, int]]] = {}
        for (first, column), (last, _) in self.merged:
            for row in range(first, min(last, self.sheet.total_height) + 1):
                sources.setdefault(row, []).append((column, first))
        return sources


def open_workbook(path: Path) -> CalamineWorkbook:
    """
    Raises:
        PasswordProtectedError, DamagedWorkbookError: it cannot be read.
    """
    try:
        return CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise PasswordProtectedError(path.name) from error
    except (CalamineError, OSError) as error:
        raise DamagedWorkbookError(path.name) from error


def sheet_names(workbook: CalamineWorkbook) -> tuple[str, ...]:
    """The sheets of cells; those that are shown come first."""
    sheets = [one for one in workbook.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
    sheets.sort(key=lambda one: one.visible is not SheetVisibleEnum.Visible)
    return tuple(sheet.name for sheet in sheets)


def likeliest_sheet(path: Path, workbook: CalamineWorkbook, names: Sequence[str]) -> str:
    """The first sheet that holds sentences beside something else; if none does, the fullest.

    Raises:
        NoSheetError: there is none.
    """
    if not names:
        raise NoSheetError(path.name)
    if len(names) == 1:
        return names[0]
    sizes: dict[str, tuple[bool, int]] = {}
    for name in names:
        sheet = _sheet(path, workbook, name)
        if _is_sensible(sheet):
            return name
        sizes[name] = sheet.width > 1, sheet.height
    return max(names, key=lambda name: sizes[name])


def _is_sensible(sheet: CalamineSheet) -> bool:
    if sheet.width < 2 or sheet.height < MIN_ROWS:
        return False
    rows = list(islice(sheet.iter_rows(), LOOKED_AT_ROWS))
    written = sum(any(_is_sentence(value) for value in row) for row in rows)
    return written > len(rows) / 2


def _is_sentence(value: Value) -> bool:
    return isinstance(value, str) and len(value) >= MIN_SENTENCE and " " in value.strip()


def open_sheet(path: Path, workbook: CalamineWorkbook, name: str, *, is_filled: bool) -> SheetRows:
    """
    Raises:
        DamagedWorkbookError, EmptySheetError: there is nothing that can be read.
    """
    sheet = _sheet(path, workbook, name)
    if not sheet.height:
        raise EmptySheetError(path.name, name)
    merged = [one for one in sheet.merged_cell_ranges or () if one[0][0] != one[1][0]]
    errors, formulas = _look_into(path, name)
    return SheetRows(sheet, merged, is_filled, errors, formulas)


def _sheet(path: Path, workbook: CalamineWorkbook, name: str) -> CalamineSheet:
    try:
        return workbook.get_sheet_by_name(name)
    except CalamineError as error:
        raise DamagedWorkbookError(path.name) from error


def _written(value: Value) -> str:
    """As a person would write it: 5 for 5.0, and no midnight after a date."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _look_into(path: Path, sheet: str) -> tuple[dict[tuple[int, int], str], list[int]]:
    """The errors by row and column, both from 0, and the lines of the formulas without a value.

    Nothing of a workbook that is not .xlsx: .ods keeps the value of each formula beside it, and
    the others are no XML.
    """
    errors: dict[tuple[int, int], str] = {}
    formulas: list[int] = []
    for column, line, attributes, content in _special_cells(path, sheet):
        value = ERROR_VALUE.search(content)
        if b't="e"' in attributes and value:
            errors[line - 1, _number(column)] = value[1].decode("utf-8", "replace")
        elif b"<f" in content and (b"<v" not in content or b"<v></v>" in content
                                   or b"<v/>" in content or b"<v />" in content):  # fmt: skip
            formulas.append(line)
    return errors, formulas


def _special_cells(path: Path, sheet: str) -> Iterator[tuple[bytes, int, bytes, bytes]]:
    """The cells that may hold a formula or an error: column, line, attributes, content."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        member = _member_of(archive, sheet)
        if member is None:
            return
        with archive.open(member) as file:
            rest = b""
            while block := file.read(BLOCK_BYTES):
                rest += block
                end = rest.rfind(b"</c>") + 4 if b"</c>" in rest else 0
                part, rest = rest[:end], rest[end:][-LONGEST_CELL_BYTES:]
                if b"<f" in part or b't="e"' in part:
                    for found in CELL.finditer(part):
                        yield found[1], int(found[2]), found[3], found[4]


def _member_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The file of the archive in which a sheet of an .xlsx is; None in any other workbook."""
    try:
        workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        relations = ElementTree.fromstring(  # noqa: S314  expat holds back what expands
            archive.read("xl/_rels/workbook.xml.rels")
        )
    except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
        return None
    ids = [one.get(RELATION) for one in workbook.iter() if one.get("name") == sheet]
    targets = {one.get("Id"): one.get("Target", "") for one in relations}
    target = targets.get(ids[0]) if ids else None
    if not target:
        return None
    member = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return member if member in archive.namelist() else None


def _number(column: bytes) -> int:
    """`A` is 0, `AA` is 26."""
    number = 0
    for letter in column:
        number = number * 26 + letter - ord("A") + 1
    return number - 1

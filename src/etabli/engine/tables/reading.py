"""A table as people really have it: text, workbook, JSON or Parquet, alone or in an archive.

What a file is, its first bytes say; its name is not believed. Each kind gives its rows as lists of
fields (`RowSource`), and from there all are one: see `layout.py`.
"""

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from etabli.engine.tables.archives import (
    require_small,
    tables_inside,
    unpack_gzip,
    unpack_member,
)
from etabli.engine.tables.delimited import (
    looks_like_utf16,
    open_delimited,
)
from etabli.engine.tables.encodings import Detection
from etabli.engine.tables.errors import (
    DamagedArchiveError,
    EmptyFileError,
    FileMissingError,
    NotTextFileError,
    PasswordProtectedError,
    SheetMissingError,
)
from etabli.engine.tables.job import Fixes
from etabli.engine.tables.layout import Layout, RowSource, find_layout
from etabli.engine.tables.objects import looks_like_json, open_objects
from etabli.engine.tables.parquet import open_parquet
from etabli.engine.tables.workbooks import (
    SheetRows,
    likeliest_sheet,
    open_sheet,
    open_workbook,
    sheet_names,
)
from etabli.foundation.i18n.messages import msg

START_BYTES = 4096
OLE = b"\xd0\xcf\x11\xe0"
"""Old Excel workbooks begin so, and the envelope of new ones with a password."""
ENVELOPE = "EncryptedPackage".encode("utf-16-le")
MAX_SHEETS_NAMED = 20

SIGNATURES = (
    (b"%PDF", msg("a PDF document")),
    (b"\x89PNG", msg("a PNG picture")),
    (b"\xff\xd8\xff", msg("a JPEG picture")),
    (b"SQLite format 3", msg("an SQLite database")),
    (b"<!DOCTYPE", msg("a web page")),
    (b"<html", msg("a web page")),
)


@dataclass(frozen=True)
class Table:
    """A table whose shape is known: `records()` gives its rows."""

    name: str
    """Of the file, as the person knows it."""
    source: RowSource
    layout: Layout
    sheet: str | None = None
    """Which of `sheets` this is."""
    sheets: Sequence[str] = field(default=())
    """Of a workbook, or the files of an archive, where there are several."""

    @property
    def detection(self) -> Detection:
        return self.source.detection

    @property
    def encoding(self) -> str:
        return self.detection.encoding

    @property
    def delimiter(self) -> str:
        return self.source.delimiter

    @property
    def columns(self) -> tuple[str, ...]:
        return self.layout.columns

    @property
    def sample(self) -> tuple[tuple[str, ...], ...]:
        return self.layout.sample

    @property
    def merged_cells(self) -> int:
        """Cells of several rows that were made one, below the header."""
        if not isinstance(self.source, SheetRows):
            return 0
        return sum(last >= self.layout.header_line for _, (last, _column) in self.source.merged)

    @property
    def formulas_without_value(self) -> Sequence[int]:
        """The lines on which they are."""
        if not isinstance(self.source, SheetRows):
            return ()
        return self.source.formulas_without_value

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each example, with the line of the file on which it begins."""
        for line, fields in self.source.rows():
            if line > self.layout.header_line and line not in self.layout.set_aside:
                yield line, self.layout.fit(fields)


def open_table(
    path: Path,
    chosen_encoding: str | None = None,
    fixes: Fixes | None = None,
    sheet: str | None = None,
    *,
    must_have_sheet: bool = True,
) -> Table:
    """Find out how a file is written, and what its columns are.

    `chosen_encoding` is what a person says of a file that is not UTF; see `ENCODINGS`. `sheet` is
    one of a workbook or of an archive; where it is not there and need not be, the likeliest.

    Raises an InvalidInputError that names the line and the column wherever there is one.
    """
    fixes = fixes or Fixes()
    opened = _open(path, chosen_encoding, fixes, _Wanted(sheet, must_have_sheet))
    layout = find_layout(path.name, opened.source, fixes)
    return Table(path.name, opened.source, layout, opened.sheet, opened.sheets)


@dataclass(frozen=True)
class _Wanted:
    sheet: str | None
    is_needed: bool

    def among(self, path: Path, sheets: Sequence[str]) -> str | None:
        """The one that is asked for; None when any will do."""
        if self.sheet in sheets:
            return self.sheet
        if self.sheet and self.is_needed:
            named = ", ".join(sheets[:MAX_SHEETS_NAMED])
            raise SheetMissingError(path.name, self.sheet, named)
        return None


@dataclass(frozen=True)
class _Opened:
    source: RowSource
    sheet: str | None = None
    sheets: Sequence[str] = ()


def _open(path: Path, encoding: str | None, fixes: Fixes, wanted: _Wanted) -> _Opened:
    start = _start_of(path)
    if start.startswith(b"\x1f\x8b"):
        unpacked = unpack_gzip(path)
        if _is_packed(unpacked):
            raise NotTextFileError(path.name, msg("an archive within an archive"))
        return _open(unpacked, encoding, fixes, wanted)
    if start.startswith(b"PK\x03\x04"):
        return _open_zip(path, encoding, fixes, wanted)
    if start.startswith(OLE):
        if _holds(path, ENVELOPE):
            raise PasswordProtectedError(path.name)
        return _open_workbook(path, fixes, wanted)
    if start.startswith(b"PAR1"):
        return _Opened(open_parquet(path))
    _require_text(path, start)
    if looks_like_json(start, path.name):
        return _Opened(open_objects(path))
    return _Opened(open_delimited(path, encoding))


def _start_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(START_BYTES)
    except FileNotFoundError as error:
        raise FileMissingError(path.name) from error
    if not start.strip():
        raise EmptyFileError(path.name)
    return start


def _require_text(path: Path, start: bytes) -> None:
    for signature, kind in SIGNATURES:
        if start.startswith(signature):
            raise NotTextFileError(path.name, kind)
    if b"\x00" in start and not looks_like_utf16(start):
        raise NotTextFileError(path.name, msg("a binary file"))


def _open_zip(path: Path, encoding: str | None, fixes: Fixes, wanted: _Wanted) -> _Opened:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DamagedArchiveError(path.name) from error
    if "content.xml" in names or any(name.startswith("xl/") for name in names):
        require_small(path)
        return _open_workbook(path, fixes, wanted)
    inside = tables_inside(path)
    chosen = wanted.among(path, inside) if len(inside) > 1 else None
    unpacked = unpack_member(path, chosen or inside[0])
    if _is_archive(unpacked):
        raise NotTextFileError(path.name, msg("an archive within an archive"))
    alone = _Wanted(None, is_needed=False) if len(inside) > 1 else wanted
    opened = _open(unpacked, encoding, fixes, alone)
    if len(inside) == 1:
        return opened
    return _Opened(opened.source, chosen or inside[0], inside)


def _is_packed(path: Path) -> bool:
    start = _start_of(path)
    return start.startswith(b"\x1f\x8b") or _is_archive(path)


def _is_archive(path: Path) -> bool:
    """Whether it is a zip that is no workbook."""
    if not _start_of(path).startswith(b"PK\x03\x04") or not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return "content.xml" not in names and not any(name.startswith("xl/") for name in names)


def _open_workbook(path: Path, fixes: Fixes, wanted: _Wanted) -> _Opened:
    workbook = open_workbook(path)
    names = sheet_names(workbook)
    sheet = wanted.among(path, names) or likeliest_sheet(path, workbook, names)
    source = open_sheet(path, workbook, sheet, is_filled=fixes.fill_merged)
    return _Opened(source, sheet, names if len(names) > 1 else ())


def _holds(path: Path, wanted: bytes) -> bool:
    """Whether some bytes are in a file, even across two blocks of it."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            if wanted in rest + block:
                return True
            rest = block[-len(wanted) :]
    return False

"""A CSV as people really have it: any usual encoding and separator, line breaks within quotes.

A file is read twice and never held whole: once for its encoding and its shape, once for its rows.
"""

import codecs
import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from etabli.engine.recipes.text_classification.encodings import (
    Detection,
    detect,
    known_encoding,
    telling_lines,
)
from etabli.engine.recipes.text_classification.errors import (
    BrokenRowError,
    EmptyFileError,
    FieldTooLongError,
    FileMissingError,
    HeaderMissingError,
    NotTextFileError,
    TooManyColumnsError,
    UnclosedQuoteError,
    UnreadableEncodingError,
    WrongEncodingError,
)

MOST_COLUMNS = 1_000
LONGEST_FIELD_CHARACTERS = 100_000
LONGEST_COLUMN_NAME_CHARACTERS = 60
SAMPLE_ROWS = 1_000
DELIMITERS = (",", ";", "\t", "|")
BLOCK_BYTES = 1024 * 1024

SIGNATURES = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
    (b"SQLite format 3", "an SQLite database"),
    (b'{"', "JSON"),
    (b"[{", "JSON"),
    (b"<!DOCTYPE", "a web page"),
    (b"<html", "a web page"),
)


@dataclass(frozen=True)
class CsvFile:
    """A CSV whose shape is known: `records()` gives its rows."""

    path: Path
    detection: Detection
    delimiter: str
    columns: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    """The first SAMPLE_ROWS rows, by which columns are chosen."""

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def encoding(self) -> str:
        return self.detection.encoding

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Each row under the header, with the line of the file on which it begins."""
        rows = _raw_records(self.path, self.encoding, self.delimiter)
        next(rows)
        width = len(self.columns)
        for line, fields in rows:
            if len(fields) != width:
                fields = _fit(self, line, fields)
            yield line, fields


def open_csv(path: Path, chosen_encoding: str | None = None) -> CsvFile:
    """Find out how a file is written, and what its columns are.

    `chosen_encoding` is what a person says of a file that is not UTF; see `ENCODINGS`.

    Raises an InvalidInputError that names the line and the column wherever there is one.
    """
    _require_text(path)
    detection = _encoding_of(path, chosen_encoding)
    encoding = detection.encoding
    delimiter = _delimiter_of(path, encoding)
    header = _header_of(path, encoding, delimiter)
    _require_columns(path, header)
    unsampled = CsvFile(path, detection, delimiter, header, ())
    sample = _first_rows(unsampled)
    _require_header(path, header, sample)
    return CsvFile(path, detection, delimiter, header, sample)


def _require_text(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except FileNotFoundError as error:
        raise FileMissingError(path.name) from error
    if not start.strip():
        raise EmptyFileError(path.name)
    kind = _kind_of(path, start)
    if kind:
        raise NotTextFileError(path.name, kind)


def _kind_of(path: Path, start: bytes) -> str | None:
    """What a file really is, if it is no text: its first bytes know better than its name."""
    if start.startswith(b"PK\x03\x04"):
        return _kind_of_zip(path)
    for signature, kind in SIGNATURES:
        if start.startswith(signature):
            return kind
    if b"\x00" in start and not _looks_like_utf16(start):
        return "a binary file"
    return None


def _kind_of_zip(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return "a damaged ZIP archive"
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook (.xlsx)"
    if "content.xml" in names:
        return "an OpenDocument spreadsheet (.ods)"
    return "a ZIP archive"


def _looks_like_utf16(start: bytes) -> bool:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    # Without its mark: nearly every second byte of Western text is zero.
    return max(start[0::2].count(0), start[1::2].count(0)) > len(start) * 0.4


def _encoding_of(path: Path, chosen: str | None) -> Detection:
    """UTF by its mark or because all of it is valid; then as the person said; then by evidence."""
    with path.open("rb") as file:
        start = file.read(4096)
    if _looks_like_utf16(start):
        return Detection(_checked(path, _utf16_of(start)), is_certain=True)
    error = _first_error(path, "utf-8")
    if error is None:
        return Detection("utf-8-sig", is_certain=True)
    if chosen:
        return Detection(_checked(path, known_encoding(chosen)), is_certain=True)
    if _is_damaged_utf8(path):
        raise WrongEncodingError(path.name, error.line, error.byte, error.value)
    detected = detect(path, lambda encoding: _first_error(path, encoding) is None)
    if detected is None:
        raise UnreadableEncodingError(path.name)
    return detected


def _is_damaged_utf8(path: Path) -> bool:
    """Whether most of what is beyond ASCII in a file that is not valid UTF-8 is UTF-8 all the same.

    Of two bytes of another encoding, one pair in seven at most is valid by chance.
    """
    valid = invalid = 0
    for line in telling_lines(path):
        for letter in line.decode("utf-8", "replace"):
            invalid += letter == "\ufffd"
            valid += letter != "\ufffd" and not letter.isascii()
    return valid >= max(1, invalid)


def _utf16_of(start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return "utf-16-le" if start[1::2].count(0) > start[0::2].count(0) else "utf-16-be"


@dataclass(frozen=True)
class _Undecodable:
    line: int
    byte: int
    value: str


def _checked(path: Path, encoding: str) -> str:
    error = _first_error(path, encoding)
    if error:
        raise WrongEncodingError(path.name, error.line, error.byte, error.value)
    return encoding


def _first_error(path: Path, encoding: str) -> _Undecodable | None:
    """Where the file stops being text in `encoding`, decoding block by block."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, offset_bytes, pending_bytes = 1, 0, 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK_BYTES)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                valid = error.object[: error.start].decode(encoding, "ignore")
                # The decoder gives back the bytes it had kept from the block before.
                place = offset_bytes - pending_bytes + error.start
                value = f"0x{error.object[error.start]:02X}"
                return _Undecodable(line + valid.count("\n"), place, value)
            if not block:
                return None
            line += text.count("\n")
            offset_bytes += len(block)
            pending_bytes = len(decoder.getstate()[0])


def _delimiter_of(path: Path, encoding: str) -> str:
    """The separator under which most of the first rows have as many fields as the header."""

    def agreement(delimiter: str) -> tuple[float, int]:
        widths = _first_widths(path, encoding, delimiter)
        if not widths or widths[0] < 2:
            return 0.0, 0
        return sum(width == widths[0] for width in widths) / len(widths), widths[0]

    best = max(DELIMITERS, key=agreement)
    return best if agreement(best)[1] else ","


def _first_widths(path: Path, encoding: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    with path.open(encoding=encoding, newline="") as file:
        try:
            for fields in csv.reader(file, delimiter=delimiter):
                widths.append(len(fields))
                if len(widths) == 50:
                    break
        except csv.Error:
            # Only a guess is wanted here; the rows are read strictly afterwards.
            return widths
    return widths


def _raw_records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(LONGEST_FIELD_CHARACTERS)
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        line = 1
        try:
            for fields in reader:
                if any(fields):
                    yield line, fields
                line = reader.line_num + 1
        except csv.Error as error:
            if "field larger" in str(error):
                raise FieldTooLongError(path.name, line, LONGEST_FIELD_CHARACTERS) from error
            raise UnclosedQuoteError(path.name, line) from error


def _header_of(path: Path, encoding: str, delimiter: str) -> tuple[str, ...]:
    for _line, fields in _raw_records(path, encoding, delimiter):
        names = [name.strip() for name in fields]
        while names and not names[-1]:
            names.pop()
        return tuple(names)
    raise EmptyFileError(path.name)


def _fit(file: CsvFile, line: int, fields: list[str]) -> list[str]:
    """Forget the empty fields that spreadsheets add at the end of a row."""
    width = len(file.columns)
    if len(fields) > width and not any(fields[width:]):
        return fields[:width]
    column = file.columns[min(len(fields), width) - 1]
    raise BrokenRowError(file.name, line, len(fields), width, column)


def _first_rows(file: CsvFile) -> tuple[tuple[str, ...], ...]:
    rows: list[tuple[str, ...]] = []
    for _line, fields in file.records():
        rows.append(tuple(fields))
        if len(rows) == SAMPLE_ROWS:
            break
    if not rows:
        raise EmptyFileError(file.name)
    return tuple(rows)


def _require_columns(path: Path, header: tuple[str, ...]) -> None:
    if len(header) > MOST_COLUMNS:
        raise TooManyColumnsError(path.name, len(header), MOST_COLUMNS)


def _require_header(
    path: Path, header: tuple[str, ...], sample: tuple[tuple[str, ...], ...]
) -> None:
    """A first row that is an example: too long for names, a number, or a label that comes back."""
    for position, name in enumerate(header):
        # One row that happens to say “text” is no proof; a label comes back more often.
        same = sum(row[position].strip() == name for row in sample)
        comes_back = bool(name) and same > len(sample) // 200
        is_number = name.replace(".", "", 1).isdigit()
        if comes_back or is_number or len(name) > LONGEST_COLUMN_NAME_CHARACTERS:
            raise HeaderMissingError(path.name, header[0][:LONGEST_COLUMN_NAME_CHARACTERS])

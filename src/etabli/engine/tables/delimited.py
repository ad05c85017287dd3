"""Tables of text: rows of fields with a separator between, in any usual encoding.

A file is never held whole: it is read once for its encoding, and once for each look at its rows.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etabli.engine.tables.encodings import (
    Detection,
    detect,
    known_encoding,
    telling_lines,
)
from etabli.engine.tables.errors import (
    FieldTooLongError,
    UnclosedQuoteError,
    UnreadableEncodingError,
    WrongEncodingError,
)

LONGEST_FIELD_CHARACTERS = 1_000_000
DELIMITERS = (",", ";", "\t", "|")
BLOCK_BYTES = 1024 * 1024
LOOKED_AT_ROWS = 50
SEPARATOR_LINE = re.compile(r'^"?sep=(.)"?\s*$', re.IGNORECASE)
"""By which Excel is told the separator of a CSV."""


@dataclass(frozen=True)
class DelimitedRows:
    """The rows of a text file."""

    path: Path
    detection: Detection
    delimiter: str
    has_separator_line: bool = False

    names: tuple[str, ...] | None = None
    is_ragged: bool = True
    """Whether a row may have more or fewer fields than the others."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row with something in it, and the line of the file on which it begins.

        Raises:
            FieldTooLongError, UnclosedQuoteError: it cannot be read to its end.
        """
        csv.field_size_limit(LONGEST_FIELD_CHARACTERS)
        with self.path.open(encoding=self.detection.encoding, newline="") as file:
            skipped = 1 if self.has_separator_line else 0
            if skipped:
                file.readline()
            reader = csv.reader(file, delimiter=self.delimiter, strict=True)
            line = skipped + 1
            try:
                for fields in reader:
                    if any(fields):
                        yield line, fields
                    line = skipped + reader.line_num + 1
            except csv.Error as error:
                if "field larger" in str(error):
                    name = self.path.name
                    raise FieldTooLongError(name, line, LONGEST_FIELD_CHARACTERS) from error
                raise UnclosedQuoteError(self.path.name, line) from error


def open_delimited(path: Path, chosen_encoding: str | None) -> DelimitedRows:
    """Find out how a file is written.

    Raises:
        WrongEncodingError, UnreadableEncodingError, UnknownEncodingError: it cannot be read so.
    """
    detection = _encoding_of(path, chosen_encoding)
    told = _told_delimiter(path, detection.encoding)
    if told:
        return DelimitedRows(path, detection, told, has_separator_line=True)
    return DelimitedRows(path, detection, _delimiter_of(path, detection.encoding))


def looks_like_utf16(start: bytes) -> bool:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    # Without its mark: nearly every second byte of Western text is zero.
    return max(start[0::2].count(0), start[1::2].count(0)) > len(start) * 0.4


def _encoding_of(path: Path, chosen: str | None) -> Detection:
    """UTF by its mark or because all of it is valid; then as the person said; then by evidence."""
    with path.open("rb") as file:
        start = file.read(4096)
    if looks_like_utf16(start):
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


def _told_delimiter(path: Path, encoding: str) -> str | None:
    with path.open(encoding=encoding, newline="") as file:
        told = SEPARATOR_LINE.match(file.readline(20))
    return told[1] if told else None


def _delimiter_of(path: Path, encoding: str) -> str:
    """The separator under which most of the first rows have as many fields as each other."""

    def agreement(delimiter: str) -> tuple[float, int]:
        widths = _first_widths(path, encoding, delimiter)
        usual, count = _most_common(widths)
        return (count / len(widths), usual) if usual > 1 else (0.0, 0)

    best = max(DELIMITERS, key=agreement)
    return best if agreement(best)[1] else ","


def _most_common(widths: Sequence[int]) -> tuple[int, int]:
    """The number of fields that comes most often, the larger of two, and how often."""
    counts = Counter(widths)
    return max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))


def _first_widths(path: Path, encoding: str, delimiter: str) -> list[int]:
    csv.field_size_limit(LONGEST_FIELD_CHARACTERS)
    widths: list[int] = []
    with path.open(encoding=encoding, newline="") as file:
        try:
            for fields in csv.reader(file, delimiter=delimiter):
                if fields:
                    widths.append(len(fields))
                if len(widths) == LOOKED_AT_ROWS:
                    break
        except csv.Error:
            # Only a guess is wanted here; the rows are read strictly afterwards.
            return widths
    return widths

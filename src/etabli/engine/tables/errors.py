"""What can be wrong with a person's files: one sentence, with a place and a next step each."""

from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import Message, msg, msg_plural


class UnfitTableError(InvalidInputError):
    """Of a table that was read: other columns or another sheet of it may do."""


class FileMissingError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(msg("There is no file {file}: choose it again.", file=file))


class EmptyFileError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} is empty: export your table again as CSV, with a first line that names "
                "the columns and one example a line.",
                file=file,
            )
        )


class NotTextFileError(InvalidInputError):
    def __init__(self, file: str, kind: Message) -> None:
        super().__init__(
            msg(
                "{file} is no table, it is {kind}: open it in the program that made it, and export "
                "its table as a workbook or as “CSV UTF-8”.",
                file=file,
                kind=kind,
            )
        )


class WrongEncodingError(InvalidInputError):
    def __init__(self, file: str, line: int, byte: int, value: str) -> None:
        super().__init__(
            msg(
                "Line {line} of {file} holds a byte that is no letter ({value}, at byte {byte}): "
                "save the file again as “CSV UTF-8”.",
                file=file,
                line=line,
                byte=byte,
                value=value,
            )
        )


class UnknownEncodingError(InvalidInputError):
    def __init__(self, name: str, known: str) -> None:
        super().__init__(
            msg(
                "There is no encoding called “{name}” here: choose one of {known}.",
                name=name[:60],
                known=known,
            )
        )


class UnreadableEncodingError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "The letters of {file} are written in no encoding that can be recognised: save the "
                "file again as “CSV UTF-8”, or say in which encoding it is.",
                file=file,
            )
        )


class BrokenRowError(InvalidInputError):
    """Too many or too few fields."""

    def __init__(self, file: str, line: int, found: int, expected: int, column: str) -> None:
        super().__init__(
            msg(
                "Line {line} of {file} has {fields} where the first line names {expected}; "
                "the first one concerned is after the column “{column}”: put quotation marks "
                "around a text that contains the separator.",
                file=file,
                line=line,
                fields=msg_plural("{n} field", "{n} fields", "n", n=found),
                expected=expected,
                column=column,
            )
        )


class UnclosedQuoteError(InvalidInputError):
    def __init__(self, file: str, line: int) -> None:
        super().__init__(
            msg(
                "In {file}, the row that begins on line {line} has a quotation mark that is never "
                "closed: close it, or write it twice if it belongs to the text.",
                file=file,
                line=line,
            )
        )


class FieldTooLongError(InvalidInputError):
    def __init__(self, file: str, line: int, most: int) -> None:
        super().__init__(
            msg(
                "In {file}, the row that begins on line {line} has a field of more than {most} "
                "characters: shorten it, or look for a quotation mark that is never closed.",
                file=file,
                line=line,
                most=most,
            )
        )


class TooManyColumnsError(InvalidInputError):
    def __init__(self, file: str, found: int, most: int) -> None:
        super().__init__(
            msg(
                "The columns of {file} are {found}, and at most {most} can be read: keep the text "
                "and the label, one example a line.",
                file=file,
                found=found,
                most=most,
            )
        )


class ColumnMissingError(InvalidInputError):
    def __init__(self, file: str, column: str, columns: str) -> None:
        super().__init__(
            msg(
                "{file} has no column “{column}”, only {columns}: choose one of them.",
                file=file,
                column=column,
                columns=columns,
            )
        )


class TestColumnMissingError(InvalidInputError):
    __test__ = False  # not a test, whatever pytest makes of its name

    def __init__(self, file: str, column: str) -> None:
        super().__init__(
            msg(
                "The test file {file} has no column “{column}”, which the training file has: "
                "name its columns as in the training file.",
                file=file,
                column=column,
            )
        )


class NoTextColumnError(InvalidInputError):
    def __init__(self, file: str, columns: str) -> None:
        super().__init__(
            msg(
                "No column of {file} looks like text that people write (its columns: {columns}): "
                "choose the column, or add one.",
                file=file,
                columns=columns,
            )
        )


class NoLabelColumnError(InvalidInputError):
    def __init__(self, file: str, columns: str) -> None:
        super().__init__(
            msg(
                "No column of {file} looks like labels, that is a few words that come back from "
                "row to row (its columns: {columns}): choose the column, or add one.",
                file=file,
                columns=columns,
            )
        )


class OneClassError(InvalidInputError):
    def __init__(self, file: str, label: str) -> None:
        super().__init__(
            msg(
                "Every example of {file} has the same label, “{label}”: add examples of at least "
                "one other label, so that there is something to tell apart.",
                file=file,
                label=label,
            )
        )


class TooFewRowsError(InvalidInputError):
    def __init__(self, file: str, rows: int, classes: int, least: int) -> None:
        super().__init__(
            msg(
                "After the corrections {file} holds {examples} of {labels}, and at least {least} "
                "examples of two labels are needed: add examples.",
                file=file,
                examples=msg_plural("{n} example", "{n} examples", "n", n=rows),
                labels=msg_plural("{n} label", "{n} labels", "n", n=classes),
                least=least,
            )
        )


class TooFewTextsError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "In {file} each label has a single text, so none can be kept aside to examine "
                "with: add different examples, or bring a test file.",
                file=file,
            )
        )


class NoTestRowsError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} holds no example whose label is also in the training file: check that "
                "both use the same labels, or train without a test file.",
                file=file,
            )
        )


class NoWordsError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg("The texts hold no word that comes back: choose another column, or add examples.")
        )


class PasswordProtectedError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} is protected by a password: save it without one, and bring it again.",
                file=file,
            )
        )


class DamagedWorkbookError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} is no workbook that can be read, or is damaged: open it in your "
                "spreadsheet program and save it again as .xlsx or .ods.",
                file=file,
            )
        )


class NoSheetError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} holds no sheet of cells: bring a workbook with a table in it.",
                file=file,
            )
        )


class EmptySheetError(InvalidInputError):
    def __init__(self, file: str, sheet: str) -> None:
        super().__init__(
            msg(
                "The sheet “{sheet}” of {file} is empty: choose another, or fill it with one "
                "example a row.",
                file=file,
                sheet=sheet,
            )
        )


class SheetMissingError(InvalidInputError):
    """A sheet of a workbook, or a file of an archive."""

    def __init__(self, file: str, sheet: str, sheets: str) -> None:
        super().__init__(
            msg(
                "{file} has no sheet “{sheet}”, only {sheets}: choose one of them.",
                file=file,
                sheet=sheet[:100],
                sheets=sheets,
            )
        )


class DamagedArchiveError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} cannot be unpacked, it is damaged or was not sent whole: pack it again, "
                "or bring the table as it is.",
                file=file,
            )
        )


class NoTableInArchiveError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} holds no table: put a spreadsheet, a CSV, JSON or Parquet file in it.",
                file=file,
            )
        )


class TooLargeUnpackedError(InvalidInputError):
    def __init__(self, file: str, limit_mb: int) -> None:
        super().__init__(
            msg(
                "{file} holds more than {limit_mb} MB once it is unpacked, and that is not read: "
                "bring the table alone, or a part of its rows.",
                file=file,
                limit_mb=limit_mb,
            )
        )


class BrokenJsonError(InvalidInputError):
    def __init__(self, file: str, line: int) -> None:
        super().__init__(
            msg(
                "{file} stops being JSON on line {line}: export it again, or correct that line.",
                file=file,
                line=line,
            )
        )


class NotObjectsError(InvalidInputError):
    def __init__(self, file: str, place: int) -> None:
        super().__init__(
            msg(
                "{file} is JSON, but no list of objects (number {place} in it is none): write "
                "each example as an object such as {example}.",
                file=file,
                place=place,
                example='{"text": "…", "label": "…"}',
            )
        )


class DamagedParquetError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} is no Parquet file that can be read, or is damaged: write it again, or "
                "bring it as CSV.",
                file=file,
            )
        )


class NoParquetReaderError(InvalidInputError):
    def __init__(self, file: str) -> None:
        super().__init__(
            msg(
                "{file} is a Parquet file, and this hub has no reader for it: bring it as CSV, or "
                "ask the operator to install etabli[parquet].",
                file=file,
            )
        )


class TooManyToSortError(InvalidInputError):
    def __init__(self, file: str, most: int) -> None:
        super().__init__(
            msg(
                "{file} has more than {most} rows, or very long ones. Sort it in parts.",
                file=file,
                most=most,
            )
        )

"""Tables in a .zip or a .gz: unpacked beside them, within a limit, and gone when all is read."""

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO

from etabli.engine.tables.errors import (
    DamagedArchiveError,
    NoTableInArchiveError,
    PasswordProtectedError,
    TooLargeUnpackedError,
)

UNPACKED = ".unpacked"
"""The end of the name of a folder beside an archive."""
MAX_UNPACKED_BYTES = 1_000_000_000
MAX_MEMBERS = 10_000
BLOCK_BYTES = 1024 * 1024
ENCRYPTED = 0x1
TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".parquet", ".jsonl",
          ".ndjson", ".json", ".txt", ".tab")  # fmt: skip
"""By the end of the name, those that are rather tables first."""


def clear_unpacked(job_dir: Path) -> None:
    """Remove what was unpacked in the folder of a job. Harmless when repeated."""
    for folder in job_dir.glob(f"data/**/*{UNPACKED}"):
        shutil.rmtree(folder, ignore_errors=True)


def unpack_gzip(path: Path) -> Path:
    """
    Raises:
        DamagedArchiveError, TooLargeUnpackedError: it cannot be unpacked.
    """
    name = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    try:
        with gzip.open(path) as packed:
            return _write(path, name, packed)
    except (OSError, EOFError, zlib.error) as error:
        raise DamagedArchiveError(path.name) from error


def require_small(path: Path) -> None:
    """Of a zip that a library will unpack, what it says of itself.

    Raises:
        DamagedArchiveError, TooLargeUnpackedError, PasswordProtectedError: it is not to be read.
    """
    members(path)


def members(path: Path) -> Sequence[zipfile.ZipInfo]:
    """
    Raises:
        DamagedArchiveError, TooLargeUnpackedError, PasswordProtectedError: it is not to be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            inside = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DamagedArchiveError(path.name) from error
    if any(member.flag_bits & ENCRYPTED for member in inside):
        raise PasswordProtectedError(path.name)
    size_bytes = sum(member.file_size for member in inside)
    if size_bytes > MAX_UNPACKED_BYTES or len(inside) > MAX_MEMBERS:
        raise TooLargeUnpackedError(path.name, MAX_UNPACKED_BYTES // 1_000_000)
    return inside


def tables_inside(path: Path) -> Sequence[str]:
    """The names of what may be a table in a zip, the likeliest first: by kind, then by size.

    Raises:
        NoTableInArchiveError: there is none.
        DamagedArchiveError, TooLargeUnpackedError, PasswordProtectedError: see `members`.
    """
    found = [member for member in members(path) if not member.is_dir() and _is_table(member)]
    if not found:
        raise NoTableInArchiveError(path.name)
    found.sort(key=lambda member: (_kind(member.filename), -member.file_size))
    return [member.filename for member in found]


def unpack_member(path: Path, name: str) -> Path:
    """
    Raises:
        DamagedArchiveError, TooLargeUnpackedError: it cannot be unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as packed:
            return _write(path, PurePosixPath(name).name, packed)
    except (zipfile.BadZipFile, EOFError, zlib.error, NotImplementedError) as error:
        raise DamagedArchiveError(path.name) from error


def _is_table(member: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(member.filename)
    is_hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
    return not is_hidden and member.file_size > 0 and _kind(member.filename) < len(TABLES)


def _kind(name: str) -> int:
    plain = name.lower().removesuffix(".gz")
    return next((place for place, end in enumerate(TABLES) if plain.endswith(end)), len(TABLES))


def _write(path: Path, name: str, packed: IO[bytes] | gzip.GzipFile) -> Path:
    """Counted while it is written: what an archive says of its sizes may be a lie."""
    folder = path.with_name(path.name + UNPACKED)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    unpacked = folder / (name.lstrip(".") or "table")
    left_bytes = MAX_UNPACKED_BYTES
    with unpacked.open("wb") as file:
        while block := packed.read(BLOCK_BYTES):
            left_bytes -= len(block)
            if left_bytes < 0:
                shutil.rmtree(folder)
                raise TooLargeUnpackedError(path.name, MAX_UNPACKED_BYTES // 1_000_000)
            file.write(block)
    return unpacked

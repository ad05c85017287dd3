"""Parquet, read by DuckDB, which is not installed with every hub: it takes 70 MB."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etabli.engine.tables.encodings import NO_DOUBT, Detection
from etabli.engine.tables.errors import (
    DamagedParquetError,
    NoParquetReaderError,
    TooManyColumnsError,
)

MAX_COLUMNS = 1_000
ROWS_AT_ONCE = 1_000
MEMORY_LIMIT = "1GB"


@dataclass(frozen=True)
class ParquetRows:
    path: Path
    names: tuple[str, ...]

    detection: Detection = NO_DOUBT
    delimiter: str = ""
    is_ragged: bool = False

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row, with its place in the file.

        Raises:
            DamagedParquetError: it cannot be read to its end.
        """
        place = 0
        result = _query(self.path)
        while rows := _fetched(self.path, result):
            for row in rows:
                place += 1
                yield place, [_written(value) for value in row]


def open_parquet(path: Path) -> ParquetRows:
    """
    Raises:
        NoParquetReaderError, DamagedParquetError, TooManyColumnsError: it cannot be read.
    """
    names = tuple(str(column[0]) for column in _query(path).description)
    if len(names) > MAX_COLUMNS:
        raise TooManyColumnsError(path.name, len(names), MAX_COLUMNS)
    return ParquetRows(path, names)


def _query(path: Path) -> Any:
    """All rows of the file. Nothing else can be read or fetched meanwhile."""
    duckdb = _duckdb(path)
    connection = duckdb.connect(
        config={"memory_limit": MEMORY_LIMIT, "threads": 1, "temp_directory": ""}
    )
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET allowed_paths = [$path]", {"path": str(path)})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    try:
        return connection.execute("SELECT * FROM read_parquet($path)", {"path": str(path)})
    except duckdb.Error as error:
        raise DamagedParquetError(path.name) from error


def _fetched(path: Path, result: Any) -> list[tuple[Any, ...]]:
    try:
        rows: list[tuple[Any, ...]] = result.fetchmany(ROWS_AT_ONCE)
    except _duckdb(path).Error as error:
        raise DamagedParquetError(path.name) from error
    return rows


def _duckdb(path: Path) -> Any:
    try:
        return importlib.import_module("duckdb")
    except ImportError as error:
        raise NoParquetReaderError(path.name) from error


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "|".join(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)

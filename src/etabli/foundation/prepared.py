"""Statements that are put into SQL once, and then handed to the driver as they are.

SQLAlchemy takes several times as long to ask a small statement as the database to answer it. What
is read by nearly every request is therefore asked so; it is written with SQLAlchemy all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, Select, TextClause
from sqlalchemy.sql.type_api import TypeEngine

Row = Sequence[Any]
Convert = Callable[[Any], Any]


class Prepared:
    """One statement in the SQL of one database, and what becomes of values on both ways."""

    def __init__(self, statement: Select[Any] | TextClause, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.has_lists = any(bind.expanding for bind in compiled.bind_names)
        """Their lengths are part of the SQL: then it is not the same each time."""
        self._sql = str(compiled)
        self._constants: Mapping[str, Any] = compiled.params
        self._order: Sequence[str] | None = compiled.positiontup
        self._given = {
            name: convert
            for bind, name in compiled.bind_names.items()
            if (convert := _to_database(bind.type, dialect))
        }
        columns = statement.selected_columns if isinstance(statement, Select) else ()
        self._found = [
            (place, convert)
            for place, column in enumerate(columns)
            if (convert := _from_database(column.type, dialect))
        ]

    def ask(self, connection: Any, values: Mapping[str, Any]) -> Sequence[Row]:
        """The rows as the driver gives them: see `converted`.

        Args:
            connection: the driver's own.

        Raises:
            The driver's own errors.
        """
        rows: Sequence[Row] = connection.execute(self._sql, self._parameters(values)).fetchall()
        return rows

    def _parameters(self, values: Mapping[str, Any]) -> Any:
        given = {**self._constants, **values}
        for name, convert in self._given.items():
            given[name] = convert(given[name])
        return given if self._order is None else [given[name] for name in self._order]

    def converted(self, row: Row) -> Row:
        """A row of the driver with the values that the columns are said to have."""
        if not self._found:
            return row
        values = list(row)
        for place, convert in self._found:
            values[place] = convert(values[place])
        return values


@lru_cache(maxsize=512)
def prepared(statement: Select[Any] | TextClause, dialect: Dialect) -> Prepared:
    return Prepared(statement, dialect)


def _to_database(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type.dialect_impl(dialect).bind_processor(dialect)


def _from_database(type: TypeEngine[Any], dialect: Dialect) -> Convert | None:
    return type.dialect_impl(dialect).result_processor(dialect, None)

"""What is made of rows that are read again and again, kept in memory under all that they say."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import Session

from etabli.foundation.db import raw_rows, usual_rows
from etabli.foundation.lru import LruCache
from etabli.foundation.prepared import Prepared

Made = TypeVar("Made")
Row = Sequence[Any]


def made_of(
    db: Session,
    statement: Select[Any],
    values: Mapping[str, Any],
    make: Callable[[Row], Made],
    kept: LruCache[Any, Made],
) -> list[Made]:
    """What is made of each row that a statement finds. Never out of date: a row that says anything
    else is another key. Rows that hold lists (on PostgreSQL) are no keys, and made of anew.

    Args:
        statement: as for `rows_of`.
        make: the same of the same row, and nobody changes it.
        kept: for rows of this shape only. Sizes are characters.
    """
    found = raw_rows(db, statement, values)
    if found is None:
        return [make(row) for row in usual_rows(db, statement, values)]
    asked, rows = found
    return [_kept_or_made(asked, row, make, kept) for row in rows]


def _kept_or_made(
    asked: Prepared, row: Row, make: Callable[[Row], Made], kept: LruCache[Any, Made]
) -> Made:
    try:
        made = kept.find(row)
    except TypeError:
        return make(asked.converted(row))
    if made is None:
        made = make(asked.converted(row))
        kept.keep(row, made, sum(len(value) for value in row if isinstance(value, str)))
    return made

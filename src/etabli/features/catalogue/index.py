"""The index: which entries have which terms, in three orders.

SQLite: one contentless FTS5 table for each order. The place in the order *is* the row's number, so
that a search walks the entries in their order, and stops when a page is full.
PostgreSQL: a `tsvector` under a GIN index, and a B-tree for each order.

Owns no truth: `etabli reindex` makes it anew. Its tables are in `etabli.migrations.by_hand`.

Source: `benchmarks/README.md`, lists and searches.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import ARRAY, Text, cast, func, select, text
from sqlalchemy.orm import Session

from etabli.features.catalogue.models import IndexEntry, Sort
from etabli.features.repos import Repo
from etabli.foundation.db import begin_to_read, is_sqlite, rows_of
from etabli.foundation.errors import UnavailableError
from etabli.foundation.i18n.messages import msg

ID_BITS = 24
MAX_ENTRIES: int = 2**ID_BITS
MAX_KEY: int = 2**39 - 1
"""Of what is sorted by: a moment in hundredths of a second lasts until 2144."""
MAX_PLACE: int = 2**63 - 1
MAX_DOWNLOADS = 2**31 - 1
WALKED = 1000
"""On PostgreSQL: the first entries of an order that are looked at one by one. They tell how many
match: many, and a longer walk fills the page; few, and to find them all and sort them is quick."""
MAX_WALKED = 10_000


class CatalogueFullError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "The catalogue has no number left for another repository. "
                "Run “etabli reindex --empty”, which gives out the numbers anew."
            )
        )


@dataclass(frozen=True)
class All:
    """Each of the parts must be true."""

    parts: Sequence["Condition"]


@dataclass(frozen=True)
class Some:
    """One of the parts, at least. Of none: never true."""

    parts: Sequence["Condition"]


Condition = str | All | Some
"""What terms an entry must have: a string is a term."""

ALWAYS = All(())


def at_least(count: int, conditions: Sequence[Condition]) -> Condition:
    """So many of them. Keep the list short: the more there are to choose from, the longer it is."""
    if count == 1:
        return Some(conditions)
    if count == len(conditions):
        return All(conditions)
    first, others = conditions[0], conditions[1:]
    return Some([All([first, at_least(count - 1, others)]), at_least(count, others)])


def holds(condition: Condition, terms: Set[str]) -> bool:
    """Whether an entry with these terms is meant."""
    match condition:
        case str():
            return condition in terms
        case All(parts):
            return all(holds(part, terms) for part in parts)
        case Some(parts):
            return any(holds(part, terms) for part in parts)


@dataclass(frozen=True)
class Places:
    """Where an entry stands in each order: the larger, the earlier. No two have the same."""

    by_updated: int
    by_created: int
    by_downloads: int

    @classmethod
    def of(cls, entry_id: int, repo: Repo) -> "Places":
        """
        Raises:
            CatalogueFullError: there is no place for such a number.
        """
        if entry_id >= MAX_ENTRIES:
            raise CatalogueFullError
        return cls(
            place(_moment(repo.updated_at), entry_id),
            place(_moment(repo.created_at), entry_id),
            place(repo.downloads, entry_id),
        )

    def at(self, sort: Sort) -> int:
        at: int = getattr(self, f"by_{sort}")
        return at


@dataclass(frozen=True)
class Kept:
    """What the index has of one entry."""

    places: Places
    terms: Any
    """As the column of the entry has them."""


def place(key: int, entry_id: int) -> int:
    return (max(0, min(key, MAX_KEY)) << ID_BITS) | entry_id


def id_at(place: int) -> int:
    return place & (MAX_ENTRIES - 1)


def _moment(when: datetime) -> int:
    return int(when.timestamp() * 100)


class Index(Protocol):
    """Where the terms are kept. It is told of each entry once, and of its end."""

    def stored(self, terms: Sequence[str]) -> Any:
        """What goes into the column `terms` of an entry."""

    def change(self, old: "Kept | None", new: "Kept | None") -> None:
        """What is kept of one entry; None: nothing was, or is to be, kept of it."""

    def find(self, wanted: Condition, sort: Sort, before: int | None, limit: int) -> list[int]:
        """The first places below `before`, in descending order."""

    def count(self, wanted: Condition, most: int) -> int:
        """How many there are; none are counted beyond `most`."""

    def terms_of(self, ids: Sequence[int]) -> dict[int, Set[str]]:
        """Of each entry."""

    def clear(self) -> None:
        """Make it empty. The rows of the entries are somebody else's."""


def open_index(db: Session) -> Index:
    return SqliteIndex(db) if is_sqlite(db) else PostgresIndex(db)


_text = lru_cache(maxsize=64)(text)
"""A statement in words, made once: there are a few for each order."""


class SqliteIndex:
    """Row numbers are places with their sign turned: FTS5 walks upwards."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def stored(self, terms: Sequence[str]) -> Any:
        return " ".join(terms)

    def change(self, old: Kept | None, new: Kept | None) -> None:
        for sort in Sort:
            before, after = (kept and (-kept.places.at(sort), kept.terms) for kept in (old, new))
            if before == after:
                continue
            table = _table(sort)
            if before:
                delete = f"({table}, rowid, terms) VALUES ('delete', :row, :terms)"
                self._insert(f"INSERT INTO {table} {delete}", before)
            if after:
                self._insert(f"INSERT INTO {table} (rowid, terms) VALUES (:row, :terms)", after)  # noqa: S608

    def _insert(self, statement: str, row: tuple[int, Any]) -> None:
        self._db.execute(text(statement), {"row": row[0], "terms": row[1]})

    def find(self, wanted: Condition, sort: Sort, before: int | None, limit: int) -> list[int]:
        table = _table(sort)
        after = "" if before is None else "AND rowid > :after "
        asked = (
            f"SELECT rowid FROM {table} WHERE {table} MATCH :wanted "  # noqa: S608
            f"{after}ORDER BY rowid LIMIT :limit"
        )
        values: dict[str, Any] = {"wanted": _in_fts5(wanted), "limit": limit}
        if before is not None:
            values["after"] = -before
        return [-row for (row,) in rows_of(self._db, _text(asked), values)]

    def count(self, wanted: Condition, most: int) -> int:
        table = _table(Sort.UPDATED)
        matching = f"SELECT 1 FROM {table} WHERE {table} MATCH :wanted LIMIT :most"  # noqa: S608
        asked = text(f"SELECT count(*) FROM ({matching})")  # noqa: S608
        return self._db.scalar(asked, {"wanted": _in_fts5(wanted), "most": most}) or 0

    def terms_of(self, ids: Sequence[int]) -> dict[int, Set[str]]:
        asked = select(IndexEntry.id, IndexEntry.terms).where(IndexEntry.id.in_(ids))
        return {id: set(kept.split(" ")) for id, kept in self._db.execute(asked)}

    def clear(self) -> None:
        for sort in Sort:
            table = _table(sort)
            self._db.execute(text(f"INSERT INTO {table} ({table}) VALUES ('delete-all')"))  # noqa: S608


class PostgresIndex:
    """The column `terms` of the entries is the index; nothing else is kept."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self._is_ready = False

    def stored(self, terms: Sequence[str]) -> Any:
        return func.array_to_tsvector(cast(list(terms), ARRAY(Text)))

    def change(self, old: Kept | None, new: Kept | None) -> None:
        pass  # it is in the entry itself

    def find(self, wanted: Condition, sort: Sort, before: int | None, limit: int) -> list[int]:
        self._get_ready()
        values = {"wanted": _in_tsquery(wanted), "limit": limit, "before": before}
        walked = max(WALKED, 2 * limit)
        while walked <= MAX_WALKED:
            found = self._walk(f"by_{sort}", {**values, "walked": walked})
            if len(found) == limit:
                return found
            if not found:
                break
            walked = 2 * walked * limit // len(found)  # as they have come so far, and some more
        return self._find_all(f"by_{sort}", values)

    def _walk(self, column: str, values: Mapping[str, Any]) -> list[int]:
        """Those among the first of an order."""
        asked = f"""
            SELECT place FROM (
                SELECT {column} AS place, terms FROM catalogue_entries
                WHERE {_below(column, values)} ORDER BY {column} DESC LIMIT :walked
            ) AS walked
            WHERE terms @@ CAST(:wanted AS tsquery) ORDER BY place DESC LIMIT :limit"""  # noqa: S608
        return [place for (place,) in rows_of(self._db, _text(asked), values)]

    def _find_all(self, column: str, values: Mapping[str, Any]) -> list[int]:
        # Materialised: the planner must not guess that it would fill the page by walking on.
        asked = f"""
            WITH matching AS MATERIALIZED (
                SELECT {column} AS place FROM catalogue_entries
                WHERE terms @@ CAST(:wanted AS tsquery) AND {_below(column, values)}
            )
            SELECT place FROM matching ORDER BY place DESC LIMIT :limit"""  # noqa: S608
        return [place for (place,) in rows_of(self._db, _text(asked), values)]

    def count(self, wanted: Condition, most: int) -> int:
        self._get_ready()
        asked = text(
            "SELECT count(*) FROM (SELECT 1 FROM catalogue_entries "
            "WHERE terms @@ CAST(:wanted AS tsquery) LIMIT :most) AS matching"
        )
        return self._db.scalar(asked, {"wanted": _in_tsquery(wanted), "most": most}) or 0

    def terms_of(self, ids: Sequence[int]) -> dict[int, Set[str]]:
        terms = func.tsvector_to_array(IndexEntry.terms, type_=ARRAY(Text))
        asked = select(IndexEntry.id, terms).where(IndexEntry.id.in_(ids))
        return {id: set(kept) for id, kept in self._db.execute(asked)}

    def clear(self) -> None:
        pass

    def _get_ready(self) -> None:
        """For this unit of work: each search is planned for its own terms. What was planned once
        for any terms takes a common word for a rare one."""
        if not self._is_ready:
            begin_to_read(self._db, "plan_cache_mode = force_custom_plan", "jit = off")
            self._is_ready = True


def _below(column: str, values: Mapping[str, Any]) -> str:
    return "true" if values["before"] is None else f"{column} < :before"


def _table(sort: Sort) -> str:
    return f"catalogue_by_{sort}"


_NEVER = "z"
"""A term that no entry has: no term of ours begins so."""


def _in_fts5(condition: Condition) -> str:
    """Source: https://www.sqlite.org/fts5.html#full_text_query_syntax."""
    return _written(condition, '"', " AND ", " OR ")


def _in_tsquery(condition: Condition) -> str:
    """Source: https://www.postgresql.org/docs/current/datatype-textsearch.html."""
    return _written(condition, "'", " & ", " | ")


def _written(condition: Condition, mark: str, sign_and: str, sign_or: str) -> str:
    """Terms have no marks in them. `ALWAYS` may stand within an `All`, and nowhere else."""
    if isinstance(condition, str):
        return f"{mark}{condition}{mark}"
    sign = sign_and if isinstance(condition, All) else sign_or
    parts = [part for part in condition.parts if part != ALWAYS]
    inside = sign.join(_written(part, mark, sign_and, sign_or) for part in parts)
    return f"({inside})" if parts else f"{mark}{_NEVER}{mark}"

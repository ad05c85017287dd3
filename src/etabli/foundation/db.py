"""The database: one base for all tables, one transaction for each unit of work."""

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from enum import Enum, StrEnum
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    QueuePool,
    Select,
    String,
    TextClause,
    create_engine,
    event,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

from etabli.foundation.durable_files import DiskFullError
from etabli.foundation.errors import UnavailableError
from etabli.foundation.file_turns import FileTurns
from etabli.foundation.i18n.messages import msg, plain
from etabli.foundation.prepared import Prepared, prepared
from etabli.foundation.writers import WAIT_S, Writers

POSTGRES_CONNECTIONS = 4
POSTGRES_READING_CONNECTIONS = 8
"""Kept open; as many more as there are threads that ask are opened for a moment, and closed."""

Value = TypeVar("Value")

MAX_IN_A_QUERY = 500
"""Values in one statement. Source: SQLite's limit is 32,766; short ones are planned sooner."""

ASK_AFTER_S = 1.0
"""How long a connection to PostgreSQL rests until it is asked whether it is still one."""
_USED_AT_S = "etabli_used_at_s"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always with its timezone. SQLite forgets it; this gives it back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        return value and (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC))


class PlainText(TypeDecorator[str]):
    """Text that every database takes: without NUL, and without halves of surrogate pairs.

    Both come from outside, in an address or in JSON. In a comparison they then match nothing.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> str | None:
        return value and plain(value)


class TextAsBytes(TypeDecorator[str]):
    """Text as its UTF-8: ordered by its bytes, on every database and in every language of it."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, _dialect: Dialect) -> bytes | None:
        return None if value is None else value.encode("utf-8", "replace")

    def process_result_value(self, value: bytes | None, _dialect: Dialect) -> str | None:
        return None if value is None else bytes(value).decode()


def _values(choices: type[Enum]) -> list[str]:
    return [str(choice.value) for choice in choices]


class Table(DeclarativeBase):
    """Base of every row type. A feature writes to its own tables only."""

    type_annotation_map: ClassVar = {
        datetime: UtcDateTime,
        str: PlainText,
        # As plain text: a choice more is then no change of the database.
        StrEnum: EnumType(StrEnum, values_callable=_values, native_enum=False, length=32),
    }
    # Every constraint gets a name that follows from its columns, so that a migration can drop it.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class DatabaseDownError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(msg("The database of this hub does not answer. Try again in a moment."))


class NestedUnitOfWorkError(RuntimeError):
    """One unit of work was begun within another: it would wait for what the same thread holds."""


class WriteWhileReadingError(RuntimeError):
    """Something was to be written in a unit of work that only reads. The database refused it."""


class _ReadingSession(Session):
    """A session that need not begin for a single statement: what that takes is several times what
    the statement does. All that is read goes by one connection, which is opened by the first."""

    _own: Connection | None = None

    @property
    def own(self) -> Connection:
        if self._own is None:
            self._own = cast(Engine, self.bind).connect()
            self._own.begin()
        return self._own

    def get_bind(self, *_about: Any, **_more: Any) -> Connection:
        return self.own

    def close(self) -> None:
        super().close()
        if self._own is not None:
            self._own.close()
            self._own = None


def in_parts(values: Sequence[Value]) -> Iterator[Sequence[Value]]:
    """The same, in parts that one statement takes."""
    for start in range(0, len(values), MAX_IN_A_QUERY):
        yield values[start : start + MAX_IN_A_QUERY]


def rows_of(
    db: Session, statement: Select[Any] | TextClause, values: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    """The rows that a statement finds, by the shortest way.

    Args:
        statement: of columns of tables, made once, with a `bindparam` for each of the values: to
            make one takes longer than to ask it.
    """
    found = raw_rows(db, statement, values)
    if found is None:
        return usual_rows(db, statement, values)
    asked, rows = found
    return [asked.converted(row) for row in rows]


def raw_rows(
    db: Session, statement: Select[Any] | TextClause, values: Mapping[str, Any]
) -> tuple[Prepared, Sequence[Sequence[Any]]] | None:
    """The rows as the driver gives them, and what converts them; None where only the usual way will
    do, which also tells an error by its name, and lets go of a lost connection."""
    if not isinstance(db, _ReadingSession):
        return None
    dialect = db.own.dialect
    asked = prepared(statement, dialect)
    if not asked.has_lists:
        with suppress(dialect.loaded_dbapi.Error):
            return asked, asked.ask(db.own.connection.dbapi_connection, values)
    return None


def usual_rows(
    db: Session, statement: Select[Any] | TextClause, values: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    connection = db.own if isinstance(db, _ReadingSession) else db
    return connection.execute(statement, values).all()


class Database:
    """Connections to one database, SQLite or PostgreSQL: some to write, others that only read."""

    def __init__(self, url: str) -> None:
        self.engine = _open_engine(url)
        self.reading_engine = _open_engine(url, reads=True)
        self.writers = Writers(one_at_a_time=self.is_sqlite, among=_turns_among(self.engine))
        self._of_thread = threading.local()
        # Rows stay readable after the commit, so that a door can present them. Nothing else does:
        # a session used after its unit of work would hold a transaction that nobody ends.
        self._session = sessionmaker(self.engine, expire_on_commit=False, close_resets_only=False)

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """To read only. On SQLite all of it is read at one moment; on PostgreSQL each statement
        sees what was committed before it, and nothing is sent but the statements.

        Raises:
            NestedUnitOfWorkError: this thread is within another one.
            WriteWhileReadingError: something was to be written.
        """
        self._enter()
        try:  # one block for all: nearly every request passes here
            with _ReadingSession(self.reading_engine, close_resets_only=False) as session:
                yield session
        except DBAPIError as error:
            if _is_write_refused(error.orig):
                raise WriteWhileReadingError from error
            with _named_errors():
                raise
        finally:
            self._leave()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """All that happens inside is kept, or none of it is.

        Raises:
            NestedUnitOfWorkError: this thread is within another one.
            WriterBusyError: the writers before this one took half a minute.
        """
        with self._alone(), _named_errors(), self.writers.turn(), self._session.begin() as session:
            session.connection(execution_options={"etabli_writes": True})
            yield session

    def close(self) -> None:
        self.engine.dispose()
        self.reading_engine.dispose()
        self.writers.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._enter()
        try:
            yield
        finally:
            self._leave()

    def _enter(self) -> None:
        if getattr(self._of_thread, "works", False):
            raise NestedUnitOfWorkError
        self._of_thread.works = True

    def _leave(self) -> None:
        self._of_thread.works = False


def _turns_among(engine: Engine) -> FileTurns | None:
    """What processes that write to the same file of SQLite share."""
    name = engine.url.database
    is_file = engine.dialect.name == "sqlite" and name not in (None, "", ":memory:")
    return FileTurns(Path(str(name))) if is_file else None


def is_sqlite(db: Session) -> bool:
    """Without asking for a connection."""
    return cast(Engine, db.bind).dialect.name == "sqlite"


def begin_to_read(db: Session, *settings: str) -> None:
    """Change settings of PostgreSQL (`name = value`) until this unit of work ends, whether it reads
    or writes, by one way to the database and back."""
    begin = ["BEGIN"] if isinstance(db, _ReadingSession) else []
    statements = [*begin, *(f"SET LOCAL {setting}" for setting in settings)]
    # Without parameters, the driver sends several statements at once.
    db.connection().exec_driver_sql(
        "; ".join(statements), execution_options={"no_parameters": True}
    )


def _open_engine(url: str, *, reads: bool = False) -> Engine:
    if url.startswith("sqlite"):
        # No bound on connections: the threads that ask are bounded, and one that waited for a
        # connection would hold what another needs to give one back.
        engine = create_engine(
            url, connect_args={"timeout": WAIT_S}, poolclass=QueuePool, max_overflow=-1
        )
        _make_sqlite_durable(engine, reads=reads)
        return engine
    # psycopg 3 whatever the spelling: `postgres://` and `postgresql://` are what people are given.
    _, _, rest = url.partition("://")
    made = partial(create_engine, f"postgresql+psycopg://{rest}", max_overflow=-1)
    if reads:
        # No BEGIN before what is read and no ROLLBACK after it: each is a way there and back.
        engine = made(pool_size=POSTGRES_READING_CONNECTIONS, isolation_level="AUTOCOMMIT")
        _make_postgres_refuse_writes(engine)
    else:
        engine = made(pool_size=POSTGRES_CONNECTIONS)
    _ask_first_after_a_pause(engine)
    return engine


def _make_postgres_refuse_writes(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.autocommit = True
        connection.execute("SET default_transaction_read_only = on")


def _ask_first_after_a_pause(engine: Engine) -> None:
    """A connection that has rested may be gone, and is replaced; of one that was just in use, to
    ask is a way to the database and back for nothing."""

    @event.listens_for(engine, "checkin")
    def on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_USED_AT_S] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def on_checkout(connection: Any, record: ConnectionPoolEntry, _fairy: object) -> None:
        used_at_s = record.info.get(_USED_AT_S)
        if used_at_s is None or time.monotonic() - used_at_s < ASK_AFTER_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError from error  # the pool opens another one


def _make_sqlite_durable(engine: Engine, *, reads: bool) -> None:
    # Python's driver opens transactions late, which breaks savepoints; so we open them ourselves.
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        _use_wal(connection)
        connection.execute("PRAGMA synchronous = FULL")  # an answered commit survives a power cut
        if reads:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def on_begin(connection: Any) -> None:
        # A reader that turns writer fails when another wrote in between, so writers say so at once.
        if connection.get_execution_options().get("etabli_writes"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.connection.dbapi_connection.execute("BEGIN")  # the shortest way


def _use_wal(connection: sqlite3.Connection) -> None:
    """Write ahead, so that readers do not wait for a writer. A new file remembers it from then on.

    Of two that open a new file together, SQLite refuses one at once, whatever the timeout: it
    waits for its turn here.
    """
    until = time.monotonic() + WAIT_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(0.01)


@contextmanager
def _named_errors() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if _is_full(error.orig):
            raise DiskFullError from error
        raise DatabaseDownError from error


def _is_write_refused(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return error.sqlite_errorcode == sqlite3.SQLITE_READONLY
    return getattr(error, "sqlstate", None) == "25006"  # PostgreSQL: read_only_sql_transaction


def _is_full(error: BaseException | None) -> bool:
    if isinstance(error, sqlite3.Error):
        return error.sqlite_errorcode == sqlite3.SQLITE_FULL
    return getattr(error, "sqlstate", None) == "53100"  # PostgreSQL: disk_full

"""Migrations: from one shape of the database to the next, on SQLite and on PostgreSQL.

Owns: the steps, in `versions/`, and taking those that a database has not yet taken.
May use: the foundation. It knows every table without importing a feature: a step names its tables.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection

from etabli.foundation.db import Database
from etabli.foundation.errors import UnavailableError
from etabli.foundation.i18n.messages import msg

FOLDER = Path(__file__).parent
LOCK_KEY = 0xE7AB11
"""PostgreSQL knows a lock by a number; any will do that nobody else takes."""


class NewerDatabaseError(UnavailableError):
    def __init__(self, revision: str) -> None:
        super().__init__(
            msg(
                "This database was written by a newer version of Établi (step {revision}). "
                "Install that version, or restore a backup made by this one.",
                revision=revision,
            )
        )


def upgrade(database: Database) -> None:
    """Take the steps that `database` lacks, all of them or none.

    Safe when two processes start together: the second waits, then finds nothing left to do.

    Raises:
        NewerDatabaseError: the database has taken a step that this code does not know.
    """
    if is_current(database):
        return
    with _alone(database) as connection:
        command.upgrade(configuration(connection), "head")


def is_current(database: Database) -> bool:
    """
    Raises:
        NewerDatabaseError: the database has taken a step that this code does not know.
    """
    steps = ScriptDirectory(str(FOLDER))
    with database.reading() as db:
        taken = MigrationContext.configure(db.connection()).get_current_revision()
    if taken is None:
        return False
    try:
        steps.get_revision(taken)
    except CommandError as error:
        raise NewerDatabaseError(taken) from error
    return taken == steps.get_current_head()


def configuration(connection: Connection) -> Config:
    """What Alembic's commands take, for this folder and this connection."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """One transaction that no other upgrade shares."""
    with database.engine.connect() as connection:
        if database.is_sqlite:
            # A changed table is copied, dropped and renamed; with foreign keys on, the drop would
            # delete the rows that point to it. SQLite takes the setting outside transactions only.
            driver: Any = connection.connection.dbapi_connection
            driver.execute("PRAGMA foreign_keys = OFF")
            connection = connection.execution_options(etabli_writes=True)
        try:
            with connection.begin():
                if not database.is_sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK_KEY})")
                yield connection
        finally:
            connection.invalidate()  # so that nobody is given it with foreign keys off

"""What PostgreSQL's own programs do better than we could: dump a database and load it."""

import os
import subprocess
from pathlib import Path

from sqlalchemy import URL, inspect

from etabli.foundation.db import Database
from etabli.foundation.errors import UnavailableError
from etabli.foundation.i18n.messages import msg


class ProgramMissingError(UnavailableError):
    def __init__(self, program: str) -> None:
        super().__init__(
            msg(
                "The program {program} is not here. Install PostgreSQL's client programs, "
                "then try again.",
                program=program,
            )
        )


class ProgramFailedError(UnavailableError):
    def __init__(self, program: str, reason: str) -> None:
        super().__init__(
            msg("The program {program} gave up: {reason}", program=program, reason=reason)
        )


def dump(url: URL, file: Path) -> None:
    """The whole database as of one moment, in PostgreSQL's own format."""
    _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={file}")


def load(url: URL, file: Path) -> None:
    """Fill an empty database, with all of the dump or none of it."""
    _run("pg_restore", url, "--no-owner", "--exit-on-error", "--single-transaction", str(file))


def is_empty(database: Database) -> bool:
    return not inspect(database.engine).get_table_names()


def _run(program: str, url: URL, *arguments: str) -> None:
    address = url.set(drivername="postgresql", password=None).render_as_string()
    # Not as an argument: every user of the machine can read those.
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    try:
        subprocess.run(
            [program, f"--dbname={address}", *arguments],
            env={**os.environ, **secret},
            check=True,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError as error:
        raise ProgramMissingError(program) from error
    except subprocess.CalledProcessError as error:
        raise ProgramFailedError(program, error.stderr.strip()) from error

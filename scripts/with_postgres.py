"""Run a command beside a PostgreSQL made for it: `with_postgres.py pytest`.

The server listens on a Unix socket in a temporary folder and nowhere else, keeps nothing, and is
gone at the end. The command finds its address in ETABLI_TEST_DATABASE_URL.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

SKIPPED_HERE = "PostgreSQL is not installed here, so nothing was tested on it."


def main() -> int:
    programs = find_programs()
    if programs is None:
        sys.stderr.write(f"{SKIPPED_HERE}\n")
        return 1 if os.environ.get("CI") else 0
    # Short: the address of a Unix socket may have some hundred characters.
    with (
        tempfile.TemporaryDirectory(prefix="etabli-pg-", dir="/tmp") as folder,
        running_server(programs, Path(folder)) as url,
    ):
        environment = {**os.environ, "ETABLI_TEST_DATABASE_URL": url}
        environment["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode


def find_programs() -> Path | None:
    """The folder of initdb and postgres: Debian keeps them off the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@contextmanager
def running_server(programs: Path, folder: Path) -> Iterator[str]:
    data, user = folder / "data", account()
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run(user, [programs / "initdb", "--auth=trust", "--username=etabli", "--no-sync", data])
    run(
        user,
        [
            programs / "pg_ctl",
            "--wait",
            "--log",
            folder / "log",
            "-D",
            data,
            "-o",
            options,
            "start",
        ],
    )
    try:
        run(user, [programs / "createdb", "-h", folder, "-U", "etabli", "etabli_test"])
        yield f"postgresql://etabli@/etabli_test?host={folder}"
    finally:
        run(user, [programs / "pg_ctl", "--wait", "--mode=immediate", "-D", data, "stop"])


def account() -> str:
    """Who runs the server: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def run(user: str, command: Sequence[str | Path]) -> None:
    done = subprocess.run(
        [str(part) for part in command],
        user=user if os.geteuid() == 0 else None,
        extra_groups=[] if os.geteuid() == 0 else None,
        cwd="/",
        # Not pipes: the server inherits them, and whoever reads them would wait for its end.
        stdout=subprocess.DEVNULL,
        stderr=None,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{Path(command[0]).name} failed with code {done.returncode}.")


if __name__ == "__main__":
    sys.exit(main())

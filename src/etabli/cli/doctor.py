"""What `etabli doctor` looks at: each check is a function from a site to what it finds."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import typer
from sqlalchemy import text

from etabli.cli import fsck
from etabli.cli.terminal import FAILED, DataDir, in_words, open_site, settings_of
from etabli.foundation.durable_files import MIN_FREE_BYTES
from etabli.foundation.i18n.messages import Message, msg
from etabli.server import instance_lock, writer_figures
from etabli.site import Site

GB = 1_000_000_000
LONG_HOLD_MS = 1_000.0
"""A writer that holds the database for so long holds up everybody who writes."""
ENOUGH_DISK_BYTES = 2 * GB
ENOUGH_MEMORY_BYTES = GB // 2
OLDEST_GIT = (2, 39)
NEEDED_TO_TRAIN = ("numpy", "scipy", "sklearn", "safetensors")


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    level: Level
    text: Message


def doctor(data_dir: DataDir = None) -> None:
    """Look at the hub and its machine: each line is ok, warn or fail, with what to do."""
    site = open_site(settings_of(data_dir))
    failed = False
    for finding in examine(site):
        typer.echo(f"{finding.level:<5} {in_words(finding.text)}")
        failed = failed or finding.level is Level.FAIL
    site.close()
    if failed:
        raise typer.Exit(FAILED)


def examine(site: Site) -> Iterator[Finding]:
    for check in CHECKS:
        yield check(site)


def _python(_site: Site) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return _ok(msg("Python {version}", version=version))


def _git(_site: Site) -> Finding:
    said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
    version = said.split()[2]
    numbers = tuple(int(part) for part in version.split(".")[:2])
    if numbers < OLDEST_GIT:
        return _warn(
            msg("Git is {version}. Install 2.39 or newer, for its safety fixes.", version=version)
        )
    return _ok(msg("Git {version}", version=version))


def _disk(site: Site) -> Finding:
    free = shutil.disk_usage(site.settings.data_dir).free
    values = {"free": round(free / GB, 1), "folder": site.settings.data_dir.resolve()}
    if free < MIN_FREE_BYTES:
        return _fail(msg("The disk of {folder} has only {free} GB left. Make room.", **values))
    if free < ENOUGH_DISK_BYTES:
        return _warn(msg("The disk of {folder} has {free} GB left. Make room soon.", **values))
    return _ok(msg("{folder} can be written, and has {free} GB left", **values))


def _database(site: Site) -> Finding:
    if not site.database.is_sqlite:
        return _ok(msg("The PostgreSQL database answers"))
    with site.database.reading() as db:
        said = str(db.scalar(text("PRAGMA integrity_check")))
    if said != "ok":
        return _fail(
            msg("The database is damaged: {said}. Restore a backup: etabli restore.", said=said)
        )
    return _ok(msg("The database is whole"))


def _repositories(site: Site) -> Finding:
    faults = list(fsck.faults(site, thorough=False))
    if not faults:
        return _ok(msg("Every repository on disk is where the database says"))
    return _fail(
        msg(
            "{first} (Such faults in all: {count}; etabli fsck lists them.)",
            first=faults[0],
            count=len(faults),
        )
    )


def _jobs(site: Site) -> Finding:
    with site.read_hub() as hub:
        counts = hub.jobs.counts()
    if counts["given_up"]:
        return _warn(
            msg(
                "Background jobs that were given up: {count}. The table “jobs” says why.",
                count=counts["given_up"],
            )
        )
    return _ok(msg("No background job was given up; waiting: {count}", count=counts["waiting"]))


def _writers(site: Site) -> Finding:
    figures = writer_figures.of_running(site.settings.data_dir)
    if not figures:
        return _ok(msg("No server writes to the database now"))
    slowest = max(figures, key=lambda one: one.held_p99_ms)
    longest = max((one.longest for one in figures if one.longest), key=lambda turn: turn.held_s)
    values = {
        "count": sum(one.turns for one in figures),
        "p50": round(slowest.held_p50_ms, 1),
        "p99": round(slowest.held_p99_ms, 1),
        "waited": round(slowest.waited_p99_ms, 1),
        "longest": round(longest.held_s * 1000),
        "doing": longest.doing or "?",
    }
    if slowest.held_p99_ms > LONG_HOLD_MS:
        return _warn(
            msg(
                "Writers hold the database for too long: 1 in 100 for over {p99} ms, at most "
                "{longest} ms ({doing}). Everybody else who writes waits for them.",
                **values,
            )
        )
    return _ok(
        msg(
            "Writers that held the database: {count}; half under {p50} ms, 99 in 100 under {p99} "
            "ms, at most {longest} ms ({doing}); 99 in 100 waited under {waited} ms for it",
            **values,
        )
    )


def _clock(site: Site) -> Finding:
    newest = max(path.stat().st_mtime for path in site.settings.data_dir.iterdir())
    if newest > time.time() + 60:
        return _warn(
            msg(
                "The clock is behind: files here come from the future. Set the time of the machine."
            )
        )
    return _ok(msg("The clock is not behind"))


def _memory(_site: Site) -> Finding:
    if "SC_AVPHYS_PAGES" not in os.sysconf_names:
        return _ok(msg("This system does not say how much memory is free"))
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    shown = round(free / GB, 1)
    if free < ENOUGH_MEMORY_BYTES:
        return _warn(msg("Only {free} GB of memory are free. Making an AI may fail.", free=shown))
    return _ok(msg("{free} GB of memory are free", free=shown))


def _training(_site: Site) -> Finding:
    missing = [name for name in NEEDED_TO_TRAIN if importlib.util.find_spec(name) is None]
    if missing:
        return _warn(
            msg(
                "No AI can be made here: {missing} cannot be imported. Run make setup.",
                missing=", ".join(missing),
            )
        )
    return _ok(msg("All that making an AI needs is installed"))


def _port(site: Site) -> Finding:
    settings = site.settings
    server = instance_lock.find(settings.data_dir)
    if server is not None:
        return _ok(msg("The hub is up, at {url}", url=server.url))
    with socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((settings.host, settings.port))
        except OSError:
            return _warn(
                msg(
                    "Port {port} is in use by another program. Choose another with --port.",
                    port=str(settings.port),
                )
            )
    return _ok(msg("Port {port} is free; the hub is not up", port=str(settings.port)))


CHECKS: Sequence[Callable[[Site], Finding]] = (
    _python,
    _git,
    _disk,
    _database,
    _writers,
    _repositories,
    _jobs,
    _clock,
    _memory,
    _training,
    _port,
)


def _ok(said: Message) -> Finding:
    return Finding(Level.OK, said)


def _warn(said: Message) -> Finding:
    return Finding(Level.WARN, said)


def _fail(said: Message) -> Finding:
    return Finding(Level.FAIL, said)

"""Look after a hub: doctor, fsck, backup, restore."""

from pathlib import Path
from typing import Annotated

import typer

from etabli.cli import archive, checks, repositories
from etabli.cli.bytes import report_bytes
from etabli.cli.terminal import (
    FAILED,
    DataDir,
    in_words,
    open_site,
    require_git,
    require_writable,
    settings_of,
    tell,
    warn,
)
from etabli.foundation.words import say


def doctor(data_dir: DataDir = None) -> None:
    """Look at the hub and its machine: each line is ok, warn or fail, with what to do."""
    site = open_site(settings_of(data_dir))
    failed = False
    for finding in checks.examine(site):
        typer.echo(f"{finding.level:<5} {in_words(finding.text)}")
        failed = failed or finding.level is checks.Level.FAIL
    site.close()
    if failed:
        raise typer.Exit(FAILED)


def fsck(data_dir: DataDir = None) -> None:
    """Read and hash every object of every repository, and all stored bytes, again."""
    site = open_site(settings_of(data_dir))
    faults = 0
    for fault in repositories.faults(site, thorough=True):
        warn(fault)
        faults += 1
    faults += report_bytes(site)
    with site.read_hub() as hub:
        count = len(hub.repos.keys())
    site.close()
    if faults:
        raise typer.Exit(FAILED)
    tell(say("Repositories checked: {count}. All is whole, large files included.", count=count))


def backup(
    file: Annotated[Path, typer.Argument(help="The tar file to write.")], data_dir: DataDir = None
) -> None:
    """Write all of the hub to one file. It may run meanwhile."""
    site = open_site(settings_of(data_dir))
    made = archive.back_up(site, file)
    site.close()
    for path in made.unread:
        warn(say("{file} could not be read whole, and is not whole in the backup.", file=path))
    size_mb = f"{file.stat().st_size / 1_000_000:.1f}"
    tell(say("{file} holds {count} files, {size} MB.", file=file, count=made.count, size=size_mb))
    if made.unread:
        raise typer.Exit(FAILED)


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by etabli backup.", exists=True)],
    data_dir: DataDir = None,
) -> None:
    """Fill an empty data folder from a backup, checking every file."""
    require_git()
    settings = settings_of(data_dir)
    require_writable(settings.data_dir)
    count = archive.restore(settings, file)
    tell(
        say(
            "{count} files were checked and are in {folder} now. Start with etabli serve.",
            count=count,
            folder=settings.data_dir.resolve(),
        )
    )

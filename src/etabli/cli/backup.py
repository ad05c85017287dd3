"""Keep all of a hub in one file, and make a hub of such a file."""

from pathlib import Path
from typing import Annotated

import typer

from etabli.cli import backup_file
from etabli.cli.terminal import (
    FAILED,
    DataDir,
    open_site,
    require_git,
    require_writable,
    settings_of,
    tell,
    warn,
)
from etabli.foundation.i18n.messages import msg, msg_plural


def backup(
    file: Annotated[Path, typer.Argument(help="The tar file to write.")], data_dir: DataDir = None
) -> None:
    """Write all of the hub to one file. It may run meanwhile."""
    site = open_site(settings_of(data_dir))
    made = backup_file.back_up(site, file)
    site.close()
    for path in made.unread:
        warn(msg("{file} could not be read whole, and is not whole in the backup.", file=path))
    size_mb = round(file.stat().st_size / 1_000_000, 1)
    tell(
        msg_plural(
            "{file} holds {count} file, {size} MB.",
            "{file} holds {count} files, {size} MB.",
            "count",
            file=file,
            count=made.count,
            size=size_mb,
        )
    )
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
    count = backup_file.restore(settings, file)
    tell(
        msg_plural(
            "{count} file was checked and is in {folder} now. Start with etabli serve.",
            "{count} files were checked and are in {folder} now. Start with etabli serve.",
            "count",
            count=count,
            folder=settings.data_dir.resolve(),
        )
    )

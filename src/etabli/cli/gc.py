"""Look after stored bytes: give space back, and read everything again."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated

import typer

from etabli.cli.terminal import DataDir, open_site, settings_of, tell, warn
from etabli.features.blobs import GRACE, Fault
from etabli.features.git import BrokenRepoError
from etabli.foundation.errors import EtabliError
from etabli.foundation.i18n.messages import Message, msg
from etabli.operations.maintenance import check_bytes, give_back, tidy_repositories
from etabli.site import Site

MAX_FILES_NAMED = 20


def gc(
    data_dir: DataDir = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing, and say what would be done.")
    ] = False,
    grace_hours: Annotated[
        float,
        typer.Option(
            help="How long what nobody needs is kept. Less than 24 hours only while nobody uploads."
        ),
    ] = GRACE.total_seconds() / 3600,
) -> None:
    """Give back the space of files that no repository needs any more. It may run meanwhile."""
    site = open_site(settings_of(data_dir))
    swept = give_back(site, timedelta(hours=grace_hours), dry_run=dry_run, skip=_warn_skipped)
    if not dry_run:
        tidy_repositories(site, _warn_skipped)
    site.close()
    tell(
        msg(
            "Newly not needed: files: {blobs}, xorbs: {xorbs}. They go in {hours} h, "
            "unless they are needed again.",
            blobs=swept.condemned_blobs,
            xorbs=swept.condemned_xorbs,
            hours=grace_hours,
        )
    )
    gone = {"blobs": swept.deleted_blobs, "xorbs": swept.deleted_xorbs, "keys": len(swept.keys)}
    if dry_run:
        tell(msg("Would go now: files: {blobs}, xorbs: {xorbs}, stored objects: {keys}.", **gone))
    else:
        tell(msg("Gone now: files: {blobs}, xorbs: {xorbs}, stored objects: {keys}.", **gone))


def _warn_skipped(name: str, error: EtabliError) -> None:
    reason = error.reason if isinstance(error, BrokenRepoError) else error.text
    warn(msg("{repo} was left as it is: {reason}", repo=name, reason=reason))


def report_bytes(site: Site) -> int:
    """Tell of all stored bytes that are not what they were; how many they are."""
    count = 0
    for fault in check_bytes(site):
        for text in _told(fault):
            warn(text)
        count += 1
    return count


def _told(fault: Fault) -> Iterator[Message]:
    """What is wrong, whom it touches, and how it is healed."""
    if not fault.is_noted:
        yield msg(
            "The bytes of {key} are lost, and the folder or bucket of large files holds nothing at "
            "all: is its disk mounted? Nothing was changed.",
            key=fault.key,
        )
        return
    if not fault.place:
        yield msg("The bytes of {key} are lost.", key=fault.key)
    else:
        yield msg(
            "The bytes of {key} are not what they were: the disk or somebody changed them. "
            "They lie in {place} now, and nobody is sent them.",
            key=fault.key,
            place=fault.place,
        )
    if not fault.files:
        yield msg("No file needs them: all is read from chunks that are whole.")
        return
    yield msg(
        "Files: {files}. Repositories: {repos}.",
        files=_listed(fault.files),
        repos=", ".join(fault.repos) or "-",
    )
    yield msg(
        "To heal it, whoever has one of these files uploads it again, to any repository: by "
        "hf upload, or in a clone by git lfs push --object-id origin {file}. Or copy {key} from a "
        "backup to its place, and run etabli fsck again.",
        file=fault.files[0],
        key=fault.key,
    )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - MAX_FILES_NAMED
    shown = ", ".join(names[:MAX_FILES_NAMED])
    return f"{shown} (+{more})" if more > 0 else shown

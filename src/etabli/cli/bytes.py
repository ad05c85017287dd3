"""Look after stored bytes: give space back, and read everything again."""

from datetime import timedelta
from typing import Annotated

import typer

from etabli.cli.terminal import DataDir, open_site, settings_of, tell, warn
from etabli.features.blobs import GRACE, Damage, Fault
from etabli.features.repos import BrokenRepoError
from etabli.foundation.errors import EtabliError
from etabli.foundation.words import Text, say
from etabli.hub import Site
from etabli.storing import check_bytes, give_back, tidy_repositories


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
        say(
            "Newly not needed: {blobs} files, {xorbs} xorbs. They go in {hours} hours, "
            "unless they are needed again.",
            blobs=swept.condemned_blobs,
            xorbs=swept.condemned_xorbs,
            hours=f"{grace_hours:g}",
        )
    )
    gone = {"blobs": swept.deleted_blobs, "xorbs": swept.deleted_xorbs, "keys": len(swept.keys)}
    if dry_run:
        tell(say("Would go now: {blobs} files, {xorbs} xorbs, {keys} stored objects.", **gone))
    else:
        tell(say("Gone now: {blobs} files, {xorbs} xorbs, {keys} stored objects.", **gone))


def _warn_skipped(name: str, error: EtabliError) -> None:
    reason = error.reason if isinstance(error, BrokenRepoError) else error.text
    warn(say("{repo} was left as it is: {reason}", repo=name, reason=reason))


def report_bytes(site: Site) -> int:
    """Tell of all stored bytes that are not what they were; how many they are."""
    count = 0
    for fault in check_bytes(site):
        warn(_told(fault))
        count += 1
    return count


def _told(fault: Fault) -> Text:
    if fault.damage is Damage.LOST:
        return say(
            "The bytes of {key} are lost. Copy this file from a backup into the folder of blobs.",
            key=fault.key,
        )
    return say(
        "The bytes of {key} are not what they were: the disk or somebody changed them. "
        "Copy this file from a backup over it.",
        key=fault.key,
    )

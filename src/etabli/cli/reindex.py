"""Make the index of the catalogue anew."""

from typing import Annotated

import typer

from etabli.cli.terminal import FAILED, DataDir, open_site, settings_of, tell, warn
from etabli.foundation.i18n.messages import msg
from etabli.operations.indexing import REINDEX_BATCH
from etabli.operations.indexing import reindex as reindex_site

TOLD_EVERY = 10 * REINDEX_BATCH


def reindex(
    empty: Annotated[
        bool,
        typer.Option(help="Forget everything first, and begin at the beginning."),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Read every repository again, for lists and searches. It may be stopped, and goes on."""
    site = open_site(settings_of(data_dir))
    count = broken = 0
    for batch in reindex_site(site, empty=empty):
        for fault in batch.broken:
            warn(fault)
        count += batch.count
        broken += len(batch.broken)
        if count and count % TOLD_EVERY == 0:
            tell(msg("Repositories indexed so far: {count}.", count=count))
    site.close()
    tell(
        msg(
            "Repositories indexed: {count}. Left as they were: {broken}.",
            count=count,
            broken=broken,
        )
    )
    if broken:
        raise typer.Exit(FAILED)

"""Encoders, on which small models stand: `etabli encoders add`."""

from typing import Annotated

import typer

from etabli.cli.terminal import DataDir, tell, terminal_translator
from etabli.cli.which_hub import As, acting, opened_site
from etabli.foundation.i18n.messages import msg
from etabli.operations.encoders import add_encoder

encoders = typer.Typer(no_args_is_help=True, help="Encoders, on which small models stand.")


@encoders.command("add")
def add(
    source: Annotated[
        str,
        typer.Argument(
            help="all-MiniLM-L6-v2, a folder, a zip, a model here as OWNER/NAME, or the address "
            "of a model on another hub."
        ),
    ],
    name: Annotated[str | None, typer.Option(help="What to call it here.")] = None,
    license: Annotated[str, typer.Option(help="Its licence, such as apache-2.0.")] = "",
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Make an encoder ready, and keep it as a public model of this hub."""
    with opened_site(data_dir) as site:
        actor = acting(site, by)
        repo = add_encoder(site, actor, source, name, license, terminal_translator())
        tell(
            msg(
                "{full_name} is here. Models made from now on may stand on it.",
                full_name=repo.full_name,
            )
        )


@encoders.command("list")
def list_encoders(data_dir: DataDir = None) -> None:
    """Say which encoder the next model may stand on."""
    with opened_site(data_dir) as site, site.read_hub() as hub:
        found = hub.serving.find_encoder()
        if found is None:
            tell(msg("There is no encoder. Add one: etabli encoders add all-MiniLM-L6-v2"))
        else:
            typer.echo(found.repo)

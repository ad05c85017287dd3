"""Names without an owner, such as gpt2: `etabli aliases add | ls | remove`."""

from typing import Annotated

import typer

from etabli.cli.terminal import DataDir, open_hub, tell
from etabli.features.repos import WELL_KNOWN, RepoType
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg

aliases = typer.Typer(no_args_is_help=True, help="Names without an owner, such as gpt2.")

Type = Annotated[RepoType, typer.Option("--type", help="Of what kind the repository is.")]


class NothingToAddError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "Say which name means which repository: etabli aliases add gpt2 "
                "openai-community/gpt2. Or add a list of known ones: --well-known"
            )
        )


@aliases.command("add")
def add(
    name: Annotated[str | None, typer.Argument(help="The name alone, such as gpt2.")] = None,
    full_name: Annotated[
        str | None, typer.Argument(help="What it means, as OWNER/NAME. It need not be here.")
    ] = None,
    type: Type = RepoType.MODEL,
    well_known: Annotated[
        bool,
        typer.Option("--well-known", help="Those known from examples: gpt2, squad and others."),
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Lead whoever asks for a name alone to a repository with an owner."""
    if well_known == bool(name and full_name):
        raise NothingToAddError
    with open_hub(data_dir) as hub:
        if well_known:
            count = hub.aliases.add_many(WELL_KNOWN)
            tell(msg("Names that now lead to a repository: {count}.", count=count))
        elif name and full_name:
            hub.aliases.add(type, name, full_name)
            tell(msg("{name} now means {full_name}.", name=name, full_name=full_name))


@aliases.command("ls")
def list_aliases(data_dir: DataDir = None) -> None:
    """List them, one a line: the kind, the name, what it means."""
    with open_hub(data_dir) as hub:
        for one in hub.aliases.all():
            typer.echo(f"{one.type}\t{one.name_key}\t{one.full_name}")


@aliases.command("remove")
def remove(name: str, type: Type = RepoType.MODEL, data_dir: DataDir = None) -> None:
    """Let a name mean nothing again."""
    with open_hub(data_dir) as hub:
        hub.aliases.remove(type, name)
    tell(msg("{name} means no repository any more.", name=name))

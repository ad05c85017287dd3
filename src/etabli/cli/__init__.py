"""The door for operators and for those who make models, on this machine or on a hub elsewhere.

Owns: the commands, their words on the terminal, the backup file, the checks of `etabli doctor`.
May use: the web application, the worker, the hub, the features' nouns and errors, the client, and
the JSON of the hub's API, so that what is shown is the same near and far.
"""

from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from etabli.foundation.errors import EtabliError


class Command(NamedTuple):
    """Where a command is, and its line in the list: its module is imported when it is asked for."""

    module: str
    name: str
    help: str


COMMANDS = {
    "serve": Command("serve", "serve", "Serve a hub, with its background work, until stopped."),
    "worker": Command("serve", "worker", "Do the background work of a hub in a process apart."),
    "create": Command("create", "create", "Make a small model from a table, and publish it."),
    "ask": Command("ask", "ask", "Ask a model, or have it sort a file."),
    "compare": Command("compare", "compare", "Ask several models the same, and compare them."),
    "runs": Command("runs", "runs", "Your makings of models: list, show, follow, stop."),
    "login": Command("login", "login", "Log in to a hub elsewhere, to use it from here."),
    "logout": Command("login", "logout", "Forget the token of a hub elsewhere."),
    "whoami": Command("login", "whoami", "Say who you are on a hub elsewhere."),
    "encoders": Command("encoders", "encoders", "Encoders, on which small models stand."),
    "aliases": Command("aliases", "aliases", "Names without an owner, such as gpt2."),
    "users": Command("accounts", "users", "People who have an account here."),
    "orgs": Command("accounts", "orgs", "Organizations, and who belongs to them."),
    "tokens": Command("accounts", "tokens", "Access tokens, for programs."),
    "upstreams": Command(
        "upstreams", "upstreams", "Other hubs, which this one asks for what it has not."
    ),
    "doctor": Command("doctor", "doctor", "Look at the hub and its machine, and say what to do."),
    "fsck": Command("fsck", "fsck", "Read and hash all repositories and stored bytes again."),
    "gc": Command("gc", "gc", "Give back the space of files that nobody needs any more."),
    "reindex": Command("reindex", "reindex", "Read every card again, for lists and searches."),
    "backup": Command("backup", "backup", "Write all of the hub to one file, while it runs too."),
    "restore": Command("backup", "restore", "Fill an empty data folder from a backup."),
}


class Commands(TyperGroup):
    """Knows the commands by name; to import all of them would take a second."""

    def __init__(self, **attrs: Any) -> None:
        super().__init__(**attrs)
        for name, command in COMMANDS.items():
            self.add_command(TyperCommand(name, help=command.help))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, command, rest = super().resolve_command(ctx, args)
        return name, load(name) if name in COMMANDS else command, rest


def load(name: str) -> Any:
    """A command, or a group of them, as it is run."""
    found = getattr(import_module(f"{__name__}.{COMMANDS[name].module}"), COMMANDS[name].name)
    if isinstance(found, typer.Typer):
        return typer.main.get_group(found)  # a group, also of one command alone
    alone = typer.Typer(add_completion=False)
    alone.command(name)(found)
    return typer.main.get_command(alone)


app = typer.Typer(
    name="etabli",
    cls=Commands,
    help="An open home for AI that anyone can run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(asked: bool) -> None:
    if asked:
        version = import_module("importlib.metadata").version("etabli")
        typer.echo(f"etabli {version}")
        raise typer.Exit


@app.callback()
def every_command(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, help="Show the version.")
    ] = False,
) -> None: ...


def main() -> None:
    try:
        app()
    except EtabliError as error:
        import_module(f"{__name__}.terminal").give_up(error)

"""The door for operators: start a hub, keep it, mend it, and say who belongs to it.

Owns: the commands, their words on the terminal, the backup file, the checks of `etabli doctor`.
May use: the web application, the worker, the hub, and the features' nouns and errors.
"""

import typer

from etabli.cli import bytes as stored_bytes
from etabli.cli import making, people, serve, upkeep
from etabli.cli.reindex import reindex
from etabli.cli.terminal import give_up
from etabli.foundation.errors import EtabliError

app = typer.Typer(
    name="etabli",
    help="An open home for AI that anyone can run.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(serve.serve)
app.command()(serve.worker)
app.command()(making.create)
app.command()(making.ask)
app.add_typer(people.users, name="users")
app.add_typer(people.orgs, name="orgs")
app.add_typer(people.tokens, name="tokens")
app.command()(upkeep.doctor)
app.command()(upkeep.fsck)
app.command()(stored_bytes.gc)
app.command()(reindex)
app.command()(upkeep.backup)
app.command()(upkeep.restore)


def main() -> None:
    try:
        app()
    except EtabliError as error:
        give_up(error)

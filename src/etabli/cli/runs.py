"""One's makings: listed, shown, followed, stopped: `etabli runs`."""

from typing import Annotated

import typer

from etabli.cli.create import follow, show_made
from etabli.cli.terminal import FAILED, DataDir, say, say_wrong, tell
from etabli.cli.which_hub import As, HubAt, opened_hub
from etabli.client import Run
from etabli.foundation.i18n.messages import msg

runs = typer.Typer(no_args_is_help=True, help="Your makings of models.")
Key = Annotated[str, typer.Argument(help="The key of the run, as “etabli runs ls” shows it.")]


@runs.command("ls")
@runs.command("list", hidden=True)
def list_runs(at: HubAt = None, by: As = None, data_dir: DataDir = None) -> None:
    """List the newest hundred, one a line: key, state, name, and the model once it is published."""
    with opened_hub(at, data_dir, by) as hub:
        for one in hub.runs.list():
            say("\t".join((one.key, one.state, one.name, one.model or "")))


@runs.command("show")
def show_run(key: Key, at: HubAt = None, by: As = None, data_dir: DataDir = None) -> None:
    """Show one: what it does now, or how good it is."""
    with opened_hub(at, data_dir, by) as hub:
        _show(hub.runs.get(key))


@runs.command("follow")
def follow_run(key: Key, at: HubAt = None, by: As = None, data_dir: DataDir = None) -> None:
    """Wait until it is made, and show how good it is. To leave stops nothing."""
    with opened_hub(at, data_dir, by) as hub:
        run = follow(hub, key)
        _show(run)
    if run.state == "failed":
        raise typer.Exit(FAILED)


@runs.command("stop")
def stop_run(key: Key, at: HubAt = None, by: As = None, data_dir: DataDir = None) -> None:
    """Give up the making of one; its table stays."""
    with opened_hub(at, data_dir, by) as hub:
        name = hub.runs.stop(key).name
    tell(msg("{name} is not being made any more; its table is kept.", name=name))


def _show(run: Run) -> None:
    say("\t".join((run.key, run.state, run.name, run.model or "")))
    if run.stage:
        say(f"{run.stage} ({round(100 * run.fraction)} %)")
    if run.problem:
        say_wrong(run.problem)
    show_made(run)

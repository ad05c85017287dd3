"""Ask a model that was made here: `etabli ask`."""

import asyncio
from typing import Annotated

import typer

from etabli.cli.create import As, acting, opened_site
from etabli.cli.terminal import DataDir, language, tell
from etabli.features.accounts import Permission
from etabli.features.repos import RepoType
from etabli.features.serving import Answer
from etabli.formats import Format
from etabli.foundation.i18n.messages import say
from etabli.operations import inference


def ask(
    model: Annotated[str, typer.Argument(help="OWNER/NAME")],
    question: Annotated[str, typer.Argument(help="What to ask.")],
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Ask a model that was made here."""
    with opened_site(data_dir) as site:
        actor = acting(site, by)
        with site.read_hub() as hub:
            repo = hub.repos.get(actor, RepoType.MODEL, model, Permission.ASK_MODEL)
        [answer] = asyncio.run(inference.ask(site, repo, [question]))
        _show_answer(answer)


def _show_answer(answer: Answer) -> None:
    typer.echo(answer.reply)
    cost, form = answer.cost, Format(language())
    tell(
        say(
            "[{judged} · {time} · {energy}, between {low} and {high}, {method}]",
            judged=answer.judgement,
            time=form.duration(cost.latency_ms / 1000),
            energy=form.energy(cost.energy.wh),
            low=form.energy(cost.energy.low_wh),
            high=form.energy(cost.energy.high_wh),
            method=say("modelled"),
        )
    )

"""Compare models on the same examples: `etabli compare`."""

import asyncio
from typing import Annotated

import typer

from etabli.cli.create import As, acting, opened_site
from etabli.cli.terminal import DataDir, language, tell
from etabli.formats import Format
from etabli.foundation.i18n.messages import msg
from etabli.operations.compare_models import Compared, compare_models


def compare(
    models: Annotated[list[str], typer.Argument(help="Two to four models, as OWNER/NAME.")],
    dataset: Annotated[
        str,
        typer.Option(
            help="OWNER/NAME of the dataset whose test.csv is asked; by default the one that the "
            "first model was made from."
        ),
    ] = "",
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Ask several models the same messages, and say how they differ."""
    with opened_site(data_dir) as site:
        found = asyncio.run(compare_models(site, acting(site, by), models, dataset))
    tell(
        msg(
            "Messages of {dataset}: {asked} of {total}.",
            asked=len(found.examination.examples),
            total=found.examination.total,
            dataset=found.examination.dataset,
        )
    )
    for one in found.models:
        _show(one)


def _show(one: Compared) -> None:
    form, score, (low, high) = Format(language()), one.score, one.score.interval
    tell(
        msg(
            "{model}: right {right} of 100 (between {low} and {high}), {time} an answer, "
            "{energy} a thousand, between {least} and {most}, modelled",
            model=score.model,
            right=form.number(100 * score.accuracy, 1),
            low=form.number(100 * low, 1),
            high=form.number(100 * high, 1),
            time=form.duration(score.p50_ms / 1000),
            energy=form.energy(one.energy.wh),
            least=form.energy(one.energy.low_wh),
            most=form.energy(one.energy.high_wh),
        )
    )
    if one.difference is not None:
        tell(
            msg(
                "  {gained} better and {lost} worse than the first; were both alike, a difference "
                "like this would come by chance {chance} times in 100.",
                gained=one.difference.gained,
                lost=one.difference.lost,
                chance=form.number(100 * one.difference.chance, 1),
            )
        )

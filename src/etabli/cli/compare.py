"""Compare models on the same examples: `etabli compare`."""

from typing import Annotated

import typer

from etabli.cli.terminal import DataDir, language, say, tell
from etabli.cli.which_hub import As, HubAt, opened_hub
from etabli.client import Compared
from etabli.formats import Format
from etabli.foundation.i18n.messages import msg


def compare(
    models: Annotated[list[str], typer.Argument(help="Two to four models, as OWNER/NAME.")],
    dataset: Annotated[
        str,
        typer.Option(
            help="OWNER/NAME of the dataset whose test.csv is asked; by default the one that the "
            "first model was made from."
        ),
    ] = "",
    answers_a_day: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Questions a day for which a machine is on: is it frugal? By default 50.",
        ),
    ] = None,
    at: HubAt = None,
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Ask several models the same messages, and say how they differ."""
    with opened_hub(at, data_dir, by) as hub:
        found = hub.compare(models, dataset, answers_a_day=answers_a_day)
    tell(
        msg(
            "Messages of {dataset}: {asked} of {total}.",
            asked=found.examples,
            total=found.examples_in_all,
            dataset=found.dataset,
        )
    )
    for one in found.models:
        _show(one)


def _show(one: Compared) -> None:
    form, energy = Format(language()), one.energy_of_a_thousand
    tell(
        msg(
            "{model}: right {right} of 100 (between {low} and {high}), {time} an answer, "
            "{energy} a thousand, between {least} and {most}, modelled",
            model=one.model,
            right=form.number(100 * one.accuracy, 1),
            low=form.number(100 * one.low, 1),
            high=form.number(100 * one.high, 1),
            time=form.duration(one.p50_ms / 1000),
            energy=form.energy(energy.wh),
            least=form.energy(energy.low_wh),
            most=form.energy(energy.high_wh),
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
    for sentence in one.frugality:
        say(f"  {sentence}")

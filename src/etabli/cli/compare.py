"""Compare models on the same examples: `etabli compare`."""

import os
import sys
from typing import Annotated, Any

import typer

from etabli.cli.terminal import DataDir, language, say, tell
from etabli.cli.which_hub import As, HubAt, opened_hub
from etabli.client import Compared, Elsewhere, Plan
from etabli.formats import Format
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg


class NoKeyError(InvalidInputError):
    def __init__(self, variable: str) -> None:
        super().__init__(
            msg(
                "The variable {name} of the environment is empty. Put the key into it, or leave "
                "--key-from-env out.",
                name=variable,
            )
        )


class NotConfirmedError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("Nothing was sent. To go on, say --yes."))


def compare(
    models: Annotated[
        list[str], typer.Argument(help="Two to four models, as OWNER/NAME; one with --with.")
    ],
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
    outside: Annotated[
        str,
        typer.Option(
            "--with",
            metavar="ADDRESS",
            help="Ask a model elsewhere too, by an API like OpenAI's: its address, up to /v1.",
        ),
    ] = "",
    model: Annotated[str, typer.Option(help="The name of that model there.")] = "",
    key_from_env: Annotated[
        str, typer.Option(metavar="VAR", help="The variable of the environment that holds a key.")
    ] = "",
    price_in: Annotated[
        float | None, typer.Option(help="What a million tokens cost that are sent there.")
    ] = None,
    price_out: Annotated[
        float | None, typer.Option(help="What a million tokens cost that come back.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask that model without asking you first.")
    ] = False,
    at: HubAt = None,
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Ask several models the same messages, and say how they differ."""
    elsewhere: dict[str, Any] | None = None
    if outside:
        elsewhere = {"address": outside, "model": model}
        elsewhere |= {"price_in": price_in, "price_out": price_out}
    with opened_hub(at, data_dir, by) as hub:
        if elsewhere is not None:
            _confirm(hub.plan(models, dataset, elsewhere), outside, yes)
            elsewhere["key"] = _key(key_from_env)
        found = hub.compare(models, dataset, answers_a_day=answers_a_day, outside=elsewhere)
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
    if found.elsewhere is not None:
        _show_elsewhere(found.elsewhere)


def _key(variable: str) -> str:
    """Never an argument: those are seen by everybody on the machine, and stay in histories."""
    if not variable:
        return ""
    key = os.environ.get(variable, "")
    if not key:
        raise NoKeyError(variable)
    return key


def _confirm(plan: Plan, address: str, yes: bool) -> None:
    tell(
        msg(
            "To {address} would go, in requests: {requests} (of messages: {examples}); in tokens, "
            "estimated: {sent} there and {received} back; at the prices given: {cost}.",
            address=address,
            requests=plan.requests,
            examples=plan.examples,
            sent=plan.tokens_in,
            received=plan.tokens_out,
            cost="—" if plan.cost is None else float(f"{plan.cost:.2g}"),
        )
    )
    if not yes and not (sys.stdin.isatty() and typer.confirm("?")):
        raise NotConfirmedError


def _show_elsewhere(one: Elsewhere) -> None:
    form = Format(language())
    tell(
        msg(
            "{model} at {address}, on a part of the messages ({examples}): right {right} of 100 "
            "(between {low} and {high}), the first model {first}; {time} an answer, measured here "
            "with the network; its energy is not known. Replies that were no label: {unreadable}.",
            model=one.model,
            address=one.address,
            examples=one.examples,
            right=form.number(100 * one.accuracy, 1),
            low=form.number(100 * one.low, 1),
            high=form.number(100 * one.high, 1),
            first=form.number(100 * one.first_accuracy, 1),
            time=form.duration(one.p50_ms / 1000),
            unreadable=one.unreadable,
        )
    )
    if one.cost is not None:
        tell(
            msg(
                "  Cost, by the tokens that it counted and the prices that you gave: {cost}.",
                cost=float(f"{one.cost:.2g}"),
            )
        )


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

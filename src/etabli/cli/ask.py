"""Ask a model that was made here, or have it sort a whole file: `etabli ask`."""

from pathlib import Path
from typing import Annotated

import typer

from etabli.cli.create import NoSuchFileError
from etabli.cli.local_hub import LocalHub
from etabli.cli.terminal import DataDir, language, say, tell
from etabli.cli.which_hub import As, HubAt, opened_hub
from etabli.client import Answer, Hub
from etabli.features.serving import NoQuestionError
from etabli.formats import Format
from etabli.foundation.errors import ConflictError, InvalidInputError
from etabli.foundation.i18n.messages import msg


class FileAndQuestionError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("Ask a question, or give a --file: not both."))


class OutMissingError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("Say where the sorted table goes: --out sorted.csv"))


class OutTakenError(ConflictError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            msg("There is a file {path} already. Choose another name.", path=str(path))
        )


def ask(
    model: Annotated[str, typer.Argument(help="OWNER/NAME")],
    question: Annotated[str | None, typer.Argument(help="What to ask.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="A table of messages to sort (.csv, .xlsx, .ods, .json, .parquet …)."),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the sorted table goes, as CSV.")] = None,
    text_column: Annotated[
        str | None, typer.Option(help="The column to read; by default the likeliest.")
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Which sheet of a workbook; by default the likeliest.")
    ] = None,
    at: HubAt = None,
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Ask a model, or have it sort a whole file."""
    if file is not None and question is not None:
        raise FileAndQuestionError
    with opened_hub(at, data_dir, by) as hub:
        if file is not None:
            _sort(hub, model, file, out, text_column, sheet)
            return
        if question is None:
            raise NoQuestionError
        _show_answer(hub.ask(model, question))


def _sort(
    hub: Hub | LocalHub,
    model: str,
    file: Path,
    out: Path | None,
    text_column: str | None,
    sheet: str | None,
) -> None:
    if out is None:
        raise OutMissingError
    if not file.is_file():
        raise NoSuchFileError(file)
    if out.exists():
        raise OutTakenError(out)
    summary = hub.sort(model, file, out, text_column=text_column, sheet=sheet)
    tell(msg("{rows} rows are sorted: {out}", rows=summary.rows, out=str(out)))
    for decision, count in sorted(summary.decisions.items(), key=lambda one: -one[1]):
        say(f"  {summary.titles.get(decision, decision)}: {count}")
    if summary.left_out:
        tell(
            msg(
                "Lines that are no rows of the table, and were left out: {count}.",
                count=summary.left_out,
            )
        )
    if summary.energy is not None:
        form = Format(language())
        tell(
            msg(
                "It took {energy}, between {low} and {high}, modelled.",
                energy=form.energy(summary.energy.wh),
                low=form.energy(summary.energy.low_wh),
                high=form.energy(summary.energy.high_wh),
            )
        )


def _show_answer(answer: Answer) -> None:
    say(answer.reply)
    source = answer.source
    if source is not None:
        place = f", p. {source.page}" if source.page else ""
        say(" › ".join((f"{source.document}{place}", *source.headings)))
    energy, form = answer.energy, Format(language())
    tell(
        msg(
            "[{judged} · {time} · {energy}, between {low} and {high}, {method}]",
            judged=answer.judgement,
            time=form.duration(answer.latency_ms / 1000),
            energy=form.energy(energy.wh),
            low=form.energy(energy.low_wh),
            high=form.energy(energy.high_wh),
            method=msg("modelled"),
        )
    )

"""Ask a model that was made here, or have it sort a whole file: `etabli ask`."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from etabli.cli.create import As, NoSuchFileError, acting, opened_site
from etabli.cli.terminal import DataDir, in_words, language, tell
from etabli.features.accounts import Permission
from etabli.features.repos import Repo, RepoType
from etabli.features.serving import Answer, Decision, NoQuestionError
from etabli.features.workshop import TableChoice
from etabli.formats import Format
from etabli.foundation.errors import ConflictError, InvalidInputError
from etabli.foundation.i18n.messages import Message, msg
from etabli.operations import inference, sorting
from etabli.site import Site


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
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Ask a model that was made here, or have it sort a whole file."""
    if file is not None and question is not None:
        raise FileAndQuestionError
    with opened_site(data_dir) as site:
        actor = acting(site, by)
        with site.read_hub() as hub:
            repo = hub.repos.get(actor, RepoType.MODEL, model, Permission.ASK_MODEL)
        if file is not None:
            _sort(site, repo, file, out, TableChoice(text_column, sheet))
            return
        if question is None:
            raise NoQuestionError
        [answer] = asyncio.run(inference.ask(site, repo, [question]))
        _show_answer(answer)


def _sort(site: Site, repo: Repo, file: Path, out: Path | None, choice: TableChoice) -> None:
    if out is None:
        raise OutMissingError
    if not file.is_file():
        raise NoSuchFileError(file)
    if out.exists():
        raise OutTakenError(out)
    summary = asyncio.run(_write_sorted(site, repo, file, out, choice))
    tell(msg("{rows} rows are sorted: {out}", rows=summary.rows, out=str(out)))
    for decision, count in summary.decisions.most_common():
        typer.echo(f"  {in_words(_DECISIONS[decision])}: {count}")
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


_DECISIONS: Mapping[str, Message] = {
    Decision.ANSWER: msg("it answers by itself"),
    Decision.CLARIFY: msg("it asks what is meant"),
    Decision.OUTSIDE: msg("outside its subjects"),
    Decision.HUMAN: msg("it leaves this to a person"),
    sorting.NOTHING: msg("no text"),
    sorting.TOO_LONG: msg("too long to be asked"),
}


async def _write_sorted(
    site: Site, repo: Repo, file: Path, out: Path, choice: TableChoice
) -> sorting.Summary:
    """Whole or not at all: a table that could not be sorted to its end is not left."""
    partial = out.with_name(f"{out.name}.partial")
    with site.backends.runs.incoming() as folder:
        (folder / "table").mkdir()
        copied = folder / "table" / file.name
        shutil.copyfile(file, copied)
        ready = await sorting.read(site, repo, folder, copied, choice)
    try:
        with partial.open("w", encoding="utf-8", newline="") as written:
            async for lot in sorting.as_csv(ready):
                written.write(lot)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return ready.summary


def _show_answer(answer: Answer) -> None:
    typer.echo(answer.reply)
    source = answer.best.source
    if source is not None and answer.decision is Decision.ANSWER:
        place = f", p. {source.page}" if source.page else ""
        typer.echo(" › ".join((f"{source.document}{place}", *source.headings)))
    cost, form = answer.cost, Format(language())
    tell(
        msg(
            "[{judged} · {time} · {energy}, between {low} and {high}, {method}]",
            judged=answer.judgement,
            time=form.duration(cost.latency_ms / 1000),
            energy=form.energy(cost.energy.wh),
            low=form.energy(cost.energy.low_wh),
            high=form.energy(cost.energy.high_wh),
            method=msg("modelled"),
        )
    )

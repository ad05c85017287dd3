"""Make a model from a table or from documents: `etabli create`."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from etabli.cli.local_hub import LocalHub
from etabli.cli.terminal import (
    FAILED,
    DataDir,
    in_words,
    language,
    say,
    say_wrong,
    tell,
    warn,
)
from etabli.cli.which_hub import As, HubAt, opened_hub
from etabli.client import Hub, Options, Run, Source
from etabli.features.workshop import InputFiles, holds_documents, read_source
from etabli.formats import Format
from etabli.foundation.errors import NotFoundError
from etabli.foundation.i18n.messages import msg, msg_plural, shown

FORMATS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".jsonl", ".json", ".parquet")


class NoSuchFileError(NotFoundError):
    def __init__(self, path: Path) -> None:
        super().__init__(msg("There is no file or folder {path}. Check its name.", path=str(path)))


def create(
    path: Annotated[
        Path,
        typer.Argument(
            help="A table (.xlsx, .ods, .csv, .json, .parquet, or in .zip or .gz), or a folder "
            "with train.csv, test.csv and answers.csv, or the same in these other formats."
        ),
    ],
    name: Annotated[str, typer.Option(help="What the model is to be called.")],
    test: Annotated[Path | None, typer.Option(help="A table to examine with.")] = None,
    answers: Annotated[
        Path | None, typer.Option(help="A table of labels and what to reply for each.")
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="The column to read; by default the likeliest.")
    ] = None,
    label_column: Annotated[
        list[str] | None,
        typer.Option(
            help="The column to say; by default the likeliest. May be said several times, where "
            "each label has a column of its own."
        ),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="How letters are written if not in UTF-8, such as Windows-1251."),
    ] = None,
    sheet: Annotated[
        str | None,
        typer.Option(
            help="Which sheet of a workbook, or file of an archive; by default the likeliest."
        ),
    ] = None,
    as_it_is: Annotated[
        bool, typer.Option("--as-it-is", help="Correct nothing of what is found in the table.")
    ] = False,
    no_fix: Annotated[
        list[str] | None,
        typer.Option(help="A correction not to make, by its name; may be said several times."),
    ] = None,
    prefer: Annotated[
        str,
        typer.Option(help="What matters most: balance, accuracy, frugal or offline."),
    ] = "balance",
    kind: Annotated[
        str | None,
        typer.Option(help="Which kind of AI, by its name; by default the one that fits best."),
    ] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Where to publish it; by default under your own name.")
    ] = None,
    license: Annotated[str, typer.Option(help="The licence, such as cc-by-4.0.")] = "",
    public: Annotated[
        bool | None,
        typer.Option(
            "--public/--private",
            help="For everybody, or for yourself alone; by default for yourself, unless "
            "source.json says that the data is public.",
            show_default=False,
        ),
    ] = None,
    with_data: Annotated[
        bool | None,
        typer.Option(
            "--with-data/--without-data",
            help="Whether its data goes with it; by default not, unless source.json says that it "
            "is public.",
            show_default=False,
        ),
    ] = None,
    shows_personal_data: Annotated[
        bool,
        typer.Option("--show-personal-data", help="Everybody may see the personal data in it."),
    ] = False,
    at: HubAt = None,
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Make a small model from a table; keep it for yourself, or publish it."""
    tables, source = _tables(path, test, answers), _source(path, license)
    options = Options(
        text_column,
        tuple(label_column or ()),
        encoding,
        sheet,
        prefer,
        tuple(no_fix or ()),
        as_it_is,
        kind,
    )
    with opened_hub(at, data_dir, by) as hub:
        owner = namespace or hub.whoami().name
        run = hub.runs.start(
            tables.train,
            name,
            test=tables.test,
            replies=tables.replies,
            namespace=owner,
            with_data=source.is_public if with_data is None else with_data,
            options=options,
            source=source,
        )
        _show_findings(run)
        _make(hub, run)
        run = hub.runs.get(run.key, owner)
        private = None if public is None else not public
        _show_preview(run, private, with_data)
        run = hub.runs.publish(
            run.key,
            namespace=owner,
            private=private,
            with_data=with_data,
            shows_personal_data=shows_personal_data,
            language=language(),
        )
        show_made(run)
        _show_place(hub, run)


def _source(path: Path, license: str) -> Source:
    """What is written beside the table. A folder says of itself that it is public, and of no CSV
    that happens to lie in it."""
    source = Source(**asdict(read_source(path if path.is_dir() else path.parent)))
    if not path.is_dir():
        source = replace(source, is_public=False)
    return replace(source, license=license) if license else source


def _tables(path: Path, test: Path | None, replies: Path | None) -> InputFiles:
    if path.is_dir():
        found = _inside(path, "train")
        train = found or (path if holds_documents(path) else path / "train.csv")
        if train is not path:
            test = test or _inside(path, "test")
            replies = replies or _inside(path, "answers")
    else:
        train = path
    for file in (train, test, replies):
        if file is not None and not file.exists():
            raise NoSuchFileError(file)
    return InputFiles(train, test, replies)


def _inside(folder: Path, part: str) -> Path | None:
    """The table called so in a folder, in the first of the formats that is there."""
    files = (folder / f"{part}{ending}{packed}" for packed in ("", ".gz") for ending in FORMATS)
    return next((file for file in files if file.exists()), None)


def _show_findings(run: Run) -> None:
    """What was understood and found, and what becomes of it."""
    if run.understood:
        say(run.understood)
    for one in run.findings:
        if one.severity != "fine":
            say(" ".join(filter(None, (f"- {one.text}", one.correction))))


def _make(hub: Hub | LocalHub, run: Run) -> None:
    """Have it made, to its end; whoever breaks it off leaves nothing."""
    hub.runs.make(run.key)
    try:
        run = follow(hub, run.key)
    except KeyboardInterrupt:
        hub.runs.delete(run.key)
        warn(msg("Stopped. Nothing was made or published."))
        raise typer.Exit(FAILED) from None
    if run.problem is not None:
        say_wrong(run.problem)
        raise typer.Exit(FAILED)


def follow(hub: Hub | LocalHub, key: str) -> Run:
    """Show how far it is, until it is made, or failed, or stopped."""
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(in_words(msg("Waiting")), total=1.0)

        def show(run: Run) -> None:
            if run.stage:
                bar.update(task, description=shown(run.stage), completed=run.fraction)

        return hub.runs.follow(key, show)


def _show_preview(run: Run, private: bool | None, with_data: bool | None) -> None:
    """Some rows exactly as everybody will see them, and what is personal in them."""
    if run.suggested is None:
        return
    is_private = run.suggested.private if private is None else private
    has_data = run.suggested.with_data if with_data is None else with_data
    if is_private or not has_data:
        return
    if run.personal_rows and run.is_masked:
        tell(
            msg_plural(
                "Personal data was found in {rows} row, and is masked. Names of people are not "
                "found by a machine: read it.",
                "Personal data was found in {rows} rows, and is masked. Names of people are not "
                "found by a machine: read these rows.",
                "rows",
                rows=run.personal_rows,
            )
        )
    tell(msg("Its data goes with it. Everybody will see rows like these:"))
    for label, text in run.preview:
        say(f"  {label}: {' '.join(text.split())}")


def show_made(run: Run) -> None:
    """How good it is, and what an answer takes."""
    for sentence in run.verdict:
        say(sentence)
    if run.result is None or run.energy_of_an_answer is None:
        return
    form, energy = Format(language()), run.energy_of_an_answer
    tell(
        msg(
            "An answer takes {time}; a thousand take {energy}, between {low} and {high}, modelled.",
            time=form.duration(run.result["speed"]["p50_ms"] / 1000),
            energy=form.energy(1000 * energy.wh),
            low=form.energy(1000 * energy.low_wh),
            high=form.energy(1000 * energy.high_wh),
        )
    )


def _show_place(hub: Hub | LocalHub, run: Run) -> None:
    if isinstance(hub, LocalHub) and not hub.is_served:
        tell(msg("No server runs on this folder: start one with “etabli serve” to open the page."))
    published, address = run.published, run.url or ""
    if published is None or not published.private:
        tell(msg("Published: {address}", address=address))
    elif published.namespace == hub.whoami().name:
        tell(msg("Only you can see it: {address}", address=address))
    else:
        tell(
            msg(
                "Only members of {owner} can see it: {address}",
                owner=published.namespace,
                address=address,
            )
        )

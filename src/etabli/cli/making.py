"""Make a model from a table, and ask one: `etabli create` and `etabli ask`."""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from etabli.cli import running
from etabli.cli.terminal import (
    FAILED,
    DataDir,
    StartError,
    in_words,
    open_site,
    settings_of,
    tell,
    translate,
    warn,
)
from etabli.features.accounts import Actor
from etabli.features.repos import RepoType
from etabli.features.serving import Answer
from etabli.features.workshop import (
    Choices,
    Publication,
    Run,
    RunState,
    Source,
    Tables,
    TableTooLargeError,
    read_source,
    verdict,
)
from etabli.foundation.errors import NotFoundError
from etabli.foundation.words import say
from etabli.hub import Site
from etabli.worker import Worker

POLL_S = 0.2
MEGABYTE = 1_000_000

As = Annotated[
    str | None,
    typer.Option("--as", help="In whose name; by default the first administrator's."),
]


class NoAccountError(StartError):
    def __init__(self) -> None:
        super().__init__(
            say(
                "There is no account yet. Open the set-up address that “etabli serve” prints, "
                "or run: etabli users add NAME --admin"
            )
        )


class NoSuchFileError(NotFoundError):
    def __init__(self, path: Path) -> None:
        super().__init__(say("There is no file or folder {path}. Check its name.", path=str(path)))


def create(
    path: Annotated[
        Path,
        typer.Argument(help="A CSV, or a folder with train.csv, test.csv and answers.csv."),
    ],
    name: Annotated[str, typer.Option(help="What the model is to be called.")],
    test: Annotated[Path | None, typer.Option(help="A CSV to examine with.")] = None,
    answers: Annotated[
        Path | None, typer.Option(help="A CSV of labels and what to reply for each.")
    ] = None,
    text_column: Annotated[
        str | None, typer.Option(help="The column to read; by default the likeliest.")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="The column to say; by default the likeliest.")
    ] = None,
    namespace: Annotated[
        str | None, typer.Option(help="Where to publish it; by default under your own name.")
    ] = None,
    license: Annotated[str, typer.Option(help="The licence, such as cc-by-4.0.")] = "",
    private: Annotated[bool, typer.Option("--private", help="Hide it from others.")] = False,
    without_data: Annotated[
        bool, typer.Option("--without-data", help="Do not publish the data.")
    ] = False,
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Make a small model from a table, and publish it with its data."""
    with _site(data_dir) as site:
        actor = _actor(site, by)
        source = read_source(path if path.is_dir() else path.parent)
        if license:
            source = replace(source, license=license)
        choices = Choices(text_column, label_column)
        run = _take_in(site, actor, name, _tables(path, test, answers), source, choices)
        run = _make(site, actor, run)
        publication = Publication(
            namespace=namespace or actor.name or "",
            name=name,
            private=private,
            with_data=not without_data,
            license=source.license,
        )
        with site.open_hub() as hub:
            run = hub.workshop.publish(actor, run.key, publication, translate())
        _show_result(site, run)


def ask(
    model: Annotated[str, typer.Argument(help="OWNER/NAME")],
    question: Annotated[str, typer.Argument(help="What to ask.")],
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Ask a model that was made here."""
    with _site(data_dir) as site, site.read_hub() as hub:
        repo = hub.repos.get(_actor(site, by), RepoType.MODEL, model)
        _show_answer(hub.serving.ask(repo, question))


@contextmanager
def _site(data_dir: Path | None) -> Iterator[Site]:
    site = open_site(settings_of(data_dir))
    try:
        yield site
    finally:
        site.close()


def _actor(site: Site, name: str | None) -> Actor:
    with site.read_hub() as hub:
        actor = hub.accounts.actor(name) if name else hub.accounts.first_admin()
    if actor is None:
        raise NoAccountError
    return actor


def _tables(path: Path, test: Path | None, replies: Path | None) -> Tables:
    if path.is_dir():
        inside = {part: path / f"{part}.csv" for part in ("train", "test", "answers")}
        found = {part: file if file.exists() else None for part, file in inside.items()}
        train, test = found["train"] or inside["train"], test or found["test"]
        replies = replies or found["answers"]
    else:
        train = path
    for file in (train, test, replies):
        if file is not None and not file.is_file():
            raise NoSuchFileError(file)
    return Tables(train, test, replies)


def _take_in(
    site: Site, actor: Actor, name: str, tables: Tables, source: Source, choices: Choices
) -> Run:
    if tables.train.stat().st_size > site.settings.max_table_mb * MEGABYTE:
        raise TableTooLargeError(site.settings.max_table_mb)
    with site.backends.runs.incoming() as folder:
        copies = {part: _copy(file, folder / part) for part, file in vars(tables).items() if file}
        return site.start_run(actor, name, Tables(**copies), source, choices)


def _copy(file: Path, folder: Path) -> Path:
    folder.mkdir()
    return Path(shutil.copy(file, folder / file.name))


def _make(site: Site, actor: Actor, run: Run) -> Run:
    """Have it made by the running server's worker, or by one of our own."""
    with site.open_hub() as hub:
        hub.workshop.queue(actor, run.key)
    try:
        with _somebody_working(site):
            run = _watch(site, actor, run)
    except KeyboardInterrupt:
        with site.open_hub() as hub:
            hub.workshop.delete(actor, run.key)
        warn(say("Stopped. Nothing was made or published."))
        raise typer.Exit(FAILED) from None
    if run.problem_text is not None:
        warn(run.problem_text)
        raise typer.Exit(FAILED)
    return run


@contextmanager
def _somebody_working(site: Site) -> Iterator[None]:
    """A worker of our own, unless a server has this folder, even one that is only starting."""
    with ExitStack() as held:
        with suppress(running.AlreadyServedError):
            held.enter_context(running.only_server(site.settings.data_dir))
            worker = Worker(site, alone=site.database.is_sqlite)
            worker.start()
            held.callback(worker.stop)
        yield


def _watch(site: Site, actor: Actor, run: Run) -> Run:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(in_words(say("Waiting")), total=1.0)
        while True:
            with site.read_hub() as hub:
                run = hub.workshop.get(actor, run.key)
                progress = hub.workshop.progress(run)
            if progress and run.state is not RunState.QUEUED:
                words = in_words(progress.in_words())
                bar.update(task, description=words, completed=progress.fraction)
            if not run.state.is_under_way:
                return run
            time.sleep(POLL_S)


def _show_result(site: Site, run: Run) -> None:
    with site.read_hub() as hub:
        result = hub.workshop.result(run)
        energy = hub.workshop.energy_of_an_answer(run).times(1000)
    tell(verdict(result))
    tell(
        say(
            "An answer takes {ms} ms; a thousand take {wh} Wh, between {low} and {high}, modelled.",
            ms=f"{result['speed']['p50_ms']:.2g}",
            wh=f"{energy.wh:.2g}",
            low=f"{energy.low_wh:.2g}",
            high=f"{energy.high_wh:.2g}",
        )
    )
    server = running.find(site.settings.data_dir)
    url = server.url if server else site.settings.resolved_public_url
    if server is None:
        tell(say("No server runs on this folder: start one with “etabli serve” to open the page."))
    tell(say("Published: {address}", address=f"{url}/{run.model}"))


def _show_answer(answer: Answer) -> None:
    tell(answer.in_words())
    best, cost = answer.best, answer.cost
    tell(
        say(
            "[{label}, {percent} % sure · {ms} ms · {wh} Wh, between {low} and {high}, {method}]",
            label=best.label,
            percent=f"{100 * best.probability:.0f}",
            ms=f"{cost.latency_ms:.2g}",
            wh=f"{cost.energy.wh:.2g}",
            low=f"{cost.energy.low_wh:.2g}",
            high=f"{cost.energy.high_wh:.2g}",
            method=say("modelled"),
        )
    )

"""Make a model from a table: `etabli create`."""

import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from etabli.cli.terminal import (
    FAILED,
    DataDir,
    in_words,
    language,
    open_site,
    settings_of,
    tell,
    terminal_translator,
    warn,
)
from etabli.features.accounts import Actor
from etabli.features.workshop import (
    NO_FIXES,
    DataSource,
    InputFiles,
    Publication,
    Recipe,
    Run,
    RunOptions,
    RunState,
    TableTooLargeError,
    arrange,
    holds_documents,
    read_source,
    recipe_of,
)
from etabli.formats import Format
from etabli.foundation.errors import NotFoundError
from etabli.foundation.i18n.messages import Message, msg, msg_plural
from etabli.hub import Hub
from etabli.operations import training
from etabli.operations.publish_model import publish_model
from etabli.server import instance_lock
from etabli.server.errors import StartError
from etabli.server.worker import Worker
from etabli.site import Site

POLL_S = 0.2
MEGABYTE = 1_000_000
FORMATS = (".csv", ".tsv", ".txt", ".xlsx", ".xls", ".ods", ".jsonl", ".json", ".parquet")

As = Annotated[
    str | None,
    typer.Option("--as", help="In whose name; by default the first administrator's."),
]


class NoAccountError(StartError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "There is no account yet. Open the set-up address that “etabli serve” prints, "
                "or run: etabli users add NAME --admin"
            )
        )


class NobodyNamedError(StartError):
    def __init__(self) -> None:
        super().__init__(msg("Nobody administers this hub yet. Say in whose name: --as NAME"))


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
        str | None, typer.Option(help="The column to say; by default the likeliest.")
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
    by: As = None,
    data_dir: DataDir = None,
) -> None:
    """Make a small model from a table; keep it for yourself, or publish it."""
    with opened_site(data_dir) as site:
        actor = acting(site, by)
        source = _source(path, license)
        goes_with_data = source.is_public if with_data is None else with_data
        owner = namespace or actor.name or ""
        with site.read_hub() as hub:
            hub.workshop.require_free(actor, owner, name, with_data=goes_with_data)
        fixes = NO_FIXES if as_it_is else dict.fromkeys(no_fix or (), False)
        choices = RunOptions(text_column, label_column, fixes, encoding, prefer, sheet)
        run = _take_in(site, actor, name, _tables(path, test, answers), source, choices)
        _show_findings(site, run)
        run = _make(site, actor, run)
        with site.read_hub() as hub:
            suggested = hub.workshop.suggest(run, owner)
            publication = replace(
                suggested,
                private=suggested.private if public is None else not public,
                with_data=suggested.with_data if with_data is None else with_data,
                shows_personal_data=shows_personal_data,
            )
            _show_preview(hub, run, publication)
        run = publish_model(site, actor, run.key, publication, terminal_translator())
        _show_result(site, run, publication)


def _source(path: Path, license: str) -> DataSource:
    """What is written beside the table. A folder says of itself that it is public, and of no CSV
    that happens to lie in it."""
    source = read_source(path if path.is_dir() else path.parent)
    if not path.is_dir():
        source = replace(source, is_public=False)
    return replace(source, license=license) if license else source


@contextmanager
def opened_site(data_dir: Path | None) -> Iterator[Site]:
    site = open_site(settings_of(data_dir))
    try:
        yield site
    finally:
        site.close()


def acting(site: Site, name: str | None) -> Actor:
    with site.read_hub() as hub:
        actor = hub.accounts.actor(name) if name else hub.accounts.first_admin()
        is_set_up = hub.accounts.is_set_up()
    if actor is None:
        raise NobodyNamedError if is_set_up else NoAccountError
    return actor


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


def _take_in(
    site: Site, actor: Actor, name: str, tables: InputFiles, source: DataSource, choices: RunOptions
) -> Run:
    if _size_bytes(tables.train) > site.settings.max_table_mb * MEGABYTE:
        raise TableTooLargeError(site.settings.max_table_mb)
    with site.backends.runs.incoming() as folder:
        copies = {part: _copy(file, folder / part) for part, file in vars(tables).items() if file}
        brought = InputFiles(**copies)
        if brought.train.is_file():
            brought = arrange([brought.train], brought.test, brought.replies, folder)
        return training.start_run(site, actor, name, brought, source, choices)


def _size_bytes(path: Path) -> int:
    inside = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in inside if file.is_file())


def _copy(file: Path, folder: Path) -> Path:
    folder.mkdir()
    target = folder / (file.resolve().name or "documents")
    return Path((shutil.copytree if file.is_dir() else shutil.copy)(file, target))


def _show_findings(site: Site, run: Run) -> None:
    """What was understood and found, and what becomes of it."""
    with site.read_hub() as hub:
        found, fixes = hub.workshop.findings(run), hub.workshop.choices(run).fixes
    text, label = found["understood"]["text_column"], found["understood"]["label_column"]
    after = found["after_fixes"]
    if text and label and after:
        tell(
            msg(
                "It reads “{text}” and says “{label}”: {texts}, {labels}.",
                text=text["name"],
                label=label["name"],
                texts=msg_plural("{n} text", "{n} texts", "n", n=after["rows"]),
                labels=msg_plural("{n} label", "{n} labels", "n", n=len(after["classes"])),
            )
        )
    elif after:
        tell(
            msg(
                "It reads {documents}: {passages}.",
                documents=msg_plural("{n} document", "{n} documents", "n", n=len(after["classes"])),
                passages=msg_plural("{n} passage", "{n} passages", "n", n=after["rows"]),
            )
        )
    for finding in found["findings"]:
        if finding["severity"] != "fine":
            words = in_words(Message.of_json(finding["text"]))
            typer.echo(f"- {words}{_what_becomes(recipe_of(found), finding['fix'], fixes)}")


def _what_becomes(recipe: Recipe, fix: str | None, fixes: Mapping[str, bool]) -> str:
    if fix is None:
        return ""
    is_made = fixes.get(fix, True)
    done = msg("{correction} ({name}).", correction=recipe.fixes[fix], name=fix)
    kept = msg("Left as it is ({name}).", name=fix)
    return " " + in_words(done if is_made else kept)


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
        warn(msg("Stopped. Nothing was made or published."))
        raise typer.Exit(FAILED) from None
    if run.problem_text is not None:
        warn(run.problem_text)
        raise typer.Exit(FAILED)
    return run


@contextmanager
def _somebody_working(site: Site) -> Iterator[None]:
    """A worker of our own, unless a server has this folder, even one that is only starting."""
    with ExitStack() as held:
        with suppress(instance_lock.AlreadyServedError):
            held.enter_context(instance_lock.only_server(site.settings.data_dir))
            worker = Worker(site, alone=site.database.is_sqlite)
            worker.start()
            held.callback(worker.stop)
        yield


def _watch(site: Site, actor: Actor, run: Run) -> Run:
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(in_words(msg("Waiting")), total=1.0)
        while True:
            with site.read_hub() as hub:
                run = hub.workshop.get(actor, run.key)
                progress = hub.workshop.progress(run)
                recipe = hub.workshop.recipe(run)
            if progress and run.state is not RunState.QUEUED:
                words = in_words(recipe.stage(progress.stage))
                bar.update(task, description=words, completed=progress.fraction)
            if not run.state.is_under_way:
                return run
            time.sleep(POLL_S)


def _show_preview(hub: Hub, run: Run, publication: Publication) -> None:
    """Some rows exactly as everybody will see them, and what is personal in them."""
    if publication.private or not publication.with_data:
        return
    personal = hub.workshop.personal_data(run)
    if personal.rows and personal.is_masked:
        tell(
            msg_plural(
                "Personal data was found in {rows} row, and is masked. Names of people are not "
                "found by a machine: read it.",
                "Personal data was found in {rows} rows, and is masked. Names of people are not "
                "found by a machine: read these rows.",
                "rows",
                rows=personal.rows,
            )
        )
    tell(msg("Its data goes with it. Everybody will see rows like these:"))
    for row in hub.workshop.preview(run):
        typer.echo(f"  {row.label}: {' '.join(row.text.split())}")


def _show_result(site: Site, run: Run, publication: Publication) -> None:
    with site.read_hub() as hub:
        result, recipe = hub.workshop.result(run), hub.workshop.recipe(run)
        energy = hub.workshop.energy_of_an_answer(run).times(1000)
        advice = hub.workshop.advice(run)
    tell(recipe.verdict(result))
    for part in (advice.title, advice.reason, advice.next_step):
        tell(part)
    reason = recipe.choice(result)
    if reason is not None:
        tell(reason)
    for remark in recipe.remarks(result):
        tell(remark)
    form = Format(language())
    tell(
        msg(
            "An answer takes {time}; a thousand take {energy}, between {low} and {high}, modelled.",
            time=form.duration(result["speed"]["p50_ms"] / 1000),
            energy=form.energy(energy.wh),
            low=form.energy(energy.low_wh),
            high=form.energy(energy.high_wh),
        )
    )
    server = instance_lock.find(site.settings.data_dir)
    url = server.url if server else site.settings.resolved_public_url
    if server is None:
        tell(msg("No server runs on this folder: start one with “etabli serve” to open the page."))
    address = f"{url}/{run.model}"
    if not publication.private:
        tell(msg("Published: {address}", address=address))
    elif publication.namespace == run.owner:
        tell(msg("Only you can see it: {address}", address=address))
    else:
        tell(
            msg(
                "Only members of {owner} can see it: {address}",
                owner=publication.namespace,
                address=address,
            )
        )

"""The hub in a folder of this machine, asked as `etabli.client.Hub` asks one elsewhere.

Its answers go through the JSON of the hub's own API: what is shown is the same, near and far.
"""

import asyncio
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from etabli.api.results import (
    present_asked,
    present_comparison,
    present_listed,
    present_publication,
    present_run,
    present_summary,
)
from etabli.cli.terminal import terminal_translator
from etabli.client import Account, Answer, Comparison, ListedRun, Options, Plan, Run, Sorted, Source
from etabli.features.accounts import Actor, Permission
from etabli.features.repos import Repo, RepoType
from etabli.features.serving import OutsideModel
from etabli.features.workshop import (
    NO_FIXES,
    DataSource,
    RunOptions,
    TableChoice,
    TableTooLargeError,
    arrange,
)
from etabli.foundation.csv_text import whole_file
from etabli.foundation.i18n.translations import translator
from etabli.operations import inference, sorting, training
from etabli.operations.compare_models import ANSWERS_A_DAY, compare_models, plan_outside
from etabli.operations.publish_model import publish_model
from etabli.server import instance_lock
from etabli.server.worker import Worker
from etabli.site import Site

FOLLOW_EVERY_S = 0.2
MEGABYTE = 1_000_000


class LocalHub:
    def __init__(self, site: Site, actor: Actor) -> None:
        self._site, self._actor = site, actor
        self.runs = LocalRuns(site, actor)

    @property
    def is_served(self) -> bool:
        return instance_lock.find(self._site.settings.data_dir) is not None

    def whoami(self) -> Account:
        actor = self._actor
        return Account(actor.name or "", "", sorted(actor.scopes), self._site.settings.name)

    def ask(self, model: str, question: str) -> Answer:
        repo = self._model(model)
        [answer] = asyncio.run(inference.ask(self._site, self._actor, repo, [question]))
        return Answer.of_json(present_asked(repo.full_name, answer, terminal_translator()))

    def compare(
        self,
        models: Sequence[str],
        dataset: str = "",
        *,
        answers_a_day: int | None = None,
        outside: Mapping[str, Any] | None = None,
    ) -> Comparison:
        asked = compare_models(
            self._site,
            self._actor,
            models,
            dataset,
            answers_a_day=ANSWERS_A_DAY if answers_a_day is None else answers_a_day,
            outside=OutsideModel(**outside) if outside else None,
        )
        return Comparison.of_json(present_comparison(asyncio.run(asked), terminal_translator()))

    def plan(self, models: Sequence[str], dataset: str, outside: Mapping[str, Any]) -> Plan:
        asked = plan_outside(self._site, self._actor, models, dataset, OutsideModel(**outside))
        return Plan(**vars(asyncio.run(asked)))

    def sort(
        self,
        model: str,
        table: Path,
        out: Path,
        *,
        text_column: str | None = None,
        sheet: str | None = None,
    ) -> Sorted:
        choice = TableChoice(text_column, sheet)
        summary = asyncio.run(
            _write_sorted(self._site, self._actor, self._model(model), table, out, choice)
        )
        return Sorted.of_json(present_summary(summary, terminal_translator()))

    def _model(self, name: str) -> Repo:
        with self._site.read_hub() as hub:
            return hub.repos.get(self._actor, RepoType.MODEL, name, Permission.ASK_MODEL)


async def _write_sorted(
    site: Site, actor: Actor, repo: Repo, file: Path, out: Path, choice: TableChoice
) -> sorting.Summary:
    with site.backends.runs.incoming() as folder:
        copied = _copy(file, folder / "table")
        ready = await sorting.read(site, actor, repo, folder, copied, choice)
    with whole_file(out) as written:
        async for lot in sorting.as_csv(ready):
            written.write(lot)
    return ready.summary


class LocalRuns:
    def __init__(self, site: Site, actor: Actor) -> None:
        self._site, self._actor = site, actor

    def list(self) -> Sequence[ListedRun]:
        with self._site.read_hub() as hub:
            return [
                ListedRun.of_json(present_listed(one)) for one in hub.workshop.runs(self._actor)
            ]

    def get(self, key: str, namespace: str = "") -> Run:
        with self._site.read_hub() as hub:
            run = hub.workshop.get(self._actor, key)
            return Run.of_json(present_run(hub, run, terminal_translator(), namespace))

    def start(
        self,
        table: Path,
        name: str,
        *,
        test: Path | None = None,
        replies: Path | None = None,
        namespace: str | None = None,
        with_data: bool = False,
        options: Options,
        source: Source,
    ) -> Run:
        site, owner = self._site, namespace or self._actor.name or ""
        with site.read_hub() as hub:
            hub.workshop.require_free(self._actor, owner, name, with_data=with_data)
        if _size_bytes(table) > site.settings.max_table_mb * MEGABYTE:
            raise TableTooLargeError(site.settings.max_table_mb)
        given = {"train": table, "test": test, "replies": replies}
        with site.backends.runs.incoming() as folder:
            copies = {part: _copy(file, folder / part) for part, file in given.items() if file}
            test, replies = copies.get("test"), copies.get("replies")
            brought = arrange([copies["train"]], test, replies, folder)
            run = training.start_run(
                site,
                self._actor,
                name,
                brought,
                DataSource(**asdict(source)),
                _run_options(options),
            )
        return self.get(run.key)

    def make(self, key: str) -> Run:
        with self._site.open_hub() as hub:
            hub.workshop.queue(self._actor, key)
        return self.get(key)

    def follow(self, key: str, on_progress: Callable[[Run], object] | None = None) -> Run:
        """Have it made by the running server's worker, or by one of our own."""
        with _somebody_working(self._site):
            while True:
                run = self.get(key)
                if on_progress:
                    on_progress(run)
                if not run.is_under_way:
                    return run
                time.sleep(FOLLOW_EVERY_S)

    def stop(self, key: str) -> Run:
        with self._site.open_hub() as hub:
            hub.workshop.stop(self._actor, key)
        return self.get(key)

    def publish(
        self,
        key: str,
        *,
        namespace: str | None = None,
        private: bool | None = None,
        with_data: bool | None = None,
        shows_personal_data: bool = False,
        language: str = "en",
    ) -> Run:
        with self._site.read_hub() as hub:
            run = hub.workshop.get(self._actor, key)
            suggested = hub.workshop.suggest(run, namespace or self._actor.name or "")
        publication = replace(
            suggested,
            private=suggested.private if private is None else private,
            with_data=suggested.with_data if with_data is None else with_data,
            shows_personal_data=shows_personal_data,
        )
        run = publish_model(self._site, self._actor, key, publication, translator(language))
        published = present_publication(publication)
        with self._site.read_hub() as hub:
            content = present_run(hub, run, terminal_translator())
        return Run.of_json({**content, "published": published, "url": self._url(run.model)})

    def delete(self, key: str) -> None:
        with self._site.open_hub() as hub:
            hub.workshop.delete(self._actor, key)

    def _url(self, model: str | None) -> str:
        server = instance_lock.find(self._site.settings.data_dir)
        url = server.url if server else self._site.settings.resolved_public_url
        return f"{url}/{model}"


def _run_options(options: Options) -> RunOptions:
    return RunOptions(
        options.text_column,
        options.label_columns,
        NO_FIXES if options.as_it_is else dict.fromkeys(options.no_fix, False),
        options.encoding,
        options.prefer,
        options.sheet,
        options.kind,
    )


def _size_bytes(path: Path) -> int:
    inside = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in inside if file.is_file())


def _copy(file: Path, folder: Path) -> Path:
    folder.mkdir()
    target = folder / (file.resolve().name or "documents")
    return Path((shutil.copytree if file.is_dir() else shutil.copy)(file, target))


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

"""A hub elsewhere, by its address."""

import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Self
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile

import httpx

from etabli.client.addresses import hub_address, is_exposed
from etabli.client.connection import Connection, CutShortError
from etabli.client.logins import Logins
from etabli.client.results import Account, Answer, Comparison, ListedRun, Plan, Run, Sorted
from etabli.foundation.csv_text import BOM, csv_of, sorted_cells, whole_file
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg

RUNS = "/api/etabli/runs"
ANSWER_WITHIN_S = 120.0
FOLLOW_EVERY_S = 1.0


class NoModelNameError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(msg("“{name}” names no model: say OWNER/NAME.", name=name))


@dataclass(frozen=True)
class Options:
    """What is decided about a table; what is left out, the hub decides and says."""

    text_column: str | None = None
    label_columns: Sequence[str] = ()
    """Of a kind of AI that says several labels, perhaps several."""
    encoding: str | None = None
    sheet: str | None = None
    prefer: str = "balance"
    """What matters most: balance, accuracy, frugal or offline."""
    no_fix: Sequence[str] = ()
    """Corrections not to make, by name."""
    as_it_is: bool = False
    """Correct nothing."""
    kind: str | None = None
    """Which kind of AI, by its name; None: the one that fits best."""


@dataclass(frozen=True)
class Source:
    """Where the data comes from, for the cards."""

    license: str = ""
    attribution: str = ""
    url: str = ""
    language: str = ""
    is_public: bool = False
    """Whether anybody can read the data elsewhere already."""


class Hub:
    """A hub of Établi. Use it in a `with` block, or close it.

    Everything raises `HubError` with the hub's own sentence where the hub refuses, and
    `HubUnreachableError` where it cannot be reached.
    """

    def __init__(
        self,
        address: str,
        token: str | None = None,
        *,
        language: str = "en",
        timeout_s: float = ANSWER_WITHIN_S,
    ) -> None:
        """
        Args:
            token: by default the one that `etabli login` keeps for this hub; "" asks as nobody.
            language: of the sentences, as a code.
            timeout_s: for how long the hub may send nothing.
        """
        self.address = hub_address(address)
        if is_exposed(self.address):
            warnings.warn(
                f"{self.address} is not encrypted: whoever is on the way can read the token and "
                "all that is sent.",
                stacklevel=2,
            )
        if token is None:
            kept = Logins().find(self.address)
            token = kept.token if kept else None
        self._connection = Connection(self.address, token, language, timeout_s)
        self.runs = Runs(self._connection)

    def __repr__(self) -> str:
        return f"Hub({self.address!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def whoami(self) -> Account:
        return Account.of_json(self._connection.json("GET", "/api/etabli/whoami"))

    def ask(self, model: str, question: str) -> Answer:
        path = f"/api/etabli/ask/{_address_of(model)}"
        return Answer.of_json(self._connection.json("POST", path, json={"question": question}))

    def compare(
        self,
        models: Sequence[str],
        dataset: str = "",
        *,
        answers_a_day: int | None = None,
        outside: Mapping[str, Any] | None = None,
    ) -> Comparison:
        """Ask two to four models the same messages; the others are compared with the first.

        Args:
            answers_a_day: for how many questions a machine is thought to be on all day.
            outside: a model elsewhere, by an API like OpenAI's, that the hub asks at most a hundred
                of the messages: `address`, `model`, and perhaps `key`, `price_in` and `price_out`
                (of a million tokens). The hub keeps none of it. One model is then enough.
        """
        body: dict[str, Any] = {"models": list(models), "dataset": dataset}
        if outside is not None:
            body["outside"] = dict(outside)
        if answers_a_day is not None:
            body["answers_a_day"] = answers_a_day
        return Comparison.of_json(self._connection.json("POST", "/api/etabli/compare", json=body))

    def plan(self, models: Sequence[str], dataset: str, outside: Mapping[str, Any]) -> Plan:
        """What asking a model elsewhere would take. Nothing is sent to it; leave the key out."""
        body = {"models": list(models), "dataset": dataset, "outside": dict(outside)}
        said = self._connection.json("POST", "/api/etabli/compare/plan", json=body)
        return Plan(**said)

    def sort(
        self,
        model: str,
        table: str | Path,
        out: str | Path,
        *,
        text_column: str | None = None,
        sheet: str | None = None,
        encoding: str | None = None,
    ) -> Sorted:
        """Sort a whole file, into a CSV beside its partial one: whole or not at all.

        Raises:
            CutShortError: it could not be sorted to its end; `out` is as it was.
        """
        said = {"text_column": text_column, "sheet": sheet, "encoding": encoding}
        fields = {"format": "jsonl", **{name: text for name, text in said.items() if text}}
        path = f"/api/etabli/sort/{_address_of(model)}"
        with (
            Path(table).open("rb") as file,
            self._connection.stream(
                "POST", path, data=fields, files={"table": (Path(table).name, file)}
            ) as response,
            whole_file(Path(out)) as written,
        ):
            return self._write_sorted(response, written.write)

    def _write_sorted(self, response: httpx.Response, write: Callable[[str], object]) -> Sorted:
        lines = _objects(response)
        try:
            write(BOM + csv_of([next(lines)["columns"]]))
            for line in lines:
                if "summary" in line:
                    return Sorted.of_json(line["summary"])
                added = sorted_cells(line["label"], line["certainty"], line["decision"])
                write(csv_of([[*line["row"], *added]]))
        except (httpx.TransportError, StopIteration, ValueError) as error:
            raise CutShortError(self.address) from error
        raise CutShortError(self.address)

    def create(
        self,
        table: str | Path,
        name: str,
        *,
        test: str | Path | None = None,
        replies: str | Path | None = None,
        namespace: str | None = None,
        private: bool | None = None,
        with_data: bool | None = None,
        shows_personal_data: bool = False,
        options: Options | None = None,
        source: Source | None = None,
        on_progress: Callable[[Run], object] | None = None,
    ) -> Run:
        """Make a model from a table, or a folder of documents, and publish it; left to the hub, for
        its maker alone.

        A making that fails is the run with the state `failed` and its `problem`.
        """
        run = self.runs.start(
            table, name, test=test, replies=replies, options=options, source=source
        )
        self.runs.make(run.key)
        run = self.runs.follow(run.key, on_progress)
        if run.state != "made":
            return run
        return self.runs.publish(
            run.key,
            namespace=namespace,
            private=private,
            with_data=with_data,
            shows_personal_data=shows_personal_data,
        )


class Runs:
    """The makings of whoever's token it is."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[ListedRun]:
        """The newest hundred."""
        return [ListedRun.of_json(one) for one in self._connection.json("GET", RUNS)["runs"]]

    def get(self, key: str, namespace: str = "") -> Run:
        """What is suggested for its publication depends on the namespace."""
        asked = {"namespace": namespace} if namespace else {}
        return Run.of_json(self._connection.json("GET", _run(key), params=asked))

    def start(
        self,
        table: str | Path,
        name: str,
        *,
        test: str | Path | None = None,
        replies: str | Path | None = None,
        namespace: str | None = None,
        with_data: bool = False,
        options: Options | None = None,
        source: Source | None = None,
    ) -> Run:
        """Have the hub look at a table, or a folder of documents; nothing is made yet.

        Args:
            namespace: where it is to be published: a name that is taken there is refused now.
        """
        fields: dict[str, str | list[str]] = {
            "name": name,
            **_fields(options or Options(), source or Source()),
        }
        if namespace:
            fields |= {"namespace": namespace, "with_data": "yes" if with_data else ""}
        with ExitStack() as opened:
            given = {"train": table, "test": test, "replies": replies}
            files = {part: _opened(Path(path), opened) for part, path in given.items() if path}
            return Run.of_json(self._connection.json("POST", RUNS, data=fields, files=files))

    def make(self, key: str) -> Run:
        """Ask for it to be made; it is made by the hub, whether or not somebody waits."""
        return Run.of_json(self._connection.json("POST", f"{_run(key)}/make"))

    def follow(self, key: str, on_progress: Callable[[Run], object] | None = None) -> Run:
        """Wait until it is made, or failed, or stopped."""
        while True:
            run = self.get(key)
            if on_progress:
                on_progress(run)
            if not run.is_under_way:
                return run
            time.sleep(FOLLOW_EVERY_S)

    def stop(self, key: str) -> Run:
        """Give up the making; the table stays."""
        return Run.of_json(self._connection.json("POST", f"{_run(key)}/stop"))

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
        """
        Args:
            language: of the cards.
        """
        body: Mapping[str, Any] = {
            "namespace": namespace,
            "private": private,
            "with_data": with_data,
            "shows_personal_data": shows_personal_data,
            "language": language,
        }
        return Run.of_json(self._connection.json("POST", f"{_run(key)}/publish", json=body))

    def delete(self, key: str) -> None:
        """Forget a run and its files. What was published stays."""
        self._connection.json("DELETE", _run(key))


def _run(key: str) -> str:
    return f"{RUNS}/{quote(key, safe='')}"


def _address_of(model: str) -> str:
    owner, slash, name = model.partition("/")
    if not slash or "/" in name or {owner, name} & {"", ".", ".."}:
        raise NoModelNameError(model)
    return f"{quote(owner, safe='')}/{quote(name, safe='')}"


def _fields(options: Options, source: Source) -> dict[str, str | list[str]]:
    said = {
        "text_column": options.text_column,
        "label_column": list(options.label_columns),
        "encoding": options.encoding,
        "sheet": options.sheet,
        "prefer": options.prefer,
        "no_fix": ",".join(options.no_fix),
        "as_it_is": "yes" if options.as_it_is else "",
        "kind": options.kind,
        "license": source.license,
        "attribution": source.attribution,
        "url": source.url,
        "language": source.language,
        "is_public": "yes" if source.is_public else "",
    }
    return {name: value for name, value in said.items() if value}


def _objects(response: httpx.Response) -> Iterator[dict[str, Any]]:
    return (json.loads(line) for line in response.iter_lines() if line)


def _opened(path: Path, opened: ExitStack) -> tuple[str, IO[bytes]]:
    if path.is_dir():
        return f"{path.resolve().name}.zip", opened.enter_context(_packed(path))
    return path.name, opened.enter_context(path.open("rb"))


@contextmanager
def _packed(folder: Path) -> Iterator[IO[bytes]]:
    """A folder as one .zip, so its files keep their places; what is hidden stays."""
    with TemporaryFile() as packed:
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for file in sorted(folder.rglob("*")):
                place = file.relative_to(folder)
                if file.is_file() and not any(part.startswith(".") for part in place.parts):
                    archive.write(file, place)
        packed.seek(0)
        yield packed

"""The folder of each run: its tables, what was found in them, what was made of them."""

import csv
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

from etabli.engine_contract.training import (
    CHECK,
    DATA_OUT,
    EVENTS,
    JOB,
    RESULT,
    CheckReport,
    EncoderReference,
    Event,
    JobFile,
)
from etabli.features.workshop.models import (
    InputFiles,
    Progress,
    RunOptions,
    ShownRow,
)
from etabli.features.workshop.recipes import kind_for

DATA = "data"
MASK = re.compile(r"\[(?:email|iban|card|phone)\]")
"""What the recipe writes in the place of personal data."""


class RunFolders:
    """One folder a run, under one root."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, key: str) -> Path:
        return self.root / key

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A folder to receive files in; it is gone afterwards, with all that was not moved."""
        folder = self.root / f"tmp_{uuid4().hex}"
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def fill(
        self,
        key: str,
        name: str,
        tables: InputFiles,
        choices: RunOptions,
        *,
        keeps_refused: bool = False,
    ) -> None:
        """Move the tables in, and write down what is asked of the recipe."""
        files: dict[str, str | None] = {}
        for part, source in _parts(tables).items():
            if source is not None:
                # Under its own name: what is said of it shall name it as the person does.
                files[part] = name_inside = f"{DATA}/{part}/{source.name}"
                (self.path(key) / name_inside).parent.mkdir(parents=True)
                os.replace(source, self.path(key) / name_inside)
        train = f"{DATA}/train/{tables.train.name}"
        job = JobFile(
            name,
            train,
            files.get("test"),
            files.get("answers"),
            source=tables.source,
            keeps_refused=keeps_refused,
        )
        self._write(key, JOB, job.as_json())
        self.choose(key, choices)

    def job(self, key: str) -> JobFile:
        """What the recipe is asked."""
        return JobFile.read(self.path(key))

    def choose(self, key: str, choices: RunOptions) -> None:
        job = self.job(key)
        kind = kind_for(job.source)
        self._ask(
            key,
            text_column=choices.text_column,
            label_columns=choices.label_columns,
            encoding=choices.encoding,
            prefer=choices.prefer,
            sheet=choices.sheet,
            recipe=choices.kind or (kind.name if kind else None),
            fixes={**job.fixes, **choices.fixes},
        )

    def set_language(self, key: str, language: str) -> None:
        """Of the texts, for the model to answer in; empty when unknown."""
        self._ask(key, language=language or None)

    def set_encoder(self, key: str, encoder: EncoderReference | None) -> None:
        """What the model may stand on, found anew for each making."""
        self._ask(key, encoder=encoder)

    def _ask(self, key: str, **otherwise: Any) -> None:
        self._write(key, JOB, replace(self.job(key), **otherwise).as_json())

    def read(self, key: str, file: str) -> dict[str, Any]:
        """One of the JSON files of a run; empty when it is not there."""
        path = self.path(key) / file
        content: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return content

    def check(self, key: str) -> CheckReport:
        """What the check of a run's table said; empty when it is not there."""
        return cast(CheckReport, self.read(key, CHECK))

    def progress(self, key: str) -> Progress | None:
        """What the recipe said last; None before it has said anything."""
        path = self.path(key) / EVENTS
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        events = [Event.of_line(line) for line in lines if line.endswith("}")]
        if not events:
            return None
        first, last = events[0], events[-1]
        return Progress(last.stage, last.fraction, (last.at - first.at).total_seconds())

    def set_replies(self, key: str, replies: Mapping[str, str]) -> None:
        file = "model/etabli.json"
        self._write(key, file, {**self.read(key, file), "answers": dict(replies)})

    def shown_rows(self, key: str, count: int) -> Sequence[ShownRow]:
        """Some of the rows to be published: those with something masked first, then from all over.

        Reads the whole table, line by line.
        """
        masked: list[ShownRow] = []
        others: list[ShownRow] = []
        apart = max(1, self.read(key, RESULT)["data"]["n_train"] // count)
        with (self.path(key) / DATA_OUT / "train.csv").open(encoding="utf-8", newline="") as file:
            for place, row in enumerate(csv.DictReader(file)):
                shown = ShownRow(row["text"], row.get("answer") or row["label"])
                if MASK.search(shown.text):
                    masked.append(shown)
                    del masked[count // 2 :]
                elif place % apart == 0 and len(others) < count:
                    others.append(shown)
        return [*masked, *others][:count]

    def files(self, key: str, folder: str) -> dict[str, Path | bytes]:
        """Where the files of a folder of the run lie, by name."""
        root = self.path(key) / folder
        inside = sorted(path for path in root.rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): path for path in inside}

    def delete(self, key: str) -> None:
        """Harmless when repeated."""
        shutil.rmtree(self.path(key), ignore_errors=True)

    def _write(self, key: str, file: str, content: Mapping[str, Any]) -> None:
        path = self.path(key) / file
        draft = path.with_name(f"tmp_{uuid4().hex}")
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
        os.replace(draft, path)


def _parts(tables: InputFiles) -> dict[str, Path | None]:
    return {"train": tables.train, "test": tables.test, "answers": tables.replies}

"""The folder of each run: its tables, what was found in them, what was made of them."""

import csv
import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from etabli.features.workshop.models import (
    RECIPE,
    Choices,
    Encoder,
    Progress,
    ShownRow,
    Tables,
)

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
        self, key: str, name: str, tables: Tables, choices: Choices, *, keeps_refused: bool = False
    ) -> None:
        """Move the tables in, and write down what is asked of the recipe."""
        job: dict[str, Any] = {"recipe": RECIPE, "name": name, "seed": 0}
        job["keeps_refused"] = keeps_refused
        for part, source in _parts(tables).items():
            job[part] = None
            if source is not None:
                # Under its own name: what is said of it shall name it as the person does.
                job[part] = f"{DATA}/{part}/{source.name}"
                (self.path(key) / job[part]).parent.mkdir(parents=True)
                os.replace(source, self.path(key) / job[part])
        self._write(key, "job.json", job)
        self.choose(key, choices)

    def choose(self, key: str, choices: Choices) -> None:
        job = self.read(key, "job.json")
        job["text_column"] = choices.text_column
        job["label_column"] = choices.label_column
        job["encoding"] = choices.encoding
        job["prefer"] = choices.prefer
        job["sheet"] = choices.sheet
        job["fixes"] = {**job.get("fixes", {}), **choices.fixes}
        self._write(key, "job.json", job)

    def set_language(self, key: str, language: str) -> None:
        """Of the texts, for the model to answer in; empty when unknown."""
        self._write(key, "job.json", {**self.read(key, "job.json"), "language": language or None})

    def set_encoder(self, key: str, encoder: Encoder | None) -> None:
        """What the model may stand on, found anew for each making."""
        said = asdict(encoder) if encoder else None
        self._write(key, "job.json", {**self.read(key, "job.json"), "encoder": said})

    def read(self, key: str, file: str) -> dict[str, Any]:
        """One of the JSON files of a run; empty when it is not there."""
        path = self.path(key) / file
        content: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        return content

    def progress(self, key: str) -> Progress | None:
        """What the recipe said last; None before it has said anything."""
        path = self.path(key) / "events.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        events = [json.loads(line) for line in lines if line.endswith("}")]
        if not events:
            return None
        first, last = events[0], events[-1]
        elapsed = datetime.fromisoformat(last["at"]) - datetime.fromisoformat(first["at"])
        return Progress(last["stage"], last["fraction"], elapsed.total_seconds())

    def set_replies(self, key: str, replies: Mapping[str, str]) -> None:
        file = "model/etabli.json"
        self._write(key, file, {**self.read(key, file), "answers": dict(replies)})

    def shown_rows(self, key: str, count: int) -> Sequence[ShownRow]:
        """Some of the rows to be published: those with something masked first, then from all over.

        Reads the whole table, line by line.
        """
        masked: list[ShownRow] = []
        others: list[ShownRow] = []
        apart = max(1, self.read(key, "result.json")["data"]["n_train"] // count)
        with (self.path(key) / "data_out" / "train.csv").open(encoding="utf-8", newline="") as file:
            for place, row in enumerate(csv.DictReader(file)):
                shown = ShownRow(row["text"], row["label"])
                if MASK.search(shown.text):
                    masked.append(shown)
                    del masked[count // 2 :]
                elif place % apart == 0 and len(others) < count:
                    others.append(shown)
        return [*masked, *others][:count]

    def files(self, key: str, folder: str) -> dict[str, Path | bytes]:
        """Where the files of a folder of the run lie, by name."""
        inside = sorted((self.path(key) / folder).iterdir())
        return {path.name: path for path in inside if path.is_file()}

    def delete(self, key: str) -> None:
        """Harmless when repeated."""
        shutil.rmtree(self.path(key), ignore_errors=True)

    def _write(self, key: str, file: str, content: Mapping[str, Any]) -> None:
        path = self.path(key) / file
        draft = path.with_name(f"tmp_{uuid4().hex}")
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
        os.replace(draft, path)


def _parts(tables: Tables) -> dict[str, Path | None]:
    return {"train": tables.train, "test": tables.test, "answers": tables.replies}

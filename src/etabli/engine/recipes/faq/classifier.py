"""A FAQ as a table of labels: what the recipe that classifies texts makes a model of.

It is made by that recipe's own program, in a folder within the job's: its examination, its gates
and its figures are its own. A label is the first question of an answer, and its reply the answer.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from etabli.engine.files import write_csv, write_json
from etabli.engine.recipes.faq.material import Material
from etabli.engine.recipes.text_classification import train
from etabli.engine.recipes.text_classification.folds import folds
from etabli.engine.recipes.text_classification.tables import KIND, RECIPE
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Row
from etabli.engine.tables.preparing import prepare
from etabli.engine.tables.rows import load
from etabli.engine_contract.training import DATA_OUT, EVENTS, JOB, MODEL, RESULT, JobFile
from etabli.foundation.i18n.messages import Message

FOLDER = "classifier"
FOLDS = 5
FEW_ROWS = 2_000
"""Up to here each row is judged in turn; of more, a fifth says enough."""
CLEAN = ("skip_titles", "name_columns", "drop_totals", "drop_ragged", "fill_merged",
         "drop_error_cells", "drop_tiny_classes", "merge_look_alikes",
         "mask_personal_data")  # fmt: skip
"""Corrections that are made already, or that an answer must not be lost or merged by."""

Apart = tuple[list[Row], list[Row]]
"""Rows that are learned, and rows that are judged."""


def write_job(folder: Path, material: Material, job: Job) -> None:
    """Nothing of an earlier try is left."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data").mkdir(parents=True)
    entries = material.entries
    asked = ((text, one.label) for one in entries for text in one.questions)
    write_csv(folder / "data" / "train.csv", ("text", "label"), asked)
    write_csv(
        folder / "data" / "answers.csv",
        ("label", "answer"),
        ((one.label, one.answer or "") for one in entries),
    )
    given = [(one.text, entries[one.entry].label) for one in material.given
             if one.entry is not None]  # fmt: skip
    if given:
        write_csv(folder / "data" / "test.csv", ("text", "label"), given)
    asks = JobFile(
        name=job.name,
        train="data/train.csv",
        test="data/test.csv" if given else None,
        answers="data/answers.csv",
        recipe=RECIPE,
        text_column="text",
        label_columns=["label"],
        language=material.language or None,
        seed=job.seed,
        fixes=dict.fromkeys(CLEAN, False),
        prefer=job.prefer,
        encoder=job.encoder,
    )
    write_json(folder / JOB, asks.as_json())


def rows_apart(folder: Path, seed: int) -> list[Apart]:
    """Of the rows that the classifier would learn from: none that is to examine it is among
    them."""
    job = Job.read(folder)
    if KIND.labelling_of is None:
        raise TypeError("whoever classifies texts reads labels")
    prepared = prepare(load(job, KIND.labelling_of), job)
    pairs = folds(prepared.train, FOLDS, seed + 1, prepared.groups)
    usable = [pair for pair in pairs if len({row.label for row in pair[0]}) > 1]
    return usable if len(prepared.train) <= FEW_ROWS else usable[:1]


def make_classifier(job: Job, reason: Message, switch: dict[str, Any], spent_s: float) -> None:
    """Its files become the job's, with why it was taken.

    `spent_s`: of processor time, in finding out that it is the better one.
    """
    folder = job.folder / FOLDER
    os.symlink(job.folder.resolve() / EVENTS, folder / EVENTS)
    train.run(folder)
    for path in (folder / RESULT, folder / MODEL / "eval.json"):
        result = _read(path)
        first = Message.of_json(result["ladder"]["reason"])
        both = Message("{first} {second}", {"first": reason, "second": first})
        result["ladder"]["reason"] = both.as_json()
        result["training"]["cpu_s"] = round(result["training"]["cpu_s"] + spent_s, 2)
        write_json(path, result | {"switch": switch})
    for name in (DATA_OUT, MODEL, "split.json", RESULT):
        os.replace(folder / name, job.folder / name)
    shutil.rmtree(folder)


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content

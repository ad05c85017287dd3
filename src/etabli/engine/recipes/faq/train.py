"""Make a FAQ answer, from the table to the figures. Read from top to bottom.

A search or a classifier: whichever is proven better on phrasings that it had not seen. Of a search,
half of the questions that it is tried on teach it when to answer; the other half, and those that
somebody gave, examine what was saved, once.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etabli.engine.recipes.faq.artefact import is_changeable, write_data, write_model
from etabli.engine.recipes.faq.classifier import make_classifier
from etabli.engine.recipes.faq.deciding import FEWEST_QUESTIONS, Learned, learn, try_out
from etabli.engine.recipes.faq.examining import examine
from etabli.engine.recipes.faq.indexing import index
from etabli.engine.recipes.faq.material import RECIPE, Material, load
from etabli.engine.recipes.faq.questions import Asked, made_questions, phrasings
from etabli.engine.recipes.faq.switching import Switch, choose_program
from etabli.engine.recipes.machine import peak_rss_mb, versions
from etabli.engine.recipes.progress import Progress
from etabli.engine.recipes.results import leave
from etabli.engine.runtimes.faq import load as load_search
from etabli.engine.tables.archives import clear_unpacked
from etabli.engine.tables.job import Job
from etabli.engine.tables.rows import open_train
from etabli.engine_contract.faq import FaqExam
from etabli.engine_contract.training import DATA_OUT, EVENTS, Stage


def run(job_dir: Path) -> None:
    """Write `model/`, `data_out/`, `events.jsonl`, and `result.json` last."""
    job = Job.read(job_dir)
    with closing(Progress(job_dir / EVENTS)) as progress:
        with progress.during(Stage.READING, 0.0, 0.02):
            material = _read(job)
        with progress.during(Stage.CHECKING, 0.02, 0.05, rows=material.phrasings):
            switch = choose_program(material, job)
        if not switch.is_classifier:
            _make_search(job, material, switch, progress)
    if switch.is_classifier:
        make_classifier(job, switch.reason, switch.as_json(), switch.cpu_s)


def _read(job: Job) -> Material:
    try:
        return load(job, open_train(job))
    finally:
        clear_unpacked(job.folder)


@dataclass(frozen=True)
class Questions:
    """To learn from, and to examine with: none is in both."""

    taught: Sequence[Asked]
    examined: Sequence[Asked]


def _questions(material: Material, seed: int) -> Questions:
    """Phrasings where there are enough; else made ones too, which teach it, and examine it where
    nobody's phrasings could."""
    own = phrasings(material.entries, seed)
    half = len(own) // 2
    if half >= FEWEST_QUESTIONS:
        return Questions(own[:half], own[half:])
    made = made_questions(material, seed)
    middle = len(made) // 2
    return Questions(made[:middle], [*own, *made[middle:]])


def _make_search(job: Job, material: Material, switch: Switch, progress: Progress) -> None:
    started, cpu_started = time.monotonic(), time.process_time()
    with progress.during(Stage.LEARNING, 0.05, 0.4, rows=material.phrasings):
        search = index(material.entries, material.language)
        questions = _questions(material, job.seed)
    with progress.during(Stage.CALIBRATING, 0.4, 0.7):
        learned = learn(try_out(search, questions.taught))
    search = learned.put_into(search)
    made_with = versions()
    changeable = is_changeable(material.entries)
    partial = job.folder / "model.partial"
    with progress.during(Stage.SAVING, 0.7, 0.8):
        write_model(partial, search.parts, job.name, made_with)
        write_data(job.folder / DATA_OUT, material.entries, questions.examined)
    progress.tell(Stage.EXAMINING, 0.8)
    # No heartbeat here: a second thread would disturb the latencies.
    saved = load_search(partial)
    figures = examine(saved, try_out(saved, questions.examined), material.given)
    result = {
        "recipe": RECIPE,
        "name": job.name,
        "labels": [one.label for one in material.entries if changeable],
        **figures,
        "thresholds": _thresholds(learned),
        "answers": len(material.entries),
        "questions": material.phrasings,
        "switch": switch.as_json(),
        "data": _data(job, material, len(questions.examined)),
        "training": {
            "wall_s": round(time.monotonic() - started, 2),
            "cpu_s": round(time.process_time() - cpu_started + switch.cpu_s, 2),
            "peak_rss_mb": peak_rss_mb(),
        },
        "versions": made_with,
        "seed": job.seed,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    leave(job.folder, partial, result, FaqExam)
    progress.tell(Stage.DONE, 1.0)


def _thresholds(learned: Learned) -> dict[str, Any]:
    return {
        "answer_probability": learned.belief.answer_probability,
        "clear_lead": learned.clear_lead,
        "is_learned": learned.is_learned,
    }


def _data(job: Job, material: Material, examined: int) -> dict[str, Any]:
    noticed = material.noticed
    changed = {
        "mask_personal_data": len(noticed.masked),
        "plain_answers": len(noticed.with_html),
    }
    return {
        "n_train": material.phrasings,
        "n_test": max(1, len(material.given) or examined),
        "test_split": "official" if material.given else "held_out",
        "dropped": {name: count for name, count in changed.items() if getattr(job.fixes, name)},
    }

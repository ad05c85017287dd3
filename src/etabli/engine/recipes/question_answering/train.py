"""Make a retriever, from the files to the figures. Read from top to bottom.

Half of the made questions teach it when to answer; the other half, and those that somebody gave,
examine what was saved, once.
"""

import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etabli.engine.recipes.believing import fixed_belief
from etabli.engine.recipes.machine import peak_rss_mb, versions
from etabli.engine.recipes.progress import Progress
from etabli.engine.recipes.question_answering.artefact import write_data, write_model
from etabli.engine.recipes.question_answering.check import RECIPE
from etabli.engine.recipes.question_answering.deciding import (
    FEWEST_QUESTIONS,
    learn_belief,
    try_out,
)
from etabli.engine.recipes.question_answering.examining import examine
from etabli.engine.recipes.question_answering.material import Material, load
from etabli.engine.recipes.question_answering.questions import make_questions, places_apart
from etabli.engine.recipes.results import leave
from etabli.engine.runtimes.retriever import SIGNS, Retriever, RetrieverParts
from etabli.engine.runtimes.retriever import load as load_retriever
from etabli.engine.runtimes.word_index import Analyzer, build
from etabli.engine_contract.question_answering import QuestionAnsweringExam
from etabli.engine_contract.training import DATA_OUT, EVENTS, JobFile, Stage


def run(job_dir: Path) -> None:
    """Write `model/`, `data_out/`, `events.jsonl`, and `result.json` last."""
    job = JobFile.read(job_dir)
    started, cpu_started = time.monotonic(), time.process_time()
    with closing(Progress(job_dir / EVENTS)) as progress:
        with progress.during(Stage.READING, 0.0, 0.4):
            material = load(job_dir, job)
        with progress.during(Stage.LEARNING, 0.4, 0.6, rows=len(material.passages)):
            retriever = _index(material)
            questions = make_questions(material.passages, retriever.analyzer, job.seed)
        half = len(questions) // 2
        apart = places_apart(material.passages)
        with progress.during(Stage.CALIBRATING, 0.6, 0.8):
            belief = learn_belief(try_out(retriever, questions[:half], apart), SIGNS)
        parts = replace(retriever.parts, belief=belief)
        made_with = versions()
        partial = job_dir / "model.partial"
        with progress.during(Stage.SAVING, 0.8, 0.85):
            write_model(partial, parts, RECIPE, job.name, made_with)
            write_data(job_dir / DATA_OUT, job_dir / job.train, parts, questions[half:])
        progress.tell(Stage.EXAMINING, 0.85)
        # No heartbeat here: a second thread would disturb the latencies.
        saved = load_retriever(partial)
        figures = examine(saved, try_out(saved, questions[half:], apart), material.given)
        result = {
            "recipe": RECIPE,
            "name": job.name,
            "labels": [],
            **figures,
            "thresholds": {
                "answer_probability": belief.answer_probability,
                "is_learned": half >= FEWEST_QUESTIONS,
            },
            "documents": len(material.documents),
            "data": _data(material, len(questions) - half),
            "training": {
                "wall_s": round(time.monotonic() - started, 2),
                "cpu_s": round(time.process_time() - cpu_started, 2),
                "peak_rss_mb": peak_rss_mb(),
            },
            "versions": made_with,
            "seed": job.seed,
            "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        leave(job_dir, partial, result, QuestionAnsweringExam)
        progress.tell(Stage.DONE, 1.0)


def _index(material: Material) -> Retriever:
    analyzer = Analyzer(material.language)
    index = build([analyzer.terms(one.indexed) for one in material.passages])
    return Retriever(
        RetrieverParts(material.passages, index, fixed_belief(SIGNS), material.language)
    )


def _data(material: Material, examined: int) -> dict[str, Any]:
    return {
        "n_train": len(material.passages),
        "n_test": max(1, len(material.given) or examined),
        "test_split": "official" if material.given else "held_out",
        "documents": len(material.documents),
        "unread": [one.name for one in material.unread],
        "dropped": {},
    }

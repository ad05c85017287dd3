"""Make a model, from the files to the figures. Read from top to bottom.

The examination is honest: probabilities and thresholds come from training rows set aside, the model
is then learned again from all training rows, and the test rows are used once, at the end.
"""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from etabli.engine.recipes.data_out import present_data, replies_of_known, write_data
from etabli.engine.recipes.machine import peak_rss_mb, spending, versions
from etabli.engine.recipes.multilabel_classification.artefact import write_model
from etabli.engine.recipes.multilabel_classification.calibrating import (
    Scored,
    calibrated,
    joined,
    score,
)
from etabli.engine.recipes.multilabel_classification.examining import examine
from etabli.engine.recipes.multilabel_classification.labelling import labels_in
from etabli.engine.recipes.multilabel_classification.learning import learn
from etabli.engine.recipes.multilabel_classification.splitting import split, stratified
from etabli.engine.recipes.multilabel_classification.tables import RECIPE, labelling_of
from etabli.engine.recipes.progress import Progress
from etabli.engine.recipes.results import leave
from etabli.engine.recipes.text_features import STEPS_A_TEXT
from etabli.engine.runtimes import NgramClassifier, NgramParts
from etabli.engine.runtimes.multilabel import MultilabelClassifier, Rules
from etabli.engine.tables.columns import known_language
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.preparing import Prepared, prepare
from etabli.engine.tables.rows import Loaded, at_most, load
from etabli.engine_contract.multilabel_classification import MultilabelExam
from etabli.engine_contract.training import EVENTS, Stage

CALIBRATION_SHARE = 0.2
FEW_ROWS = 2_000
"""Up to here each row is judged in turn; a fifth set aside would say too little."""
FOLDS = 5
MAX_CALIBRATION_ROWS = 20_000

Pairs = Sequence[tuple[list[Row], list[Row]]]


@dataclass(frozen=True)
class Made:
    """A model that is not saved yet."""

    parts: NgramParts
    rules: Rules
    judged: Sequence[Row]
    """Those by which it was found when to say a label."""


def run(job_dir: Path) -> None:
    """Write `model/`, `data_out/`, `split.json`, `events.jsonl`, and `result.json` last."""
    job = Job.read(job_dir)
    with closing(Progress(job_dir / EVENTS)) as progress:
        with progress.during(Stage.READING, 0.0, 0.05):
            loaded = load(job, labelling_of)
        with progress.during(Stage.CHECKING, 0.05, 0.1, rows=len(loaded.train)):
            prepared = prepare(loaded, job)
        with spending() as spent:
            made = _make(prepared, loaded, job, progress)
        _finish(job, loaded, prepared, made, spent, progress)


def _make(prepared: Prepared, loaded: Loaded, job: Job, progress: Progress) -> Made:
    train = prepared.train
    labels = sorted({label for row in train for label in labels_in(row.label)})
    pairs = _judged_apart(train, prepared.groups, job.seed)
    steps = sum(STEPS_A_TEXT * len(rows) + len(judged) for rows, judged in pairs)
    with progress.during(Stage.CALIBRATING, 0.1, 0.5, steps, rows=len(train)) as part:
        scored = _scored(pairs, labels, job.seed, part.advance)
    with progress.during(
        Stage.LEARNING, 0.5, 0.8, STEPS_A_TEXT * len(train), rows=len(train), labels=len(labels)
    ) as part:
        learned = learn(train, labels, job.seed, part.advance)
    says_none = any(not labels_in(row.label) for row in train)
    parts, rules = calibrated(learned, scored, says_none=says_none)
    replies = replies_of_known(loaded, labels, is_merged=job.fixes.merge_look_alikes)
    language = job.language or known_language([row.text for row in train])
    parts = replace(parts, answers=replies, language=language)
    return Made(parts, rules, [row for _, judged in pairs for row in judged])


def _judged_apart(train: Sequence[Row], groups: Groups, seed: int) -> Pairs:
    """(learned, judged): no row is judged by a model that has learned it or one like it."""
    if len(train) > FEW_ROWS:
        learned, judged = split(train, CALIBRATION_SHARE, labels_in, seed + 1, groups)
        return [(learned, at_most(judged, MAX_CALIBRATION_ROWS, seed))]
    folds = stratified(train, [1 / FOLDS] * FOLDS, labels_in, seed + 1, groups)
    held = [{row.line for row in fold} for fold in folds]
    pairs = [
        ([row for row in train if row.line not in lines], fold)
        for lines, fold in zip(held, folds, strict=True)
    ]
    return [(learned, judged) for learned, judged in pairs if learned and judged]


def _scored(
    pairs: Pairs, labels: Sequence[str], seed: int, advance: Callable[[], None]
) -> Scored | None:
    """None where no row could be set aside."""
    scored = [
        score(NgramClassifier(learn(learned, labels, seed, advance)), judged, labels, advance)
        for learned, judged in pairs
    ]
    return joined(scored) if scored else None


def _finish(
    job: Job,
    loaded: Loaded,
    prepared: Prepared,
    made: Made,
    spent: dict[str, float],
    progress: Progress,
) -> None:
    """Save, examine what was saved, and only then give everything its final name."""
    parts, made_with = made.parts, versions()
    partial = job.folder / "model.partial"
    with progress.during(Stage.SAVING, 0.8, 0.85):
        write_model(partial, parts, made.rules, job, made_with)
        write_data(job, prepared, made.judged)
    rows = len(prepared.test)

    def tell(share: float) -> None:
        progress.tell(Stage.EXAMINING, 0.85 + 0.14 * share, rows=rows)

    tell(0)
    # No heartbeat here: a second thread would disturb the latencies.
    model = MultilabelClassifier.load(partial)
    figures = examine(model, prepared.test, prepared.train, prepared.groups, tell)
    result: dict[str, Any] = {
        "recipe": RECIPE,
        "name": job.name,
        "labels": list(parts.labels),
        **figures,
        "thresholds": asdict(parts.thresholds),
        "says_none": made.rules.says_none,
        "calibration_rows": len(made.judged),
        "data": present_data(loaded, prepared),
        "training": spent | {"peak_rss_mb": peak_rss_mb()},
        "versions": made_with,
        "seed": job.seed,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    leave(job.folder, partial, result, MultilabelExam)
    progress.tell(Stage.DONE, 1.0, accuracy=figures["accuracy"]["value"])

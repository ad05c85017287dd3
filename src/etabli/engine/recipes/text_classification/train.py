"""Make a model, from the files to the figures. Read from top to bottom.

The examination is honest: temperature and thresholds come from training rows set aside, the model
is then learned again from all training rows, and the test rows are used once, at the end.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from etabli.engine.recipes.data_out import present_data, replies_of_known, write_data
from etabli.engine.recipes.machine import peak_rss_mb, spending, versions
from etabli.engine.recipes.progress import Progress
from etabli.engine.recipes.results import leave
from etabli.engine.recipes.text_classification.artefact import write_model
from etabli.engine.recipes.text_classification.calibrating import share_of_unknown
from etabli.engine.recipes.text_classification.climbing import (
    Climbed,
    Meaning,
    Pairs,
    Small,
    classifier,
    climb,
    learn_chosen,
)
from etabli.engine.recipes.text_classification.climbing import load as load_rung
from etabli.engine.recipes.text_classification.examining import examine
from etabli.engine.recipes.text_classification.folds import folds
from etabli.engine.recipes.text_classification.labelling import labelling_of
from etabli.engine.recipes.text_classification.ladder import Prefer, Rung, needs_encoder
from etabli.engine.recipes.text_classification.splitting import split
from etabli.engine.recipes.text_classification.tables import RECIPE
from etabli.engine.recipes.text_features import STEPS_A_TEXT
from etabli.engine.runtimes import NgramParts
from etabli.engine.tables.columns import known_language
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.preparing import Prepared, prepare
from etabli.engine.tables.rows import Loaded, at_most, load
from etabli.engine_contract.text_classification import TextClassificationExam
from etabli.engine_contract.training import EVENTS, Stage

CALIBRATION_SHARE = 0.2
FEW_ROWS = 2_000
"""Up to here each row is judged in turn; a fifth set aside would say too little."""
FOLDS = 5
MAX_CALIBRATION_ROWS = 20_000
MIN_LABELS_TO_HIDE_SOME = 6
HIDDEN_LABELS_SHARE = 1 / 3


@dataclass(frozen=True)
class Material:
    """Rows in their roles; `learned` and `calibration` together are `train`.

    Of few rows each of these is all of `train`, and `folds` keep apart what was learned. No text of
    one is else a near-duplicate of a text of another, but for a test file that was given.
    """

    train: list[Row]
    learned: list[Row]
    calibration: list[Row]
    test: list[Row]


def run(job_dir: Path) -> None:
    """Write `model/`, `data_out/`, `split.json`, `events.jsonl`, and `result.json` last."""
    job = Job.read(job_dir)
    with closing(Progress(job_dir / EVENTS)) as progress:
        with progress.during(Stage.READING, 0.0, 0.05):
            loaded = load(job, labelling_of)
        with progress.during(Stage.CHECKING, 0.05, 0.1, rows=len(loaded.train)):
            prepared = prepare(loaded, job)
            material = _material(prepared, job.seed)
        with spending() as spent:
            made = _make(material, prepared.groups, loaded, job, progress)
        _finish(job, loaded, prepared, material, made, spent, progress)


def _material(prepared: Prepared, seed: int) -> Material:
    if len(prepared.train) <= FEW_ROWS:
        return Material(prepared.train, prepared.train, prepared.train, prepared.test)
    learned, calibration = split(prepared.train, CALIBRATION_SHARE, seed + 1, prepared.groups)
    return Material(
        train=prepared.train,
        learned=learned,
        calibration=at_most(calibration, MAX_CALIBRATION_ROWS, seed),
        test=prepared.test,
    )


@dataclass(frozen=True)
class Made:
    """A model that is not saved yet, and what is known of it before its examination."""

    parts: NgramParts
    small: Small | None
    climbed: Climbed
    meaning: Meaning | None
    unknown: dict[str, Any] | None


def _make(material: Material, groups: Groups, loaded: Loaded, job: Job, progress: Progress) -> Made:
    labels = sorted({row.label for row in material.train})
    learned, train = material.learned, material.train
    prefer = Prefer(job.prefer)
    meaning = Meaning(job.encoder) if job.encoder and needs_encoder(prefer) else None
    if meaning is not None:
        with progress.during(Stage.ENCODING, 0.1, 0.25, len(train), rows=len(train)) as part:
            meaning.read(train, part.advance)
    pairs = _judged_apart(material, groups, job.seed)
    steps = sum(STEPS_A_TEXT * len(rows) + len(judged) for rows, judged in pairs)
    with progress.during(Stage.CALIBRATING, 0.25, 0.4, steps, rows=len(train)) as part:
        climbed = climb(pairs, labels, meaning, prefer, job.seed, part.advance)
    if climbed.choice.rung is Rung.INSTANT:
        meaning = None
    with progress.during(Stage.CALIBRATING, 0.4, 0.55, STEPS_A_TEXT * len(learned)) as part:
        unknown = _hide_some_labels(material, climbed, meaning, job.seed, part.advance)
    with progress.during(
        Stage.LEARNING, 0.55, 0.8, STEPS_A_TEXT * len(train), rows=len(train), labels=len(labels)
    ) as part:
        parts, small = learn_chosen(train, climbed, meaning, job.seed, part.advance)
    answers = replies_of_known(loaded, parts.labels, is_merged=job.fixes.merge_look_alikes)
    language = job.language or known_language([row.text for row in material.train])
    parts = replace(parts, answers=answers, language=language)
    return Made(parts, small, climbed, meaning, unknown)


def _judged_apart(material: Material, groups: Groups, seed: int) -> Pairs:
    """(learned, judged): no row is judged by a model that has learned it or one like it."""
    if material.learned is not material.calibration:
        return [(material.learned, material.calibration)]
    return folds(material.train, FOLDS, seed + 1, groups)


def _hide_some_labels(
    material: Material,
    climbed: Climbed,
    meaning: Meaning | None,
    seed: int,
    advance: Callable[[], None],
) -> dict[str, Any] | None:
    """What the gates do with a subject never seen: learn without a third of the labels, and ask.

    None with too few labels. Nothing is fitted on it: it is a figure for the card.
    """
    labels = sorted({row.label for row in material.learned})
    if len(labels) < MIN_LABELS_TO_HIDE_SOME:
        return None
    count = round(len(labels) * HIDDEN_LABELS_SHARE)
    hidden = set(Random(seed).sample(labels, count))  # noqa: S311  reproducible on purpose
    asked = [row for row in material.calibration if row.label in hidden]
    if not asked:
        return None
    shown = [row for row in material.learned if row.label not in hidden]
    model = classifier(*learn_chosen(shown, climbed, meaning, seed, advance), meaning)
    return {
        "hidden_labels": count,
        "questions": len(asked),
        "decisions": share_of_unknown(model, asked),
    }


def _finish(
    job: Job,
    loaded: Loaded,
    prepared: Prepared,
    material: Material,
    made: Made,
    spent: dict[str, float],
    progress: Progress,
) -> None:
    """Save, examine what was saved, and only then give everything its final name."""
    parts = made.parts
    believed = made.small.parts if made.small else parts
    made_with = versions()
    partial = job.folder / "model.partial"
    with progress.during(Stage.SAVING, 0.8, 0.85):
        write_model(partial, parts, made.small, job, made_with)
        write_data(job, prepared, material.calibration)
    rows = len(material.test)

    def tell(share: float) -> None:
        progress.tell(Stage.EXAMINING, 0.85 + 0.14 * share, rows=rows)

    tell(0)
    # No heartbeat here: a second thread would disturb the latencies.
    model = load_rung(partial, made.meaning, made.climbed.choice.rung)
    figures = examine(model, material.test, material.train, prepared.groups, tell)
    result = {
        "recipe": RECIPE,
        "name": job.name,
        "labels": list(parts.labels),
        **figures,
        "temperature": believed.temperature,
        "shrinkage": believed.shrinkage,
        "thresholds": asdict(believed.thresholds),
        "calibration_rows": made.climbed.calibration.rows,
        "unknown_subjects": made.unknown,
        "ladder": _present_ladder(made, job),
        "data": present_data(loaded, prepared),
        "training": spent | {"peak_rss_mb": peak_rss_mb()},
        "versions": made_with,
        "seed": job.seed,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    leave(job.folder, partial, result, TextClassificationExam)
    progress.tell(Stage.DONE, 1.0, accuracy=figures["accuracy"]["value"])


def _present_ladder(made: Made, job: Job) -> dict[str, Any]:
    """Which rung was taken and why; of each that was tried, how often it was right."""
    choice, climbed = made.climbed.choice, made.climbed
    tried = {Rung.INSTANT: climbed.instant, Rung.SMALL: climbed.small}
    return {
        "rung": choice.rung.value,
        "prefer": job.prefer,
        "reason": choice.reason.as_json(),
        "chance": choice.chance,
        "rungs": {
            rung.value: {"right_share": scored.right_share(), "rows": len(scored.truths)}
            for rung, scored in tried.items()
            if scored is not None
        },
        "encoder": asdict(job.encoder) | {"folder": None} if made.small and job.encoder else None,
    }

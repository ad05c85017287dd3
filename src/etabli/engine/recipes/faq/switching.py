"""A search or a classifier: both are tried on the same phrasings, and the better proven is taken.

Tried is, as for every classifier here, on rows that are to be learned from and that neither had
seen; those kept for the examination are not among them. Where there are few phrasings an answer, a
search is taken and nothing is tried.
"""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from etabli.engine.recipes.faq.classifier import FOLDER, Apart, rows_apart, write_job
from etabli.engine.recipes.faq.indexing import index
from etabli.engine.recipes.faq.material import Material
from etabli.engine.recipes.text_classification.learning import learn
from etabli.engine.runtimes import NgramClassifier
from etabli.engine.runtimes.faq import Entry
from etabli.engine.tables.errors import NoWordsError, TooFewRowsError, TooFewTextsError
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Row
from etabli.engine.tables.preparing import MIN_ROWS
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.proportions import mcnemar

FEWEST_PHRASINGS = 3
"""An answer, on average, under which a classifier is not tried."""
USUALLY_ENOUGH = 8
"""An answer: about here a classifier begins to do better. See docs/decisions/0044."""
MOST_ANSWERS = 1_000
"""That a classifier is tried for: its weights grow with their number."""
MAX_CHANCE = 0.05
TOO_LIKE = msg(
    "It searches among its questions: they are too like each other for a classifier to be tried on "
    "them."
)


@dataclass(frozen=True)
class Switch:
    is_classifier: bool
    reason: Message
    search_right: float | None = None
    classifier_right: float | None = None
    """Of the phrasings that both were tried on; None where none was."""
    phrasings: int = 0
    chance: float | None = None
    """Of so clear a difference, were both equally good."""
    cpu_s: float = 0.0
    """That trying took."""

    def as_json(self) -> dict[str, Any]:
        return {
            "taken": "classifier" if self.is_classifier else "search",
            "reason": self.reason.as_json(),
            "search_right": self.search_right,
            "classifier_right": self.classifier_right,
            "phrasings": self.phrasings,
            "chance": self.chance,
        }


def choose_program(material: Material, job: Job) -> Switch:
    untried = _untried(material)
    if untried is not None:
        return Switch(is_classifier=False, reason=untried)
    started_cpu = time.process_time()
    folder = job.folder / FOLDER
    write_job(folder, material, job)
    try:
        switch = _compared(rows_apart(folder, job.seed), material, job.seed, started_cpu)
    except (TooFewTextsError, TooFewRowsError, NoWordsError):  # of rows, not of the person's table
        switch = Switch(is_classifier=False, reason=TOO_LIKE)
    if not switch.is_classifier:
        shutil.rmtree(folder)
    return switch


def _untried(material: Material) -> Message | None:
    mean = material.phrasings / len(material.entries)
    if len(material.entries) > MOST_ANSWERS:
        return msg(
            "It searches among its questions: for so many answers ({answers}) no classifier is "
            "tried.",
            answers=len(material.entries),
        )
    if mean < FEWEST_PHRASINGS or material.phrasings < MIN_ROWS:
        return msg(
            "It searches among its questions. From about {least} ways to ask for each answer "
            "on, a classifier may do better, and would be tried by itself: here there are {mean} "
            "on average.",
            least=USUALLY_ENOUGH,
            mean=round(mean, 1),
        )
    return None


def _compared(apart: Sequence[Apart], material: Material, seed: int, started_cpu: float) -> Switch:
    if not apart:
        return Switch(is_classifier=False, reason=TOO_LIKE)
    search, classifier = [], []
    for learned, judged in apart:
        search += _search_is_right(learned, judged, material.language)
        classifier += _classifier_is_right(learned, judged, seed)
    both = list(zip(search, classifier, strict=True))
    gained = sum(second and not first for first, second in both)
    lost = sum(first and not second for first, second in both)
    chance = mcnemar(gained, lost)
    is_better = gained > lost and chance <= MAX_CHANCE
    search_right, classifier_right = (
        sum(them) / max(1, len(them)) for them in (search, classifier)
    )
    values = {
        "search": round(100 * search_right, 1),
        "classifier": round(100 * classifier_right, 1),
        "n": len(both),
    }
    reason = msg(
        "It is a classifier whose replies are the answers of its table, and whose labels the first "
        "question of each, which go out with it: tried on phrasings that it had not seen ({n}), it "
        "finds the right answer {classifier} times out of 100, and a search "
        "{search} times.",
        **values,
    ) if is_better else msg(
        "It searches among its questions: tried on phrasings that it had not seen ({n}), it "
        "finds the right answer {search} times out of 100, and a classifier, {classifier} times, "
        "is not surely better.",
        **values,
    )  # fmt: skip
    spent_s = round(time.process_time() - started_cpu, 2)
    return Switch(is_better, reason, search_right, classifier_right, len(both), chance, spent_s)


def _search_is_right(learned: Sequence[Row], judged: Sequence[Row], language: str) -> list[bool]:
    asked: dict[str, list[str]] = {}
    for row in learned:
        asked.setdefault(row.label, []).append(row.text)
    labels = list(asked)
    search = index([Entry(texts, None) for texts in asked.values()], language)
    return [labels[search.best(search.question(row.text), 1)[0].at] == row.label for row in judged]


def _classifier_is_right(learned: Sequence[Row], judged: Sequence[Row], seed: int) -> list[bool]:
    parts = learn([row.text for row in learned], [row.label for row in learned], seed)
    classifier = NgramClassifier(parts)
    return [parts.labels[int(classifier.margins(row.text).argmax())] == row.label for row in judged]

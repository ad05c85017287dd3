"""What an examination says of any kind that learns from tables: the saved model, as it is served,
on texts that nothing was fitted on."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import cycle, islice
from typing import Any, Protocol, TypeVar

import numpy as np

from etabli.engine.runtimes import MAX_CHARACTERS
from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.rows import same_text_key
from etabli.foundation.proportions import wilson_interval

MIN_TIMED = 500
TOLD = 25
"""How often each half of an examination tells how far it is."""
MAX_MISTAKES = 200
CALIBRATION_BINS = 15
MIN_TEXTS_EXAMINED = 10
"""Different texts under which no figure is given: near-duplicates count as one."""
CURVE = (*(round(0.05 * step, 2) for step in range(20)), 0.98, 0.99)

Tell = Callable[[float], None]
"""Hears how far an examination is, from 0 to 1, and never while an answer is timed."""


class Timed(Protocol):
    """An answer, and what it took."""

    @property
    def latency_ms(self) -> float: ...

    @property
    def cpu_s(self) -> float: ...


A = TypeVar("A")


def answers_to(answer: Callable[[str], A], rows: Sequence[Row], tell: Tell) -> list[A]:
    """One a row, in their order: the first half of an examination; the other is `speed`."""
    answers: list[A] = []
    for row in rows:
        answers.append(answer(row.text[:MAX_CHARACTERS]))
        if len(answers) % max(1, len(rows) // TOLD) == 0:
            tell(len(answers) / len(rows) / 2)
    return answers


def accuracy(
    right: Sequence[bool], test: Sequence[Row], train: Sequence[Row], groups: Groups
) -> dict[str, Any]:
    """How often it is right on all of `test`, as it was given, with the interval; and on
    `unlike_training`, the part of it that says nothing that was learned already."""
    places = [groups[same_text_key(row.text)] for row in test]
    learned = {groups[same_text_key(row.text)] for row in train}
    unlike = [at for at, place in enumerate(places) if place not in learned]
    texts = len({places[at] for at in unlike})
    share = sum(right) / len(right)
    low, high = wilson_interval(share, effective_size(right, places))
    return {
        "value": share,
        "low": low,
        "high": high,
        "level": 0.95,
        "method": "Wilson",
        "texts": texts,
        "is_too_small": texts < MIN_TEXTS_EXAMINED,
        "unlike_training": {
            "rows": len(unlike),
            "value": sum(right[at] for at in unlike) / len(unlike) if unlike else None,
        },
    }


def effective_size(right: Sequence[bool], places: Sequence[int]) -> float:
    """How many independent rows say as much as these, of which some say nearly the same.

    Between the number of groups (each is wholly right or wholly wrong) and the number of rows.
    Source: the design effect of a cluster sample (Kish 1965; Korn and Graubard 1998).

    Args:
        places: of each row, the number of its group of near-duplicates.
    """
    total = len(right)
    share = sum(right) / total
    surplus: dict[int, float] = defaultdict(float)
    for is_right, place in zip(right, places, strict=True):
        surplus[place] += is_right - share
    variance = sum(value * value for value in surplus.values()) / total**2
    if variance == 0:  # all right or all wrong: nothing says how alike a group's answers are
        return len(surplus)
    return min(max(share * (1 - share) / variance, len(surplus)), total)


def calibration_error(certainties: Sequence[float], right: Sequence[bool]) -> float:
    """Mean distance between the certainty announced and the share right, over equal bins."""
    bins: dict[int, list[int]] = {}
    for at, certainty in enumerate(certainties):
        place = min(int(certainty * CALIBRATION_BINS), CALIBRATION_BINS - 1)
        bins.setdefault(place, []).append(at)
    gaps = (
        abs(sum(certainties[at] for at in same) - sum(right[at] for at in same))
        for same in bins.values()
    )
    return sum(gaps) / len(right)


def coverage(certainties: Sequence[float], right: Sequence[bool]) -> list[dict[str, float]]:
    """Under each threshold: the share answered, and the share right among these.

    Ends where nothing is answered any more.
    """
    points: list[dict[str, float]] = []
    for threshold in CURVE:
        answered = [at for at, certainty in enumerate(certainties) if certainty >= threshold]
        if answered:
            share_right = sum(right[at] for at in answered) / len(answered)
            share = len(answered) / len(right)
            points.append({"threshold": threshold, "answered": share, "right": share_right})
    return points


def speed(answer: Callable[[str], Timed], test: Sequence[Row], tell: Tell) -> dict[str, float]:
    """One question after the other, as they come; all test texts, or 500 when there are fewer."""
    count = max(MIN_TIMED, len(test))
    answers: list[Timed] = []
    for row in islice(cycle(test), count):
        answers.append(answer(row.text[:MAX_CHARACTERS]))
        if len(answers) % max(1, count // TOLD) == 0:
            tell(0.5 + len(answers) / count / 2)
    latencies = np.array([one.latency_ms for one in answers])
    return {
        "questions": len(answers),
        "p50_ms": float(np.quantile(latencies, 0.5)),
        "p99_ms": float(np.quantile(latencies, 0.99)),
        "cpu_s_per_answer": sum(one.cpu_s for one in answers) / len(answers),
    }

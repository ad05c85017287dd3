"""Models beside each other, on the same examples: what each makes of them, and what that costs."""

import csv
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from etabli.engine_contract.inference import Decision
from etabli.features.git import Snapshot
from etabli.features.serving.errors import NoExaminationError
from etabli.features.serving.models import LONGEST_QUESTION, Answer
from etabli.foundation.proportions import mcnemar, wilson_interval

EXAMINATION_FILE = "test.csv"
LARGEST_EXAMINATION_BYTES = 20_000_000
MAX_EXAMPLES = 1_000
MIN_EXAMPLES = 20
"""Under these, no share says anything."""
MIN_MODELS = 2
MAX_MODELS = 4
_SEED = 0


@dataclass(frozen=True)
class Example:
    text: str
    label: str


@dataclass(frozen=True)
class Examination:
    """Examples that the models are asked, drawn once and for all from a dataset's test file."""

    dataset: str
    commit: str
    examples: Sequence[Example]
    total: int
    """How many the file holds."""


@dataclass(frozen=True)
class Score:
    """What one model made of the examples."""

    model: str
    commit: str
    size_bytes: int
    known: int
    """Examples whose label the model has."""
    right: Sequence[bool]
    """Of each example, whether the model would say what the example says, by its own descriptor."""
    answered: int
    """Answered by itself: neither asked back nor left to a person."""
    answered_right: int
    p50_ms: float
    p99_ms: float
    cpu_s_per_answer: float

    @property
    def accuracy(self) -> float:
        return sum(self.right) / len(self.right)

    @property
    def interval(self) -> tuple[float, float]:
        """Where the true figure lies, with a confidence of 95 in 100 (Wilson)."""
        return wilson_interval(self.accuracy, len(self.right))

    @property
    def answered_share(self) -> float:
        return self.answered / len(self.right)

    @property
    def answered_right_share(self) -> float | None:
        return self.answered_right / self.answered if self.answered else None


@dataclass(frozen=True)
class Difference:
    """How one model differs from the first on the same examples."""

    gained: int
    """It has right what the first has wrong."""
    lost: int
    chance: float
    """Of a split as uneven as this, were both alike: McNemar's exact test."""

    @property
    def is_clear(self) -> bool:
        return self.chance <= 0.05


def read_examination(snapshot: Snapshot, dataset: str) -> Examination:
    """
    Raises:
        NoExaminationError: the dataset has no test file of texts and labels, or a very short one.
    """
    text = snapshot.find_text(EXAMINATION_FILE, LARGEST_EXAMINATION_BYTES)
    examples = _examples(text or "")
    if len(examples) < MIN_EXAMPLES:
        raise NoExaminationError(dataset, EXAMINATION_FILE, MIN_EXAMPLES)
    drawn = examples
    if len(examples) > MAX_EXAMPLES:
        drawn = random.Random(_SEED).sample(examples, MAX_EXAMPLES)  # noqa: S311 - no secret
    return Examination(dataset, snapshot.commit.sha, drawn, len(examples))


def score(
    model: str,
    commit: str,
    size_bytes: int,
    labels: Sequence[str],
    examples: Sequence[Example],
    answers: Sequence[Answer],
) -> Score:
    """Of as many answers as there are examples, in their order."""
    right = [
        answer.runtime.is_right([one.label for one in answer.predicted], example.label)
        for example, answer in zip(examples, answers, strict=True)
    ]
    spoken = [
        is_right
        for is_right, answer in zip(right, answers, strict=True)
        if answer.decision is Decision.ANSWER
    ]
    times_ms = sorted(answer.cost.latency_ms for answer in answers)
    known = set(labels)
    return Score(
        model=model,
        commit=commit,
        size_bytes=size_bytes,
        known=sum(
            answer.runtime.knows(known, example.label)
            for example, answer in zip(examples, answers, strict=True)
        ),
        right=right,
        answered=len(spoken),
        answered_right=sum(spoken),
        p50_ms=percentile(times_ms, 0.5),
        p99_ms=percentile(times_ms, 0.99),
        cpu_s_per_answer=sum(answer.cost.cpu_s for answer in answers) / len(answers),
    )


def difference(first: Score, other: Score) -> Difference:
    """Of two scores on the same examples."""
    return difference_of(first.right, other.right)


def difference_of(first: Sequence[bool], other: Sequence[bool]) -> Difference:
    """Of what two models had right of the same examples."""
    pairs = list(zip(first, other, strict=True))
    gained = sum(theirs and not ours for ours, theirs in pairs)
    lost = sum(ours and not theirs for ours, theirs in pairs)
    return Difference(gained, lost, mcnemar(gained, lost))


def percentile(ordered: Sequence[float], share: float) -> float:
    """Of values in their order, the one that so large a share is not above."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def _examples(text: str) -> list[Example]:
    try:
        rows = csv.DictReader(io.StringIO(text))
        return [
            Example(row["text"], row["label"])
            for row in rows
            if row.get("text", "").strip() and row.get("label") and _fits(row["text"])
        ]
    except (csv.Error, AttributeError):
        return []


def _fits(text: str) -> bool:
    return len(text) <= LONGEST_QUESTION

"""What a recipe measured of the model that it made: `result.json` of a run, `eval.json` of a model.

The engine writes these files, and anybody may write the published one: each field is checked when
it is read, and what is not named here or by a kind is left aside. Shares go from 0 to 1.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg

SMALL_EXAM = 200
"""Examined texts under which the examination is called small."""

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Label = Annotated[str, Field(max_length=500)]
LongText = Annotated[str, Field(max_length=5000)]


class UnreadableEvaluationError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg("What is written of how good this model is cannot be read: examine it again.")
        )


class Part(BaseModel):
    """A part of an evaluation."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def read(cls, said: Mapping[str, Any] | str | bytes) -> Self:
        """
        Raises:
            UnreadableEvaluationError: a field is missing, or is what it cannot be.
        """
        try:
            if isinstance(said, str | bytes):
                return cls.model_validate_json(said)
            return cls.model_validate(said)
        except ValidationError as error:
            raise UnreadableEvaluationError from error


class OfLabel(Part):
    """How well one label is found: `precision` of those said, `recall` of those that are there."""

    label: Label
    precision: Share
    recall: Share
    f1: Share
    support: Count
    """Examined texts that have it."""


class Placed(Part):
    """Of questions asked: where the right answer stood among those found."""

    questions: Count
    first: Share
    low: Share
    high: Share
    three: Share
    """First, second or third."""
    too_small: bool = False
    """Too few questions for a figure."""


class Missed(Part):
    """A question of which something else was found first."""

    question: LongText
    expected: LongText
    found: LongText


class Unlike(Part):
    """The part of an examination that no text to learn from nearly repeats."""

    rows: Count
    value: Share | None = None


class Accuracy(Part):
    value: Share
    low: Share
    high: Share
    level: Share = 0.95
    method: str = ""
    texts: Count | None = None
    """How many different texts it was examined on: near-duplicates count as one."""
    is_too_small: bool = False
    """Too few different texts for a figure."""
    unlike_training: Unlike | None = None


class Decided(Part):
    """Of one decision: how often it was taken, and how often rightly."""

    share: Share
    right_share: Share | None = None
    offered_right_share: Share | None = None


class Speed(Part):
    p50_ms: Amount
    p99_ms: Amount
    cpu_s_per_answer: Amount


class Training(Part):
    wall_s: Amount
    cpu_s: Amount
    peak_rss_mb: Amount | None = None


class Data(Part):
    n_train: Count
    n_test: Annotated[int, Field(ge=1)]
    test_split: str = ""
    """`official` where a test file was given, `held_out` otherwise."""


class Point(Part):
    """Under one threshold: what would be answered, and how much of that rightly."""

    threshold: Share
    answered: Share
    right: Share | None = None


class Exam(Part):
    """What every kind says of an examination."""

    coverage: Sequence[Point] = ()
    """Of a kind that may leave a text to a person: under rising thresholds; else none."""
    speed: Speed
    data: Data
    training: Training
    recipe: str = ""
    seed: int | None = None
    versions: Mapping[str, Any] = {}

    @property
    def hard_texts(self) -> Sequence[str]:
        """Some that it was examined on and got wrong, the one it was least sure of last."""
        return ()

    @property
    def is_small(self) -> bool:
        return self.data.n_test < SMALL_EXAM

    @property
    def own_threshold(self) -> float:
        """That which the model was given when it was made."""
        return 0.0

    def point(self, threshold: float | None) -> Point | None:
        """The point of the curve nearest to a threshold; by default, to the model's own."""
        wanted = self.own_threshold if threshold is None else threshold
        return min(self.coverage, key=lambda point: abs(point.threshold - wanted), default=None)


class Thresholds(Part):
    answer_probability: Share


class Unknown(Part):
    """What became of questions about subjects that were hidden from a copy of the model."""

    hidden_labels: Count
    questions: Count
    decisions: Mapping[str, Share]


class LabelledExam(Exam):
    """Of every kind that says labels: each text has a right answer, one label or several."""

    accuracy: Accuracy
    """How often all that it says of a text is right."""
    baseline_accuracy: Share
    """The same, of who always says the commonest answer."""
    macro_f1: Share
    decisions: Mapping[str, Decided] = {}
    per_class: Sequence[OfLabel] = ()
    thresholds: Thresholds | None = None
    unknown_subjects: Unknown | None = None

    @property
    def own_threshold(self) -> float:
        return self.thresholds.answer_probability if self.thresholds else 0.0

    @property
    def right_of_100(self) -> int:
        """Rounded, but never to a perfection that was not reached."""
        return 100 if self.accuracy.value == 1 else min(99, round(100 * self.accuracy.value))

    @property
    def has_figure(self) -> bool:
        """Whether enough different texts were examined to say a figure."""
        return not self.accuracy.is_too_small

    @property
    def right_count(self) -> int:
        return self.data.n_test - self.mistake_count

    @property
    def like_training(self) -> int:
        """Messages of the examination that a text to learn from nearly repeats."""
        unlike = self.accuracy.unlike_training
        return max(0, self.data.n_test - unlike.rows) if unlike else 0

    @property
    def mistake_count(self) -> int:
        return round((1 - self.accuracy.value) * self.data.n_test)

    @property
    def has_learned(self) -> bool:
        """Whether it surely does better than always giving the commonest label."""
        return self.accuracy.low > self.baseline_accuracy

    @property
    def worst_labels(self) -> Sequence[OfLabel]:
        return sorted(self.per_class, key=lambda one: one.f1)

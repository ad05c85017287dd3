"""What is measured of a model that says one label for a text."""

from collections.abc import Mapping, Sequence

from etabli.engine_contract.evaluation import (
    Count,
    Exam,
    Label,
    LongText,
    OfLabel,
    Part,
    Share,
)


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


class Point(Part):
    """Under one threshold: what would be answered, and how much of that rightly."""

    threshold: Share
    answered: Share
    right: Share | None = None


class Confusion(Part):
    true: Label
    predicted: Label
    count: Count


class Mistake(Part):
    text: LongText
    true: Label
    predicted: Label
    probability: Share


class Thresholds(Part):
    answer_probability: Share


class Unknown(Part):
    """What became of questions about subjects that were hidden from a copy of the model."""

    hidden_labels: Count
    questions: Count
    decisions: Mapping[str, Share]


class TextClassificationExam(Exam):
    """See the recipe's `train.py`."""

    accuracy: Accuracy
    macro_f1: Share
    baseline_accuracy: Share
    decisions: Mapping[str, Decided] = {}
    coverage: Sequence[Point] = ()
    per_class: Sequence[OfLabel] = ()
    confusions: Sequence[Confusion] = ()
    mistakes: Sequence[Mistake] = ()
    thresholds: Thresholds | None = None
    unknown_subjects: Unknown | None = None

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

    def point(self, threshold: float | None) -> Point | None:
        """The point of the curve nearest to a threshold; by default, to the model's own."""
        if not self.coverage:
            return None
        wanted = threshold
        if wanted is None:
            wanted = self.thresholds.answer_probability if self.thresholds else 0.0
        return min(self.coverage, key=lambda point: abs(point.threshold - wanted))

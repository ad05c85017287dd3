"""What is measured of a model that says one label for a text."""

from collections.abc import Mapping, Sequence

from etabli.engine_contract.evaluation import (
    Accuracy,
    Count,
    Decided,
    Exam,
    Label,
    LongText,
    OfLabel,
    Part,
    Share,
)


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
    per_class: Sequence[OfLabel] = ()
    confusions: Sequence[Confusion] = ()
    mistakes: Sequence[Mistake] = ()
    thresholds: Thresholds | None = None
    unknown_subjects: Unknown | None = None

    @property
    def hard_texts(self) -> Sequence[str]:
        return [mistake.text for mistake in self.mistakes]

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

"""What is measured of a model that says every label that fits a text."""

from collections.abc import Sequence

from etabli.engine_contract.evaluation import (
    Amount,
    Count,
    Label,
    LabelledExam,
    LongText,
    OfLabel,
    Part,
    Share,
)


class OfOneOfSeveral(OfLabel):
    """With the intervals of both shares, at a confidence of 95 in 100 (Wilson)."""

    said: Count
    """Examined texts of which it says it."""
    recall_low: Share
    recall_high: Share
    precision_low: Share
    precision_high: Share


class Micro(Part):
    """Of all labels together: each that is there, or is said, counts once."""

    precision: Share
    recall: Share
    f1: Share


class FewRows(Part):
    label: Label
    rows: Count


class Mistake(Part):
    text: LongText
    true: Sequence[Label]
    predicted: Sequence[Label]
    probability: Share

    @property
    def missing(self) -> Sequence[str]:
        return [label for label in self.true if label not in self.predicted]

    @property
    def surplus(self) -> Sequence[str]:
        return [label for label in self.predicted if label not in self.true]


class MultilabelExam(LabelledExam):
    """See the recipe's `train.py`. `accuracy` is how often all that it says is right: the share of
    texts of which nothing is missing and nothing too much."""

    micro: Micro
    per_class: Sequence[OfOneOfSeveral] = ()
    unexamined: Sequence[Label] = ()
    """Labels that no text of the examination has."""
    few: Sequence[FewRows] = ()
    """Labels that were learned from few texts."""
    labels_a_text: Amount = 0.0
    mistakes: Sequence[Mistake] = ()

    @property
    def hard_texts(self) -> Sequence[str]:
        return [mistake.text for mistake in self.mistakes]

    @property
    def worst_labels(self) -> Sequence[OfOneOfSeveral]:
        return sorted(self.per_class, key=lambda one: one.f1)

"""What is measured of a model that says one label for a text."""

from collections.abc import Sequence

from etabli.engine_contract.evaluation import Count, Label, LabelledExam, LongText, Part, Share


class Confusion(Part):
    true: Label
    predicted: Label
    count: Count


class Mistake(Part):
    text: LongText
    true: Label
    predicted: Label
    probability: Share


class TextClassificationExam(LabelledExam):
    """See the recipe's `train.py`."""

    confusions: Sequence[Confusion] = ()
    mistakes: Sequence[Mistake] = ()

    @property
    def hard_texts(self) -> Sequence[str]:
        return [mistake.text for mistake in self.mistakes]

"""What is measured of a model that answers with quotes of documents."""

from collections.abc import Mapping, Sequence

from etabli.engine_contract.evaluation import Count, Exam, Missed, Part, Placed, Share


class Refusing(Part):
    """How often it answers: where the documents say it, and where the document was left out."""

    answered_there: Share
    answered_gone: Share


class Thresholds(Part):
    answer_probability: Share
    is_learned: bool = True


class QuestionAnsweringExam(Exam):
    """See the recipe's `train.py`."""

    made: Placed
    """On questions made from the documents: easier than people's."""
    of_headings: Placed | None = None
    """Those of them that are a heading, which was hidden."""
    asked: Placed | None = None
    """On the questions that somebody gave, with where the answer stands."""
    asked_refused: Placed | None = None
    """Of those given of which the documents say nothing: `first` is how many it refused."""
    refusing: Refusing
    mistakes: Sequence[Missed] = ()
    thresholds: Thresholds
    documents: Count
    kinds: Mapping[str, Count] = {}

    @property
    def placed(self) -> Placed:
        """The best that there is to judge it by."""
        return self.asked or self.made

    @property
    def is_of_people(self) -> bool:
        return self.asked is not None

    @property
    def has_figure(self) -> bool:
        return not self.placed.too_small

    @property
    def own_threshold(self) -> float:
        return self.thresholds.answer_probability

    @property
    def hard_texts(self) -> Sequence[str]:
        return [one.question for one in self.mistakes]

"""What is measured of a model that replies with the answers of a FAQ."""

from collections.abc import Mapping, Sequence
from typing import Any

from etabli.engine_contract.evaluation import Count, Exam, Missed, Part, Placed, Share


class Deciding(Part):
    """Of questions asked: what became of them."""

    answered: Share
    right: Share | None = None
    """Of those answered."""
    asked_back: Share
    """“Did you mean A or B?”"""
    offered_right: Share | None = None
    """Of those asked back, how often the right answer was offered."""
    refused: Share


class Thresholds(Part):
    answer_probability: Share
    clear_lead: Share
    is_learned: bool = True


class FaqExam(Exam):
    """See the recipe's `train.py`."""

    phrasings: Placed | None = None
    """On phrasings of the table, each hidden while it was asked."""
    made: Placed | None = None
    """On questions made by rule from those of the table: easier than people's."""
    asked: Placed | None = None
    """On the questions of people that were brought to examine with."""
    asked_refused: Placed | None = None
    """Of those that have no answer: `first` is how many it refused."""
    there: Deciding
    """What became of the questions that it is judged by."""
    gone: Deciding
    """Of the same, while their answer was left out: all should be refused."""
    mistakes: Sequence[Missed] = ()
    thresholds: Thresholds
    answers: Count
    questions: Count
    """Of the table: phrasings."""
    switch: Mapping[str, Any] = {}
    """Why it is a search and no classifier."""

    @property
    def placed(self) -> Placed:
        """The best that there is to judge it by; the last where all are too few."""
        them = [one for one in (self.asked, self.phrasings, self.made) if one is not None]
        return next((one for one in them if not one.too_small), them[-1] if them else NOTHING)

    @property
    def is_of_people(self) -> bool:
        """Whether people wrote what it is judged by."""
        return self.has_figure and self.placed is not self.made

    @property
    def is_brought(self) -> bool:
        """Whether it is judged by questions that were brought for it."""
        return self.has_figure and self.placed is self.asked

    @property
    def has_figure(self) -> bool:
        return not self.placed.too_small

    @property
    def own_threshold(self) -> float:
        return self.thresholds.answer_probability

    @property
    def hard_texts(self) -> Sequence[str]:
        """None that was made by rule: it is no message to try."""
        return [one.question for one in self.mistakes] if self.is_of_people else []


NOTHING = Placed(questions=0, first=0, low=0, high=1, three=0, too_small=True)

"""When to quote, and when to say that the documents do not say: learned from made questions.

Each is asked twice: with its document there, where the right passage may be found; and with its
document left out, where nothing is right. What tells the two apart is learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from etabli.engine.recipes.believing import fit_belief, fixed_belief
from etabli.engine.recipes.question_answering.questions import MadeQuestion
from etabli.engine.runtimes.belief import Belief
from etabli.engine.runtimes.retriever import Found, Retriever

FEWEST_QUESTIONS = 20
"""Under which nothing is learned, and a fixed rule stands: half of what was asked is there."""
RIGHT_AMONG = 3


@dataclass(frozen=True)
class Trial:
    """What a question found."""

    question: MadeQuestion
    there: Sequence[Found]
    """With everything there, the likeliest first."""
    gone: Found
    """With its document left out: whatever is found is wrong."""

    @property
    def is_first(self) -> bool:
        return self.there[0].at in self.question.right

    @property
    def is_among(self) -> bool:
        return any(found.at in self.question.right for found in self.there)


def try_out(
    retriever: Retriever, questions: Sequence[MadeQuestion], apart: Sequence[int]
) -> list[Trial]:
    members: dict[int, list[int]] = {}
    for at, part in enumerate(apart):
        members.setdefault(part, []).append(at)
    trials = []
    for made in questions:
        question = retriever.question(made.text)
        there = retriever.best(question, RIGHT_AMONG, instead=made.instead)
        left_out = {at for part in {apart[one] for one in made.right} for at in members[part]}
        [gone] = retriever.best(question, 1, instead=made.instead, without=left_out)
        trials.append(Trial(made, there, gone))
    return trials


def learn_belief(trials: Sequence[Trial], signs: int) -> Belief:
    rows = [(trial.there[0].signs, trial.is_among) for trial in trials]
    rows += [(trial.gone.signs, False) for trial in trials]
    if len(trials) < FEWEST_QUESTIONS or not any(is_right for _, is_right in rows):
        return fixed_belief(signs)
    return fit_belief(rows)

"""When to quote, and when to say that the documents do not say: learned from made questions.

Each is asked twice: with its document there, where the right passage may be found; and with its
document left out, where nothing is right. What tells the two apart is learned.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from etabli.engine.recipes.question_answering.questions import MadeQuestion
from etabli.engine.runtimes.retriever import Belief, Found, Retriever

FEWEST_QUESTIONS = 20
"""Under which nothing is learned, and a fixed rule stands: half of what was asked is there."""
RIGHT_AMONG = 3
STRENGTH = 1.0
"""Of scikit-learn's regularisation (C)."""


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


def fixed_belief(signs: int) -> Belief:
    return Belief((10.0, *[0.0] * (signs - 1)), -5.0, 0.5)


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
    """By logistic regression on the signs; the threshold keeps the most right answers for the
    fewest wrong ones (Youden 1950)."""
    rows = [(trial.there[0].signs, trial.is_among) for trial in trials]
    rows += [(trial.gone.signs, False) for trial in trials]
    rights = sum(is_right for _, is_right in rows)
    if len(trials) < FEWEST_QUESTIONS or not rights:
        return fixed_belief(signs)
    samples = np.array([signs for signs, _ in rows])
    labels = np.array([is_right for _, is_right in rows])
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit(samples, labels)
    belief = Belief(model.coef_[0].tolist(), float(model.intercept_[0]), 0.5)
    believed = np.array([belief.probability(signs) for signs, _ in rows])
    return Belief(belief.weights, belief.bias, _threshold(believed, labels))


def _threshold(believed: np.ndarray, is_right: np.ndarray) -> float:
    steps = np.round(np.arange(0.05, 0.96, 0.05), 2)
    kept = [(believed[is_right] >= step).mean() - (believed[~is_right] >= step).mean()
            for step in steps]  # fmt: skip
    return float(steps[int(np.argmax(kept))])

"""When to answer, when to ask back, and when to say that nothing fits: learned from trials.

Each question is asked twice: with its answer there, and with its answer left out, where whatever is
found is wrong. What tells the two apart is learned; and how far the next answer must be behind for
the first to be right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from etabli.engine.recipes.believing import fit_belief, fixed_belief
from etabli.engine.recipes.faq.questions import Asked, Kind
from etabli.engine.runtimes.belief import Belief
from etabli.engine.runtimes.faq import MAX_OFFERED, SIGNS, FaqRetriever, Found

FEWEST_QUESTIONS = 20
"""Under which nothing is learned: half of what was asked must be there."""
USUAL_LEAD = 0.1
LEADS = (0.0, 0.02, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3)
RIGHT_SHARE_WANTED = 0.95
FEWEST_ANSWERED = 10


@dataclass(frozen=True)
class Trial:
    """What a question found."""

    asked: Asked
    there: Sequence[Found]
    """The likeliest first."""
    gone: Sequence[Found]
    """With its answer left out."""

    @property
    def is_first(self) -> bool:
        return self.there[0].at == self.asked.entry

    @property
    def is_among(self) -> bool:
        return any(one.at == self.asked.entry for one in self.there)

    @property
    def lead(self) -> float:
        best, after = (self.there[0].score, self.there[1].score if len(self.there) > 1 else 0.0)
        return (best - max(0.0, after)) / best if best > 0 else 0.0


def try_out(retriever: FaqRetriever, questions: Sequence[Asked]) -> list[Trial]:
    trials = []
    for asked in questions:
        question = retriever.question(asked.text)
        there = retriever.best(question, MAX_OFFERED, hidden=asked.hidden)
        gone = retriever.best(question, MAX_OFFERED, hidden=asked.hidden, without=[asked.entry])
        trials.append(Trial(asked, there, gone))
    return trials


@dataclass(frozen=True)
class Learned:
    belief: Belief
    clear_lead: float
    is_learned: bool = True

    def put_into(self, retriever: FaqRetriever) -> FaqRetriever:
        parts = replace(retriever.parts, belief=self.belief, clear_lead=self.clear_lead)
        return FaqRetriever(parts)


NOTHING_LEARNED = Learned(fixed_belief(SIGNS), USUAL_LEAD, is_learned=False)


def learn(trials: Sequence[Trial]) -> Learned:
    rows = [(one.there[0].signs, one.is_among) for one in trials]
    rows += [(one.gone[0].signs, False) for one in trials]
    if len(trials) < FEWEST_QUESTIONS or not any(is_right for _, is_right in rows):
        return NOTHING_LEARNED
    belief = fit_belief(rows)
    lead = _clear_lead(trials, belief)
    if any(one.asked.kind is Kind.MADE for one in trials):  # easier than people's: too bold
        lead = max(lead, USUAL_LEAD)
    return Learned(belief, lead)


def _clear_lead(trials: Sequence[Trial], belief: Belief) -> float:
    """The smallest from which on the first is right often enough; else that which comes nearest."""
    passed = [one for one in trials
              if belief.probability(one.there[0].signs) >= belief.answer_probability]  # fmt: skip
    best, best_share = USUAL_LEAD, -1.0
    for lead in LEADS:
        answered = [one for one in passed if one.lead >= lead]
        if len(answered) < FEWEST_ANSWERED:
            break
        right = sum(one.is_first for one in answered) / len(answered)
        if right >= RIGHT_SHARE_WANTED:
            return lead
        if right > best_share:
            best, best_share = lead, right
    return best

"""A model of words and letters that says every label that fits a text, even none."""

from collections.abc import Collection, Mapping, Sequence

from etabli.engine_contract.inference import Decision
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.runtimes.ngram import OUTSIDE, UNSURE
from etabli.features.serving.runtimes.runtime import Runtime, Situation
from etabli.foundation.i18n.messages import Message, msg

BETWEEN = "|"
"""Between the labels of a text, as they are written in one cell of a table."""

TITLES: Mapping[Decision, Message] = {
    Decision.ANSWER: msg("It answers by itself"),
    Decision.OUTSIDE: msg("Outside its subjects"),
    Decision.HUMAN: msg("It leaves this to a person"),
}
SITUATIONS: Mapping[Decision, Situation] = {
    Decision.OUTSIDE: Situation(msg("When the message is outside its subjects"), OUTSIDE),
    Decision.HUMAN: Situation(msg("When it is not sure enough"), UNSURE),
}


class Multilabel(Runtime):
    name = "etabli-multilabel"
    titles, situations = TITLES, SITUATIONS

    def reply(
        self, decision: Decision, said: Sequence[Candidate], candidates: Sequence[Candidate]
    ) -> Message:
        if decision is Decision.OUTSIDE:
            return OUTSIDE
        if decision is not Decision.ANSWER:
            return UNSURE
        if not said:
            return msg("None of my subjects fits this.")
        return msg("This is about: {subject}.", subject=", ".join(one.subject for one in said))

    def judgement(self, decision: Decision, said: Sequence[Candidate], certainty: float) -> Message:
        if decision is Decision.OUTSIDE:  # how sure it would be inside says nothing here
            return msg("outside its subjects")
        percent = f"{100 * certainty:.0f}"
        if not said:
            return msg("no label, {percent} % sure", percent=percent)
        label = " + ".join(one.label for one in said)
        return msg("{label}, {percent} % sure", label=label, percent=percent)

    def written(self, labels: Sequence[str]) -> str:
        return BETWEEN.join(sorted(labels))

    def is_right(self, labels: Sequence[str], cell: str) -> bool:
        """In whatever order."""
        return set(labels) == _labels_in(cell)

    def knows(self, labels: Collection[str], cell: str) -> bool:
        return _labels_in(cell) <= set(labels)


def _labels_in(cell: str) -> set[str]:
    return {label.strip() for label in cell.split(BETWEEN) if label.strip()}

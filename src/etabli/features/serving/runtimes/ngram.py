"""A model of words and letters: it says one label for a text, or hands over."""

from collections.abc import Mapping, Sequence

from etabli.engine_contract.inference import Decision
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.runtimes.runtime import Runtime, Situation
from etabli.foundation.i18n.messages import Message, msg

MAX_READINGS = 3
"""Named when it asks which one is meant."""


TITLES: Mapping[Decision, Message] = {
    Decision.ANSWER: msg("It answers by itself"),
    Decision.CLARIFY: msg("It asks what is meant"),
    Decision.OUTSIDE: msg("Outside its subjects"),
    Decision.HUMAN: msg("It leaves this to a person"),
}

OUTSIDE = msg("This is outside what I was made for. A person can help you.")
UNSURE = msg("I am not sure enough to answer. A person should read this.")
SITUATIONS: Mapping[Decision, Situation] = {
    Decision.CLARIFY: Situation(
        msg("When two or three subjects are likely"), msg("Which one do you mean?")
    ),
    Decision.OUTSIDE: Situation(msg("When the message is outside its subjects"), OUTSIDE),
    Decision.HUMAN: Situation(msg("When it is not sure enough"), UNSURE),
}


class Ngram(Runtime):
    name = "etabli-ngram"
    titles, situations = TITLES, SITUATIONS

    def reply(
        self, decision: Decision, said: Sequence[Candidate], candidates: Sequence[Candidate]
    ) -> Message:
        match decision:
            case Decision.ANSWER:
                return msg("This is about: {subject}.", subject=said[0].subject)
            case Decision.CLARIFY:
                subjects = " / ".join(one.subject for one in candidates[:MAX_READINGS])
                return msg("Which one do you mean: {subjects}?", subjects=subjects)
            case Decision.OUTSIDE:
                return OUTSIDE
            case Decision.HUMAN:
                return UNSURE

    def judgement(self, decision: Decision, said: Sequence[Candidate], certainty: float) -> Message:
        if decision is Decision.OUTSIDE:  # how sure it would be inside says nothing here
            return msg("outside its subjects")
        return msg(
            "{label}, {percent} % sure", label=said[0].label, percent=f"{100 * certainty:.0f}"
        )

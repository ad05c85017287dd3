"""A model of words and letters: it says one label for a text, or hands over."""

from collections.abc import Mapping, Sequence

from etabli.engine_contract.inference import Decision
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.runtimes.runtime import Runtime, Situation
from etabli.foundation.i18n.messages import Text, say

MAX_READINGS = 3
"""Named when it asks which one is meant."""


TITLES: Mapping[Decision, Text] = {
    Decision.ANSWER: say("It answers by itself"),
    Decision.CLARIFY: say("It asks what is meant"),
    Decision.OUTSIDE: say("Outside its subjects"),
    Decision.HUMAN: say("It leaves this to a person"),
}

OUTSIDE = say("This is outside what I was made for. A person can help you.")
UNSURE = say("I am not sure enough to answer. A person should read this.")
SITUATIONS: Mapping[Decision, Situation] = {
    Decision.CLARIFY: Situation(
        say("When two or three subjects are likely"), say("Which one do you mean?")
    ),
    Decision.OUTSIDE: Situation(say("When the message is outside its subjects"), OUTSIDE),
    Decision.HUMAN: Situation(say("When it is not sure enough"), UNSURE),
}


class Ngram(Runtime):
    name = "etabli-ngram"
    titles, situations = TITLES, SITUATIONS

    def reply(self, decision: Decision, candidates: Sequence[Candidate]) -> Text:
        match decision:
            case Decision.ANSWER:
                return say("This is about: {subject}.", subject=candidates[0].subject)
            case Decision.CLARIFY:
                subjects = " / ".join(one.subject for one in candidates[:MAX_READINGS])
                return say("Which one do you mean: {subjects}?", subjects=subjects)
            case Decision.OUTSIDE:
                return OUTSIDE
            case Decision.HUMAN:
                return UNSURE

    def judgement(self, decision: Decision, candidates: Sequence[Candidate]) -> Text:
        if decision is Decision.OUTSIDE:  # how sure it would be inside says nothing here
            return say("outside its subjects")
        best = candidates[0]
        return say(
            "{label}, {percent} % sure", label=best.label, percent=f"{100 * best.probability:.0f}"
        )

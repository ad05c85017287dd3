"""A model of words and letters: it says one label for a text, or hands over."""

from collections.abc import Mapping, Sequence

from etabli.engine_contract.inference import Decision
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.runtimes.runtime import Runtime
from etabli.foundation.i18n.messages import Text, say

MAX_READINGS = 3
"""Named when it asks which one is meant."""


TITLES: Mapping[Decision, Text] = {
    Decision.ANSWER: say("It answers by itself"),
    Decision.CLARIFY: say("It asks what is meant"),
    Decision.OUTSIDE: say("Outside its subjects"),
    Decision.HUMAN: say("It leaves this to a person"),
}


class Ngram(Runtime):
    name = "etabli-ngram"
    titles = TITLES

    def reply(self, decision: Decision, candidates: Sequence[Candidate]) -> Text:
        match decision:
            case Decision.ANSWER:
                return say("This is about: {subject}.", subject=candidates[0].subject)
            case Decision.CLARIFY:
                subjects = " / ".join(one.subject for one in candidates[:MAX_READINGS])
                return say("Which one do you mean: {subjects}?", subjects=subjects)
            case Decision.OUTSIDE:
                return say("This is outside what I was made for. A person can help you.")
            case Decision.HUMAN:
                return say("I am not sure enough to answer. A person should read this.")

    def judgement(self, decision: Decision, candidates: Sequence[Candidate]) -> Text:
        if decision is Decision.OUTSIDE:  # how sure it would be inside says nothing here
            return say("outside its subjects")
        best = candidates[0]
        return say(
            "{label}, {percent} % sure", label=best.label, percent=f"{100 * best.probability:.0f}"
        )

"""A model that answers with quotes of documents, or says that they do not say."""

from collections.abc import Mapping, Sequence

from etabli.engine_contract.inference import Decision
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.runtimes.runtime import Runtime, Situation
from etabli.foundation.i18n.messages import Message, msg

SILENT = msg("The documents do not say.")
TITLES: Mapping[Decision, Message] = {
    Decision.ANSWER: msg("It quotes"),
    Decision.CLARIFY: msg("It asks what is meant"),
    Decision.OUTSIDE: msg("The documents do not say"),
    Decision.HUMAN: msg("It leaves this to a person"),
}
SITUATIONS: Mapping[Decision, Situation] = {
    Decision.OUTSIDE: Situation(msg("When the documents do not say"), SILENT),
}


class Retriever(Runtime):
    name = "etabli-retriever"
    titles, situations = TITLES, SITUATIONS
    replies_itself = quotes = True

    def reply(
        self, decision: Decision, said: Sequence[Candidate], candidates: Sequence[Candidate]
    ) -> Message:
        if decision is Decision.ANSWER:  # a quote is said as it is: only where one is missing
            return msg("This is about: {subject}.", subject=said[0].subject)
        return SILENT

    def judgement(self, decision: Decision, said: Sequence[Candidate], certainty: float) -> Message:
        if decision is Decision.OUTSIDE:
            return msg("the documents do not say")
        return msg(
            "{label}, {percent} % sure",
            label=said[0].label,
            percent=f"{100 * certainty:.0f}",
        )

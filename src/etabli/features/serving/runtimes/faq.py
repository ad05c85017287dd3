"""A model that replies with the answers of a FAQ, asks which question is meant, or hands over."""

from collections.abc import Mapping, Sequence

from etabli.engine_contract.inference import Decision
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.runtimes.runtime import Runtime, Situation
from etabli.foundation.i18n.messages import Message, msg

MAX_READINGS = 3
NOTHING_FITS = msg("None of the answers that I know fits this. A person can help you.")
ASK_WHICH = msg("Which of these do you mean?")
TITLES: Mapping[Decision, Message] = {
    Decision.ANSWER: msg("It has an answer"),
    Decision.CLARIFY: msg("It asks what is meant"),
    Decision.OUTSIDE: msg("No answer fits"),
    Decision.HUMAN: msg("It leaves this to a person"),
}
SITUATIONS: Mapping[Decision, Situation] = {
    Decision.CLARIFY: Situation(msg("When two or three questions are near"), ASK_WHICH),
    Decision.OUTSIDE: Situation(msg("When none of its answers fits"), NOTHING_FITS),
}


class Faq(Runtime):
    name = "etabli-faq"
    titles, situations = TITLES, SITUATIONS
    replies_itself = True

    def reply(
        self, decision: Decision, said: Sequence[Candidate], candidates: Sequence[Candidate]
    ) -> Message:
        match decision:
            case Decision.ANSWER:  # an answer is said as it is: only where one is missing
                return msg("This is about: {subject}.", subject=said[0].subject)
            case Decision.CLARIFY:
                return _which([one.subject for one in candidates[:MAX_READINGS]])
            case _:
                return NOTHING_FITS

    def judgement(self, decision: Decision, said: Sequence[Candidate], certainty: float) -> Message:
        if decision is Decision.OUTSIDE:
            return msg("no answer fits")
        return msg(
            "the question “{question}”, {percent} % sure",
            question=said[0].label,
            percent=f"{100 * certainty:.0f}",
        )


def _which(questions: Sequence[str]) -> Message:
    if len(questions) > 2:
        first, second, third = questions[:3]
        return msg(
            "Did you mean “{first}”, “{second}” or “{third}”?",
            first=first,
            second=second,
            third=third,
        )
    return msg("Did you mean “{first}” or “{second}”?", first=questions[0], second=questions[-1])

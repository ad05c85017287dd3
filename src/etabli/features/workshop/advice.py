"""What to do with a model, by its examination alone: use it, watch it, mend it, or leave it."""

from dataclasses import dataclass
from enum import StrEnum

from etabli.engine_contract.text_classification import TextClassificationExam
from etabli.foundation.i18n.messages import Text, say
from etabli.foundation.proportions import wilson_interval

ALONE_RIGHT, ALONE_ANSWERED = 0.9, 0.5
"""Alone: surely so often right when it answers, and answering so large a share by itself."""
ALONE_UNKNOWN = 0.25
"""Alone: of subjects it was never shown, it answers at most this share."""
WATCHED_RIGHT, WATCHED_ANSWERED = 0.75, 0.2
"""With a person, under the same two counts."""
WORST_NAMED = 3


class Use(StrEnum):
    ALONE = "alone"
    WITH_A_PERSON = "with-a-person"
    NOT_YET = "not-yet"
    CANNOT = "cannot"

    @property
    def is_ready(self) -> bool:
        """Whether publishing is the natural next step."""
        return self in (Use.ALONE, Use.WITH_A_PERSON)


@dataclass(frozen=True)
class Advice:
    use: Use
    title: Text
    reason: Text
    next_step: Text


def advise(exam: TextClassificationExam) -> Advice:
    """Why these bounds: docs/decisions/0035-what-to-do-with-a-model.md."""
    if not exam.has_figure:
        return _not_yet(
            say("Too few different texts were left to examine it."),
            say("Bring more messages, and such that differ by more than a word of politeness."),
        )
    if not exam.has_learned:
        return _cannot()
    answered = exam.decisions.get("answer")
    share = answered.share if answered else 0.0
    right = (answered.right_share if answered else None) or 0.0
    surely = wilson_interval(right, share * exam.data.n_test)[0] if share else 0.0
    figures = {"share": round(100 * share), "right": round(100 * right)}
    if surely >= ALONE_RIGHT and share >= ALONE_ANSWERED:
        return _alone_or_watched(exam, figures)
    if surely >= WATCHED_RIGHT and share >= WATCHED_ANSWERED:
        return _watched(
            say(
                "It answers {share} of 100 by itself, and is then right {right} times out of 100.",
                **figures,
            ),
            say("Let a person read its answers, or send it only what may be wrong now and then."),
        )
    return _not_yet(
        say(
            "It is sure of only {share} of 100 messages, and of these it has {right} of 100 right.",
            **figures,
        ),
        say(
            "More examples of these labels would help most: {labels}.",
            labels=", ".join(one.label for one in exam.worst_labels[:WORST_NAMED]),
        ),
    )


def _alone_or_watched(exam: TextClassificationExam, figures: dict[str, int]) -> Advice:
    unknown = exam.unknown_subjects.decisions.get("answer", 0.0) if exam.unknown_subjects else 0.0
    if unknown > ALONE_UNKNOWN:
        return _watched(
            say(
                "On its own subjects it is right {right} times out of 100 when it answers; asked "
                "about subjects that it was never shown, it still answers {unknown} of 100.",
                right=figures["right"],
                unknown=round(100 * unknown),
            ),
            say("Have a person at hand, or ask for more certainty: fewer answers, fewer mistakes."),
        )
    return Advice(
        Use.ALONE,
        say("It can work alone"),
        say(
            "It answers {share} of 100 by itself, and is then right {right} times out of 100.",
            **figures,
        ),
        say("What it is not sure of goes to a person: say how people reach one."),
    )


def _watched(reason: Text, next_step: Text) -> Advice:
    return Advice(Use.WITH_A_PERSON, say("Use it with a person"), reason, next_step)


def _not_yet(reason: Text, next_step: Text) -> Advice:
    return Advice(Use.NOT_YET, say("Not yet"), reason, next_step)


def _cannot() -> Advice:
    return Advice(
        Use.CANNOT,
        say("It cannot be learned from this table"),
        say("It is not surely better than always giving the commonest label."),
        say(
            "Have two people sort fifty messages apart. Where they do not agree, no machine can "
            "learn it: say more clearly what each label means, or take other labels."
        ),
    )

"""What to do with a model that says labels for a text, by its examination alone."""

from etabli.engine_contract.evaluation import LabelledExam
from etabli.features.workshop.advice import Advice, Use
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.proportions import wilson_interval

ALONE_RIGHT, ALONE_ANSWERED = 0.9, 0.5
"""Alone: surely so often right when it answers, and answering so large a share by itself."""
ALONE_UNKNOWN = 0.25
"""Alone: of subjects it was never shown, it answers at most this share."""
WATCHED_RIGHT, WATCHED_ANSWERED = 0.75, 0.2
"""With a person, under the same two counts."""
WORST_NAMED = 3


def advise(exam: LabelledExam) -> Advice:
    """Why these bounds: docs/decisions/0035-what-to-do-with-a-model.md."""
    if not exam.has_figure:
        return _not_yet(
            msg("Too few different texts were left to examine it."),
            msg("Bring more messages, and such that differ by more than a word of politeness."),
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
            msg(
                "It answers {share} of 100 by itself, and is then right {right} times out of 100.",
                **figures,
            ),
            msg("Let a person read its answers, or send it only what may be wrong now and then."),
        )
    return _not_yet(
        msg(
            "It is sure of only {share} of 100 messages, and of these it has {right} of 100 right.",
            **figures,
        ),
        msg(
            "More examples of these labels would help most: {labels}.",
            labels=", ".join(one.label for one in exam.worst_labels[:WORST_NAMED]),
        ),
    )


def _alone_or_watched(exam: LabelledExam, figures: dict[str, int]) -> Advice:
    unknown = exam.unknown_subjects.decisions.get("answer", 0.0) if exam.unknown_subjects else 0.0
    if unknown > ALONE_UNKNOWN:
        return _watched(
            msg(
                "On its own subjects it is right {right} times out of 100 when it answers; asked "
                "about subjects that it was never shown, it still answers {unknown} of 100.",
                right=figures["right"],
                unknown=round(100 * unknown),
            ),
            msg("Have a person at hand, or ask for more certainty: fewer answers, fewer mistakes."),
        )
    return Advice(
        Use.ALONE,
        msg("It can work alone"),
        msg(
            "It answers {share} of 100 by itself, and is then right {right} times out of 100.",
            **figures,
        ),
        msg("What it is not sure of goes to a person: say how people reach one."),
    )


def _watched(reason: Message, next_step: Message) -> Advice:
    return Advice(Use.WITH_A_PERSON, msg("Use it with a person"), reason, next_step)


def _not_yet(reason: Message, next_step: Message) -> Advice:
    return Advice(Use.NOT_YET, msg("Not yet"), reason, next_step)


def _cannot() -> Advice:
    return Advice(
        Use.CANNOT,
        msg("It cannot be learned from this table"),
        msg("It is not surely better than always giving the commonest label."),
        msg(
            "Have two people sort fifty messages apart. Where they do not agree, no machine can "
            "learn it: say more clearly what each label means, or take other labels."
        ),
    )

"""The examination: the saved model, on questions that nothing was fitted on."""

from collections.abc import Sequence
from typing import Any

from etabli.engine.recipes.placing import CURVE, placed, share, speed
from etabli.engine.recipes.question_answering.deciding import RIGHT_AMONG, Trial
from etabli.engine.recipes.question_answering.material import GivenQuestion
from etabli.engine.recipes.question_answering.questions import Kind
from etabli.engine.runtimes.retriever import Retriever

MAX_MISTAKES = 100


def examine(
    retriever: Retriever, trials: Sequence[Trial], given: Sequence[GivenQuestion]
) -> dict[str, Any]:
    limit = retriever.parts.belief.answer_probability
    answerable = [one for one in given if one.expected]
    asked = [(one, retriever.best(retriever.question(one.text), RIGHT_AMONG)) for one in answerable]
    silent = [retriever.ask(one.text, 1).answer is None for one in given if not one.expected]
    places = [[one.is_answered_by(retriever.parts.passages[f.at]) for f in found]
              for one, found in asked]  # fmt: skip
    return {
        "made": placed([(one.is_first, one.is_among) for one in trials]),
        "of_headings": placed(
            [(one.is_first, one.is_among) for one in trials if one.question.kind is Kind.HEADING]
        ),
        "asked": placed([(right[0], any(right)) for right in places]) if places else None,
        "asked_refused": placed([(one, one) for one in silent]) if silent else None,
        "refusing": {
            "answered_there": share(one.there[0].probability >= limit for one in trials),
            "answered_gone": share(one.gone.probability >= limit for one in trials),
        },
        "coverage": [_point(step, trials) for step in CURVE],
        "mistakes": _mistakes(retriever, trials, list(zip(asked, places, strict=True))),
        "speed": speed(retriever.ask, [one.question.text for one in trials]),
    }


def _point(threshold: float, trials: Sequence[Trial]) -> dict[str, Any]:
    answered = [one for one in trials if one.there[0].probability >= threshold]
    return {
        "threshold": threshold,
        "answered": len(answered) / len(trials) if trials else 0.0,
        "right": share(one.is_first for one in answered) if answered else None,
    }


def _mistakes(retriever: Retriever, trials: Sequence[Trial], asked: Any) -> list[dict[str, str]]:
    """Of people's questions where there are any: those made say less."""
    passages = retriever.parts.passages
    if asked:
        missed = [(one.text, one.expected, found[0].at) for (one, found), right in asked
                  if not right[0]]  # fmt: skip
    else:
        missed = [(one.question.text, passages[min(one.question.right)].document, one.there[0].at)
                  for one in trials if not one.is_first]  # fmt: skip
    return [
        {"question": text, "expected": expected, "found": passages[at].document}
        for text, expected, at in missed[:MAX_MISTAKES]
    ]

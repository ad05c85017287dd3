"""The examination: the saved model, on questions that nothing was fitted on."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from etabli.engine.recipes.question_answering.deciding import RIGHT_AMONG, Trial
from etabli.engine.recipes.question_answering.material import GivenQuestion
from etabli.engine.recipes.question_answering.questions import Kind
from etabli.engine.runtimes.retriever import Retriever
from etabli.foundation.proportions import wilson_interval

FEWEST = 10
"""Questions under which no figure is given."""
MAX_MISTAKES = 100
MOST_TIMED = 300
CURVE = tuple(round(0.05 * step, 2) for step in range(20))


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
            "answered_there": _share(one.there[0].probability >= limit for one in trials),
            "answered_gone": _share(one.gone.probability >= limit for one in trials),
        },
        "coverage": [_point(step, trials) for step in CURVE],
        "mistakes": _mistakes(retriever, trials, list(zip(asked, places, strict=True))),
        "speed": _speed(retriever, [one.question.text for one in trials]),
    }


def placed(rights: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    """Of (found first, found among three) a question."""
    count = len(rights)
    first = _share(one for one, _ in rights)
    low, high = wilson_interval(first, count) if count else (0.0, 1.0)
    return {
        "questions": count,
        "first": first,
        "low": low,
        "high": high,
        "three": _share(among for _, among in rights),
        "too_small": count < FEWEST,
    }


def _share(them: Any) -> float:
    held = [bool(one) for one in them]
    return sum(held) / len(held) if held else 0.0


def _point(threshold: float, trials: Sequence[Trial]) -> dict[str, Any]:
    answered = [one for one in trials if one.there[0].probability >= threshold]
    return {
        "threshold": threshold,
        "answered": len(answered) / len(trials) if trials else 0.0,
        "right": _share(one.is_first for one in answered) if answered else None,
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


def _speed(retriever: Retriever, questions: Sequence[str]) -> dict[str, float]:
    timed = [retriever.ask(text) for text in (questions or ["?"])[:MOST_TIMED]]
    times_ms = np.array([one.latency_ms for one in timed])
    return {
        "p50_ms": float(np.percentile(times_ms, 50)),
        "p99_ms": float(np.percentile(times_ms, 99)),
        "cpu_s_per_answer": sum(one.cpu_s for one in timed) / len(timed),
    }

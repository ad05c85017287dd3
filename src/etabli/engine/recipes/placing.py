"""Figures of an examination by questions: where the right answer stood, and how long each took."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from etabli.engine_contract.inference import AnswerResult
from etabli.foundation.proportions import wilson_interval

FEWEST = 10
"""Questions under which no figure is given."""
MOST_TIMED = 300
CURVE = tuple(round(0.05 * step, 2) for step in range(20))


def placed(rights: Sequence[tuple[bool, bool]]) -> dict[str, Any]:
    """Of (found first, found among three) a question: see `Placed` of the contract."""
    count = len(rights)
    first = share(one for one, _ in rights)
    low, high = wilson_interval(first, count) if count else (0.0, 1.0)
    return {
        "questions": count,
        "first": first,
        "low": low,
        "high": high,
        "three": share(among for _, among in rights),
        "too_small": count < FEWEST,
    }


def share(them: Iterable[object]) -> float:
    """Of some that hold, from 0 to 1; 0 of none."""
    held = [bool(one) for one in them]
    return sum(held) / len(held) if held else 0.0


def speed(ask: Callable[[str], AnswerResult], questions: Sequence[str]) -> dict[str, float]:
    timed = [ask(text) for text in (questions or ["?"])[:MOST_TIMED]]
    times_ms = np.array([one.latency_ms for one in timed])
    return {
        "p50_ms": float(np.percentile(times_ms, 50)),
        "p99_ms": float(np.percentile(times_ms, 99)),
        "cpu_s_per_answer": sum(one.cpu_s for one in timed) / len(timed),
    }

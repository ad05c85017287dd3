"""Which rung is good enough: the smallest, unless a larger one is clearly better.

Rungs are compared on the same rows, none of which the judged model had learned; the examination's
rows are not among them. The test is McNemar's, exact: only rows that one rung has right and the
other wrong say anything (McNemar 1947).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from etabli.engine.recipes.text_classification.calibrating import Scored
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.proportions import mcnemar

MIN_GAIN = 0.005
"""Under half a point more, the smaller rung is kept."""
MAX_CHANCE = 0.05


class Rung(StrEnum):
    INSTANT = "instant"
    """Words and letters."""
    SMALL = "small"
    """Words, letters and the meaning that a frozen encoder sees."""


class Prefer(StrEnum):
    """What matters most to the person."""

    ACCURACY = "accuracy"
    BALANCE = "balance"
    FRUGAL = "frugal"
    OFFLINE = "offline"
    """It must run anywhere, with no other file."""


@dataclass(frozen=True)
class Choice:
    rung: Rung
    reason: Message
    chance: float | None = None
    """Of so clear a difference, were both rungs equally good; None where none was compared."""


def needs_encoder(prefer: Prefer) -> bool:
    return prefer in (Prefer.ACCURACY, Prefer.BALANCE)


def without_encoder(prefer: Prefer) -> Choice:
    """The first rung, because of what is wished or because there is no other."""
    if not needs_encoder(prefer):
        return Choice(Rung.INSTANT, msg("Words and letters alone, as you asked."))
    return Choice(
        Rung.INSTANT,
        msg(
            "Words and letters alone: this hub has no encoder yet. Its operator can add one: "
            "etabli encoders add all-MiniLM-L6-v2"
        ),
    )


def choose(instant: Scored, small: Scored, prefer: Prefer) -> Choice:
    """`instant` and `small` judged the same rows in the same order."""
    first, second = (one.margins.argmax(axis=1) == one.truths for one in (instant, small))
    gained, lost = int((second & ~first).sum()), int((first & ~second).sum())
    rows = len(first)
    chance = mcnemar(gained, lost)
    gain = (gained - lost) / max(rows, 1)
    is_clear = gain >= MIN_GAIN and chance <= MAX_CHANCE
    values = {
        "instant": round(100 * float(np.mean(first)), 1) if rows else 0,
        "small": round(100 * float(np.mean(second)), 1) if rows else 0,
        "rows": rows,
    }
    if is_clear:
        reason = msg(
            "With the encoder it is right {small} times out of 100, without it {instant}, on the "
            "same learning texts set aside, {rows} of them: a clear gain.",
            **values,
        )
        return Choice(Rung.SMALL, reason, chance)
    if prefer is Prefer.ACCURACY and gained > lost:
        reason = msg(
            "With the encoder it is right {small} times out of 100, without it {instant}, on the "
            "same learning texts set aside, {rows} of them: a small gain, taken because you want "
            "the fewest mistakes.",
            **values,
        )
        return Choice(Rung.SMALL, reason, chance)
    reason = msg(
        "Words and letters are enough: right {instant} times out of 100, with an encoder {small}, "
        "on the same learning texts set aside, {rows} of them.",
        **values,
    )
    return Choice(Rung.INSTANT, reason, chance)

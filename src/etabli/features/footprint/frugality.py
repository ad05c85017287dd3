"""Whether a small model on a machine of its own is frugal: with what it draws while it waits.

The energy of an answer is marginal, and a machine that is on all day for a few questions spends
nearly all of its energy by waiting. Published figures count idle machines, so ours is put beside
them with the waiting counted in. Each figure keeps the name of its kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from etabli.features.footprint.figures import REFERENCES, Energy, Reference, in_unit
from etabli.foundation.i18n.messages import Message, msg

HOURS_A_DAY = 24
MAX_ANSWERS_A_DAY = 1_000_000_000


@dataclass(frozen=True)
class IdleModel:
    """What a machine draws while it waits, in watts at the wall: assumed, and how wrong that is.

    Source of the default: from about 5 W for a small board to some 60 W for an old server that
    does nothing; a small computer is in between. Another assumption has the same factors.
    """

    watts: float = 20.0
    low_factor: float = 0.25
    high_factor: float = 3.0


@dataclass(frozen=True)
class Frugality:
    """One model, on a machine that is on all day for its questions and for nothing else."""

    answers_a_day: int
    answer: Energy
    """Of one answer: what its processor time takes beyond waiting."""
    making: Energy | None
    """None where nobody has said."""
    idle: IdleModel

    @property
    def waiting_wh_a_day(self) -> float:
        return HOURS_A_DAY * self.idle.watts

    @property
    def loaded_wh(self) -> float:
        """Of one answer, with its part of the waiting."""
        return self.waiting_wh_a_day / self.answers_a_day + self.answer.wh

    @property
    def idle_share(self) -> float:
        """Of all that the machine takes in a day, what goes into waiting: from 0 to 1."""
        return self.waiting_wh_a_day / (self.loaded_wh * self.answers_a_day)

    def frugal_from(self, reference: Reference) -> int | None:
        """From how many answers a day on one takes less than the published figure, waiting counted
        in; None: never."""
        saved_wh = reference.energy_wh - self.answer.wh
        return ceil(self.waiting_wh_a_day / saved_wh) if saved_wh > 0 else None

    def made_good_after(self, reference: Reference) -> int | None:
        """After how many answers making the model is made good, on a machine that is on anyway;
        None: never, or nobody has said what making it took."""
        saved_wh = reference.energy_wh - self.answer.wh
        if self.making is None or saved_wh <= 0:
            return None
        return ceil(self.making.wh / saved_wh)

    @property
    def sentences(self) -> Sequence[Message]:
        reference = min(REFERENCES, key=lambda one: one.energy_wh)
        found = [self._waiting(), self._verdict(reference)]
        after = self.made_good_after(reference)
        if self.making is not None and after is not None:
            found.append(
                msg(
                    "Making it took {making} ({method}): on a machine that is on anyway, that is "
                    "made good after this many answers, beside the {published} published for "
                    "{name}: {after}.",
                    making=in_unit(self.making.wh),
                    method=METHOD_WORDS[self.making.method],
                    published=in_unit(reference.energy_wh),
                    name=reference.name,
                    after=after,
                )
            )
        return found

    def _waiting(self) -> Message:
        share = self.idle_share
        return msg(
            "A machine that is on all day for it takes {loaded} an answer, with this many "
            "questions a day: {count}. Of that {percent} % goes into waiting: {watts} W, assumed "
            "(between {low} and {high}); the answer itself takes {answer} ({method}).",
            loaded=in_unit(self.loaded_wh),
            count=self.answers_a_day,
            # Nothing reads 100 that is not.
            percent="> 99" if 0.99 < share < 1 else str(round(100 * share)),
            watts=_short(self.idle.watts),
            low=_short(self.idle.watts * self.idle.low_factor),
            high=_short(self.idle.watts * self.idle.high_factor),
            answer=in_unit(self.answer.wh),
            method=METHOD_WORDS[self.answer.method],
        )

    def _verdict(self, reference: Reference) -> Message:
        said = {
            "published": in_unit(reference.energy_wh),
            "name": reference.name,
            "source": reference.source,
        }
        needed = self.frugal_from(reference)
        if needed is None:
            return msg(
                "That is no less than the {published} published for {name} ({source}), however "
                "many the questions: it is not frugal.",
                **said,
            )
        if self.answers_a_day < needed:
            return msg(
                "That is more than the {published} published for {name} ({source}): with a machine "
                "of its own it is not frugal at so few. It is from about this many a day on, or "
                "where the machine is on anyway: {needed}.",
                **said,
                needed=needed,
            )
        return msg(
            "That is less than the {published} published for {name} ({source}): with so many it is "
            "frugal. Under about this many a day it would not be: {needed}.",
            **said,
            needed=needed,
        )


METHOD_WORDS = {
    "measured": msg("measured"),
    "modelled": msg("modelled"),
    "quoted": msg("quoted"),
}


def _short(watts: float) -> float:
    return int(watts) if watts == int(watts) else float(f"{watts:.2g}")

"""What bounds a token besides its role: which models it may ask, and how much in a day."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

MAX_QUESTIONS_A_DAY = 1_000_000_000
MAX_WH_A_DAY = 1_000_000.0
MAX_MODELS_NAMED = 100
_MICRO = 1_000_000


@dataclass(frozen=True)
class Spent:
    """What one token has asked in one day."""

    questions: int = 0
    wh: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.questions + other.questions, self.wh + other.wh)


@dataclass
class Asked:
    """What was asked and is not written down yet, by one method of obtaining its energy."""

    questions: int = 0
    wh: float = 0.0
    low_wh: float = 0.0
    high_wh: float = 0.0

    def add(self, other: "Asked") -> None:
        self.questions += other.questions
        self.wh += other.wh
        self.low_wh += other.low_wh
        self.high_wh += other.high_wh


@dataclass(frozen=True)
class TokenLimits:
    """None: no bound. A day goes from midnight to midnight, UTC."""

    only: frozenset[str] = frozenset()
    """Keys of the repositories that it may ask; empty: all that its owner may ask."""
    questions_a_day: int | None = None
    wh_a_day: float | None = None
    """Of energy, by the method that answers are reckoned with on this hub."""

    @property
    def has_budget(self) -> bool:
        return self.questions_a_day is not None or self.wh_a_day is not None

    @property
    def is_none(self) -> bool:
        return not self.only and not self.has_budget

    @property
    def is_possible(self) -> bool:
        """Whether each bound is one that a day can have."""
        questions, wh = self.questions_a_day, self.wh_a_day
        return (questions is None or 1 <= questions <= MAX_QUESTIONS_A_DAY) and (
            wh is None or (math.isfinite(wh) and 0 < wh <= MAX_WH_A_DAY)
        )


@dataclass(frozen=True)
class Allowance:
    """What is left of one bound of a day, in whole units, as headers for clients say it."""

    unit: str
    most: int
    left: int
    resets_in_s: int


@dataclass(frozen=True)
class Meter:
    """The token by which somebody came, as its questions are counted."""

    sha256: str = field(repr=False)
    day: date
    """Its questions are counted for this one, also where they are answered after midnight."""
    limits: TokenLimits = TokenLimits()
    kept: Spent = Spent()
    """What was written down of the day when the token was recognised, to be told; read for a
    budget only."""

    def has_room(self, spent: Spent, questions: int) -> bool:
        """Whether so many more may be asked. Energy is known afterwards only: while any of it is
        left, a request is let in.

        Args:
            spent: all of the day, also what is not written down yet.
        """
        limits = self.limits
        enough = limits.questions_a_day is None or (
            spent.questions + questions <= limits.questions_a_day
        )
        return enough and (limits.wh_a_day is None or spent.wh < limits.wh_a_day)

    def allowances(self, spent: Spent, now: datetime) -> Sequence[Allowance]:
        """One for each bound of its budget, that of which least is left first."""
        limits, resets_in_s = self.limits, self.resets_in_s(now)
        found = []
        if limits.questions_a_day is not None:
            left = max(0, limits.questions_a_day - spent.questions)
            found.append(Allowance("questions", limits.questions_a_day, left, resets_in_s))
        if limits.wh_a_day is not None:
            left = max(0, int((limits.wh_a_day - spent.wh) * _MICRO))
            most = max(1, int(limits.wh_a_day * _MICRO))
            found.append(Allowance("microwatthours", most, left, resets_in_s))
        return sorted(found, key=lambda one: one.left / one.most)

    def resets_in_s(self, now: datetime) -> int:
        """Until the midnight that ends its day, in seconds; one at least."""
        midnight = datetime.combine(self.day + timedelta(days=1), time(), UTC)
        return max(1, math.ceil((midnight - now).total_seconds()))

"""What each access token has asked, day by day, and whether it may ask more."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from etabli.features.accounts.budgets import Asked, Meter, Spent
from etabli.features.accounts.errors import BudgetUsedUpError
from etabli.features.accounts.models import Token, TokenUsage
from etabli.features.accounts.queries import UsageStore
from etabli.foundation.unit_of_work import UnitOfWork

KEPT_DAYS = 400
"""What a token asked is forgotten after so long: a year and a month to look back."""

UsageKey = tuple[str, date, str]
"""The digest of a token, the day, and the method by which the energy was obtained."""


class Metering:
    """Write down what was asked with each token, and tell it."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._store = UsageStore(work.db)

    def add(self, counted: Mapping[UsageKey, Asked]) -> None:
        """Add what was counted since the last time. Of tokens that are gone, nothing is kept."""
        for key in sorted(counted):  # in one order, or two processes could wait for each other
            row, is_new = self._store.usage(key)
            if row is None:
                continue
            if is_new:
                self._store.remove_usage_before(self._work.now.date() - timedelta(days=KEPT_DAYS))
            row.add(counted[key])

    def spent(self, meter: Meter) -> Spent:
        """What is written down of its day."""
        return self._store.spent(meter.sha256, meter.day)

    def days_of(self, token: Token, days: int = 31) -> Sequence[TokenUsage]:
        """Its last days on which anything was asked, the newest first; a row for each method."""
        since = self._work.now.date() - timedelta(days=days - 1)
        return self._store.usage_since(token.sha256, since)


def require_left(meter: Meter, spent: Spent, questions: int) -> None:
    """
    Raises:
        BudgetUsedUpError: so many more questions are more than its budget of the day has left.
    """
    if not meter.has_room(spent, questions):
        now = datetime.now(UTC)
        raise BudgetUsedUpError(meter.allowances(spent, now), meter.resets_in_s(now))

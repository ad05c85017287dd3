"""Drafting again what could not land, since somebody else did in between."""

from collections.abc import Callable
from typing import TypeVar

from etabli.features.repos import BranchMovedError

MAX_REBASES = 40
"""Two writers who never wait lose to each other about every second time."""

Landed = TypeVar("Landed")


def retry_on_conflict(draft_and_land: Callable[[], Landed], *, tries: int = MAX_REBASES) -> Landed:
    """Draft and land; when somebody else lands in between, draft again on top of that.

    Raises:
        BranchMovedError: somebody else did, at each of the tries.
    """
    for _ in range(tries - 1):
        try:
            return draft_and_land()
        except BranchMovedError:
            continue
    return draft_and_land()

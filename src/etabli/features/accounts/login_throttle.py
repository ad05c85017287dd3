"""How many wrong tries pass at once, and how long the next one then waits."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Backoff:
    """Some tries are free; after them the wait doubles, up to a cap, and never becomes a lock."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    forgets_one_in: timedelta

    @property
    def most(self) -> int:
        """Where counting ends: more would not make the wait longer, but later forgotten."""
        return self.free + (self.longest_wait // self.first_wait).bit_length()

    def remembered(self, count: int, since: timedelta) -> int:
        """What is left of `count` wrong tries, the last of them that long ago."""
        return max(0, count - max(0, since // self.forgets_one_in))

    def wait_after(self, count: int) -> timedelta:
        if count < self.free:
            return timedelta()
        return min(self.longest_wait, self.first_wait * (1 << min(count - self.free, 20)))


WITH_A_NAME = Backoff(
    free=5,
    first_wait=timedelta(seconds=10),
    longest_wait=timedelta(minutes=5),
    forgets_one_in=timedelta(minutes=15),
)
FROM_AN_ADDRESS = Backoff(  # which a whole school may share
    free=100,
    first_wait=timedelta(seconds=1),
    longest_wait=timedelta(minutes=1),
    forgets_one_in=timedelta(seconds=30),
)
ALL_FORGOTTEN = timedelta(hours=6)
"""After this long without a wrong try, nothing is left of the others, whoever counts."""

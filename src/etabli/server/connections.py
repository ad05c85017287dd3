"""The connections of one process: how many there are, which are idle, and whom each waits for.

What a client may take its time for is counted once a second, connection by connection, and not by
the clock: a second in which this process did not get to look is not the client's.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from etabli.foundation.networks import public_network
from etabli.server.connection_limits import MAX_REFUSED, ConnectionLimits

LOOKS_PER_S = 10
"""A tenth of the connections is looked at in each: two thousand at once would hold up a call."""


class Connection(Protocol):
    """What is asked of each."""

    @property
    def host(self) -> str: ...

    def look(self) -> None:
        """Once a second: see whom it waits for, and end it when that has been the client for too
        long."""

    def close(self) -> None:
        """Nothing is being received by it, nor answered."""


class Connections:
    """All of one process."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._by_look: Sequence[set[Connection]] = [set() for _ in range(LOOKS_PER_S)]
        self._next_look = 0
        self._admitted: dict[Connection, str | None] = {}
        """With the network of each."""
        self._per_network: Counter[str] = Counter()
        self._idle: dict[Connection, None] = {}
        """The longest idle first."""

    def __len__(self) -> int:
        return len(self._admitted)

    def admit(self, connection: Connection) -> bool:
        """Whether there is room for it; for the newest, the longest idle one is closed."""
        network = public_network(connection.host)
        if network and self._per_network[network] >= self.limits.max_per_network:
            return False
        if len(self._admitted) >= self.limits.max_connections and not self._close_longest_idle():
            return False
        self._admitted[connection] = network
        if network:
            self._per_network[network] += 1
        self._idle[connection] = None
        self._watch(connection)
        return True

    def hears_why(self, connection: Connection) -> bool:
        """Whether one that is not admitted is told so: it is then looked at like the others."""
        told = sum(map(len, self._by_look)) - len(self._admitted)
        if told >= MAX_REFUSED:
            return False
        self._watch(connection)
        return True

    def remove(self, connection: Connection) -> None:
        """Idempotent."""
        for looked_at in self._by_look:
            looked_at.discard(connection)
        self._forget(connection)

    def begin_idle(self, connection: Connection) -> None:
        if connection in self._admitted:
            self._idle[connection] = None

    def end_idle(self, connection: Connection) -> None:
        self._idle.pop(connection, None)

    def look(self) -> None:
        """At the next tenth of them. To be called ten times a second."""
        self._next_look = (self._next_look + 1) % LOOKS_PER_S
        for connection in list(self._by_look[self._next_look]):
            connection.look()

    def _watch(self, connection: Connection) -> None:
        min(self._by_look, key=len).add(connection)

    def _close_longest_idle(self) -> bool:
        connection = next(iter(self._idle), None)
        if connection is None:
            return False
        self._forget(connection)
        connection.close()
        return True

    def _forget(self, connection: Connection) -> None:
        self._idle.pop(connection, None)
        network = self._admitted.pop(connection, None)
        if network:
            self._per_network[network] -= 1
            if not self._per_network[network]:
                del self._per_network[network]

"""What one connection may take of a server, and how many of them there may be."""

import resource
from contextlib import suppress
from dataclasses import dataclass

from etabli.settings import Settings

MAX_HEAD_BYTES = 32 * 1024
"""Of the first line of a request and its headers together; and of what follows a body, or stands
between its parts, without being of it."""

MAX_HEADERS = 200
"""Of one request: each takes many times more memory than its bytes."""

MAX_PIPELINED = 8
"""How many requests may wait behind the one that is being answered. No client of ours sends any."""

MIN_BYTES_PER_S = 500
"""What must come of a body, or be taken of an answer, on average while the server waits for it."""

MAX_IDLE_S = 5
"""Between the end of an answer and the next request on the same connection."""

MAX_DRAIN_S = 60
"""How long the rest of a body is read whose request is answered already: many clients look at the
answer only once they have sent it all."""

MAX_LINGER_S = 2
"""How long a client that was refused gets to take in why."""

MAX_REFUSED = 100
"""How many connections more than there may be are told so; who comes after them is cut off."""

MAX_OPEN_FILES = 65_536
"""More is not asked for: some programs that the hub starts go through all that they might have."""

SPARE_FILES = 256
"""Kept for all else that the server opens: the database, repositories, programs."""

FILES_PER_CONNECTION = 2
"""Its own descriptor, and another while a file is sent by it or it is handed over."""


@dataclass(frozen=True)
class ConnectionLimits:
    """Those that an operator may change, as this process can keep them."""

    max_connections: int
    max_per_network: int
    head_timeout_s: int
    stall_timeout_s: int

    @classmethod
    def of(cls, settings: Settings) -> "ConnectionLimits":
        open_files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        room = max(1, (open_files - SPARE_FILES) // FILES_PER_CONNECTION)
        return cls(
            max_connections=min(settings.max_connections, room),
            max_per_network=settings.max_connections_per_network,
            head_timeout_s=settings.head_timeout_s,
            stall_timeout_s=settings.stall_timeout_s,
        )


def raise_open_files() -> None:
    """Let this process, and those that it starts, have as many files open as it may allow itself.

    Idempotent. Where the system says no, it stays as it is, and fewer connections are taken.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))

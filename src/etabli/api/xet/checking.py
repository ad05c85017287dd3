"""Threads for what takes a core: hashing and unpacking. They give way to everything else."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 2
"""More would only take the cores from each other; the other bodies wait on disk."""
NICENESS = 10

Result = TypeVar("Result")


def in_the_background(deed: Callable[[], Result]) -> asyncio.Future[Result]:
    """Begin it as soon as one of these threads is free. It goes on when nobody waits for it."""
    return asyncio.get_running_loop().run_in_executor(_threads, deed)


def _give_way() -> None:
    """On Linux a thread has a priority of its own: the loop that answers people comes first."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


_threads = ThreadPoolExecutor(AT_ONCE, "checking", initializer=_give_way)

"""One child process that answers, and the lines that go through its pipes."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import IO, cast

from etabli.features.serving.errors import AnsweringFailedError, TooSlowToAnswerError

PROGRAM: Sequence[str] = (sys.executable, "-m", "etabli.engine.runtimes.process")
MAX_REPLY_BYTES = 64_000_000
"""A thousand questions with long replies stay below; a program gone mad does not."""

_PIECE_BYTES = 1 << 16


class AnsweringProcess:
    """One child process, for the one thread that holds it. After an error of it: `stop`."""

    def __init__(self, program: Sequence[str] = PROGRAM) -> None:
        """
        Raises:
            OSError: it cannot be started.
        """
        self._child = subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_clean_environment(),
            bufsize=0,
        )
        self._requests = cast(IO[bytes], self._child.stdin)
        self._replies = cast(IO[bytes], self._child.stdout)
        os.set_blocking(self._requests.fileno(), False)
        os.set_blocking(self._replies.fileno(), False)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        return self._child.poll() is None

    def exchange(self, line: bytes, within_s: float) -> bytes:
        """Send one line, with its end, and wait for the one line of its reply.

        Raises:
            AnsweringFailedError: it died, or wrote something else than one line.
            TooSlowToAnswerError: it has not answered in time.
        """
        deadline_s = time.monotonic() + within_s
        try:
            self._send(line, deadline_s)
            return self._receive(deadline_s)
        except TimeoutError as error:
            raise TooSlowToAnswerError(within_s) from error
        except OSError as error:  # the other end of the pipe is gone
            raise AnsweringFailedError from error

    def kill(self) -> None:
        """End it now, from any thread: whoever waits for its reply has an error at once."""
        self._child.kill()

    def stop(self) -> None:
        """End it, and let go of its pipes."""
        self._child.kill()
        self._child.wait()
        self._requests.close()
        self._replies.close()

    def _send(self, line: bytes, deadline_s: float) -> None:
        left = memoryview(line)
        while left:
            _wait_for(self._requests, select.POLLOUT, deadline_s)
            left = left[os.write(self._requests.fileno(), left[:_PIECE_BYTES]) :]

    def _receive(self, deadline_s: float) -> bytes:
        reply = bytearray()
        while not reply.endswith(b"\n"):
            _wait_for(self._replies, select.POLLIN, deadline_s)
            piece = os.read(self._replies.fileno(), _PIECE_BYTES)
            reply += piece
            if not piece or len(reply) > MAX_REPLY_BYTES:
                raise AnsweringFailedError
        return bytes(reply)


def _wait_for(pipe: IO[bytes], event: int, deadline_s: float) -> None:
    """
    Raises:
        TimeoutError: the deadline has passed.
    """
    poll = select.poll()
    poll.register(pipe.fileno(), event)
    if not poll.poll(max(0.0, deadline_s - time.monotonic()) * 1000):
        raise TimeoutError


def _clean_environment() -> dict[str, str]:
    """Enough to find Python, and none of the hub's secrets. One thread: answers are small."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

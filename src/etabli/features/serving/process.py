"""The child process that answers: started when first asked, stopped when nobody asks."""

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from typing import IO, Any, cast

from etabli.features.serving.errors import AnsweringFailedError
from etabli.foundation import errors
from etabli.foundation.errors import EtabliError
from etabli.foundation.words import Text

PROGRAM = "etabli.engine.runtimes.process"
FIRST_ANSWER_WITHIN_S = 30.0
"""The first one may have to read the model from a cold disk."""


class AnsweringProcess:
    """One child process that answers questions one at a time. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._used_at_s = 0.0

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """
        Raises:
            EtabliError: what the child says is wrong with the request.
            AnsweringFailedError: it died, or did not answer in time; the next call starts another.
        """
        with self._lock:
            self._used_at_s = time.monotonic()
            reply = self._exchange(self._running(), json.dumps(request).encode() + b"\n")
        if not reply["ok"]:
            raise _named(reply["error"])
        result: dict[str, Any] = reply["result"]
        return result

    def rest(self, idle_s: float) -> None:
        """Stop the child if nobody has asked for `idle_s` seconds: starting costs 0.2 s."""
        with self._lock:
            if self._child is not None and time.monotonic() - self._used_at_s > idle_s:
                self._stop()

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._stop()  # it died: let go of its pipes
        if self._child is None:
            self._child = subprocess.Popen(
                [sys.executable, "-m", PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_clean_environment(),
            )
        return self._child

    def _exchange(self, child: subprocess.Popen[bytes], line: bytes) -> dict[str, Any]:
        requests, replies = cast(IO[bytes], child.stdin), cast(IO[bytes], child.stdout)
        try:
            requests.write(line)
            requests.flush()
            ready, _, _ = select.select([replies], [], [], FIRST_ANSWER_WITHIN_S)
            answer = replies.readline() if ready else b""
        except BrokenPipeError:
            answer = b""
        if not answer:
            self._stop()
            raise AnsweringFailedError
        reply: dict[str, Any] = json.loads(answer)
        return reply

    def _stop(self) -> None:
        if self._child is None:
            return
        self._child.kill()
        self._child.communicate()
        self._child = None


def _clean_environment() -> dict[str, str]:
    """Enough to find Python, and none of the hub's secrets. One thread: answers are small."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    return kept | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _named(error: Mapping[str, Any]) -> EtabliError:
    family = getattr(errors, str(error["family"]), EtabliError)
    made: EtabliError = family(Text(error["template"], error["values"]))
    return made

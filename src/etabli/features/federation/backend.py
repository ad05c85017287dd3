"""What reaches upstreams, and what this site knows of them between two requests."""

import threading
import time
from datetime import timedelta
from pathlib import Path

from etabli.features.federation.client import UpstreamClient
from etabli.features.federation.downloads import Downloads
from etabli.features.federation.models import Upstream
from etabli.features.repos import RepoType
from etabli.foundation.http_client import HttpClient

MAX_MISSES = 10_000


class UpstreamBackend:
    """One for each process."""

    def __init__(self, http: HttpClient, folder: Path, ask_again_after: timedelta) -> None:
        """
        Args:
            ask_again_after: how long what an upstream said of a branch, or that it has no such
                repository, or that it could not be had, holds.
        """
        self._http = http
        self.downloads = Downloads(folder)
        self.ask_again_after = ask_again_after
        self._misses: dict[tuple[RepoType, str], float] = {}
        self._lock = threading.Lock()

    def client(self, upstream: Upstream) -> UpstreamClient:
        return UpstreamClient(upstream, self._http)

    def note_miss(self, type: RepoType, full_name: str) -> None:
        """No upstream has it."""
        now = time.monotonic()
        with self._lock:
            if len(self._misses) >= MAX_MISSES:
                self._misses.clear()
            self._misses[type, full_name.lower()] = now + self.ask_again_after.total_seconds()

    def is_missed(self, type: RepoType, full_name: str) -> bool:
        """Whether no upstream had it of late."""
        with self._lock:
            return self._misses.get((type, full_name.lower()), 0.0) > time.monotonic()

"""What is counted in memory while requests are answered, so that none of them writes for it."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

SAME_DOWNLOAD_WITHIN_S = 300.0
"""What one client fetches of a repository, with no longer pause than this, is one download.

Source: huggingface.co/docs/hub/datasets-download-stats, which counts so too.
"""
MAX_RECENT_DOWNLOADS = 50_000
"""Remembered at once, for some ten million bytes. Of more, the oldest may be counted again."""


@dataclass
class Usage:
    downloads: Counter[str] = field(default_factory=Counter)
    """By the key of the repository."""
    tokens: set[str] = field(default_factory=set)
    """The digests of the access tokens that came."""

    mirrored: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When large files of mirrors, by the mirror's key and their SHA-256, were last asked for."""

    def __bool__(self) -> bool:
        return bool(self.downloads or self.tokens or self.mirrored)


class UsageCounter:
    """One for each process that answers; `operations/usage.py` writes down what it has counted."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._usage = Usage()
        self._lock = threading.Lock()
        self._clock = clock
        self._recent: OrderedDict[tuple[str, str], float] = OrderedDict()
        """When each client last fetched something of a repository. It is never written down."""

    def count_download(self, repo_key: str, client: str | None = None) -> None:
        """
        Args:
            client: who fetches a file that is one of several. None: the file stands for the whole.
        """
        with self._lock:
            if client is None or self._begins(repo_key, client):
                self._usage.downloads[repo_key] += 1

    def _begins(self, repo_key: str, client: str) -> bool:
        """Whether this file is the first of a download."""
        now, key = self._clock(), (repo_key, client)
        last = self._recent.pop(key, None)
        self._recent[key] = now
        if len(self._recent) > MAX_RECENT_DOWNLOADS:
            self._recent.popitem(last=False)
        return last is None or now - last > SAME_DOWNLOAD_WITHIN_S

    def count_token(self, digest: str) -> None:
        with self._lock:
            self._usage.tokens.add(digest)

    def count_mirrored(self, repo_key: str, sha256: str) -> None:
        with self._lock:
            self._usage.mirrored[repo_key, sha256] = datetime.now(UTC)

    def add(self, usage: Usage) -> None:
        """What could not be written down, back again."""
        with self._lock:
            self._usage.downloads.update(usage.downloads)
            self._usage.tokens.update(usage.tokens)
            self._usage.mirrored = usage.mirrored | self._usage.mirrored

    def take(self) -> Usage:
        with self._lock:
            taken, self._usage = self._usage, Usage()
        return taken

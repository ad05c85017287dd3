"""What is counted in memory while requests are answered, so that none of them writes for it."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Usage:
    downloads: Counter[str] = field(default_factory=Counter)
    """By the key of the repository."""
    tokens: set[str] = field(default_factory=set)
    """The digests of the access tokens that came."""

    def __bool__(self) -> bool:
        return bool(self.downloads or self.tokens)


class UsageCounter:
    """One for each process that answers; `Site.keep_usage` writes down what it has counted."""

    def __init__(self) -> None:
        self._usage = Usage()
        self._lock = threading.Lock()

    def count_download(self, repo_key: str) -> None:
        with self._lock:
            self._usage.downloads[repo_key] += 1

    def count_token(self, digest: str) -> None:
        with self._lock:
            self._usage.tokens.add(digest)

    def add(self, usage: Usage) -> None:
        """What could not be written down, back again."""
        with self._lock:
            self._usage.downloads.update(usage.downloads)
            self._usage.tokens.update(usage.tokens)

    def take(self) -> Usage:
        with self._lock:
            taken, self._usage = self._usage, Usage()
        return taken

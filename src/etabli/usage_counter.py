"""What is counted in memory while requests are answered, so that none of them writes for it."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from etabli.features.accounts import Asked, Meter, Spent, UsageKey
from etabli.foundation.errors import EtabliError

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
    asked: dict[UsageKey, Asked] = field(default_factory=dict)
    """What they asked."""

    mirrored: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """When large files of mirrors, by the mirror's key and their SHA-256, were last asked for."""

    def __bool__(self) -> bool:
        return bool(self.downloads or self.tokens or self.asked or self.mirrored)

    def add_asked(self, asked: Mapping[UsageKey, Asked]) -> None:
        for key, one in asked.items():
            self.asked.setdefault(key, Asked()).add(one)

    def spent(self, meter: Meter) -> Spent:
        """What is counted here of a token's day."""
        found = Spent()
        for (sha256, day, _), one in self.asked.items():
            if (sha256, day) == (meter.sha256, meter.day):
                found += Spent(one.questions, one.wh)
        return found


class UsageCounter:
    """One for each process that answers; `operations/usage.py` writes down what it has counted."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._usage = Usage()
        self._being_kept = Usage()
        """What is on its way into the database: until it is there, it counts here."""
        self._keeping = threading.Lock()
        self._under_way: Counter[tuple[str, date]] = Counter()
        """Questions that have no answer yet, by token and day."""
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

    @contextmanager
    def asking(self, meter: Meter, questions: int) -> Iterator[Spent]:
        """Until the block ends, so many questions of a token count as asked: see `count_asked`.

        Yields:
            What this process had counted before them of the token's day, and not written down.
        """
        key = (meter.sha256, meter.day)
        with self._lock:
            before = self._uncounted(meter)
            self._under_way[key] += questions
        try:
            yield before
        finally:
            with self._lock:
                self._under_way[key] -= questions
                if not self._under_way[key]:
                    del self._under_way[key]

    def count_asked(self, meter: Meter, asked: Asked, method: str) -> None:
        """
        Args:
            method: how its energy was obtained, a word of `footprint.Method`.
        """
        with self._lock:
            self._usage.add_asked({(meter.sha256, meter.day, method): asked})

    def spent(self, meter: Meter) -> Spent:
        """All that is known of a token's day: what was written down when it was recognised, and
        what is counted or under way here."""
        with self._lock:
            return meter.kept + self._uncounted(meter)

    def _uncounted(self, meter: Meter) -> Spent:
        under_way = Spent(self._under_way[meter.sha256, meter.day])
        return self._usage.spent(meter) + self._being_kept.spent(meter) + under_way

    @contextmanager
    def taken(self) -> Iterator[Usage]:
        """What was counted since the last time, to be written down in the block. If that fails,
        it is counted again. One block after the other."""
        with self._keeping:
            yield from self._kept(self.take())

    def _kept(self, taken: Usage) -> Iterator[Usage]:
        try:
            yield taken
        except EtabliError:
            with self._lock:
                self._usage.downloads.update(taken.downloads)
                self._usage.tokens.update(taken.tokens)
                self._usage.add_asked(taken.asked)
                self._usage.mirrored = taken.mirrored | self._usage.mirrored
            raise
        finally:
            with self._lock:
                self._being_kept = Usage()

    def take(self) -> Usage:
        with self._lock:
            taken, self._usage = self._usage, Usage()
            self._being_kept = taken
        return taken

"""Operations on what Xet clients send: it is unpacked and hashed before it is kept.

A few bytes sent can name many to unpack and hash. So the work is priced first, by what is
announced, and refused if it is over a limit; what is let through is done in turns of a bounded
price, and nothing is held between two turns: no thread, no session, no lock.
"""

import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, TypeVar
from weakref import WeakKeyDictionary

from etabli.features.blobs import (
    MAX_XORB_RAW_BYTES,
    ClaimedFile,
    Holder,
    IndexedXorb,
    StagedFile,
    Steps,
    TooLargeError,
    UnpackedChunks,
    VerifiedFile,
    as_verified,
    check_file,
    hash_name,
    measure_staged,
    price_of_checking,
    read_shard,
    verify_sha256,
    verify_xorb,
)
from etabli.foundation.i18n.messages import msg
from etabli.operations import holders
from etabli.pools import BusyError
from etabli.site import Site

TURN_BYTES = MAX_XORB_RAW_BYTES
"""The price of one turn: as much as the largest xorb takes, which is one turn."""
MAX_KEPT_UNPACKED_BYTES = MAX_XORB_RAW_BYTES
"""Of chunks that a file has more than once: one xorb of the largest size, whole."""
GB = 1_000_000_000
HOUR_S = 3600

Progress = tuple[int, int]
"""How many bytes of the files are verified, and of how many."""
Result = TypeVar("Result")


@dataclass(frozen=True)
class Sender:
    """Whom a request is from, and for which repository or bucket."""

    holder: Holder
    account: str | None
    """Whose work it counts as; None: the hub's own, which cuts what has come in one piece."""
    charged_to: str | None = None
    """Whose the files count as, until a proposal with them is merged."""


class WorkSpentError(BusyError):
    def __init__(self, limit_gb: int, wait_s: int) -> None:
        super().__init__(
            msg(
                "Within an hour this hub unpacks and hashes {limit_gb} GB for one account beyond "
                "what it sends, and yours has used them. Send it again in {minutes} min.",
                limit_gb=str(limit_gb),
                minutes=str(wait_s // 60 + 1),
            ),
            retry_after_s=wait_s,
        )


class WorkBudget:
    """What each account may have unpacked and hashed within an hour. For several threads.

    It is charged before the work. Whoever owes less than the limit may ask for anything, so that no
    file is too large for it, and then waits until enough of it is an hour old.
    """

    def __init__(self, limit_gb: int, clock: Callable[[], float] = time.monotonic) -> None:
        """`limit_gb`: 0 for no limit."""
        self._limit_gb = limit_gb
        self._clock = clock
        self._owed: dict[str, tuple[float, float]] = {}
        """By account: how many bytes, and when that was."""
        self._lock = threading.Lock()

    def charge(self, account: str | None, price_bytes: int) -> None:
        """
        Raises:
            WorkSpentError: it has used the hour's up; then nothing is charged.
        """
        if not self._limit_gb or account is None or not price_bytes:
            return
        with self._lock:
            self._forget_the_quits()
            owed = self._owed_by(account)
            over_bytes = owed - self._limit_gb * GB
            if over_bytes >= 0:
                raise WorkSpentError(self._limit_gb, int(over_bytes / self._bytes_per_s) + 1)
            self._owed[account] = owed + price_bytes, self._clock()

    def give_back(self, account: str | None, price_bytes: int) -> None:
        """What was charged and then not done."""
        if not self._limit_gb or account is None:
            return
        with self._lock:
            self._owed[account] = max(self._owed_by(account) - price_bytes, 0), self._clock()

    @property
    def _bytes_per_s(self) -> float:
        return self._limit_gb * GB / HOUR_S

    def _owed_by(self, account: str) -> float:
        owed, since = self._owed.get(account, (0, 0))
        return max(owed - (self._clock() - since) * self._bytes_per_s, 0)

    def _forget_the_quits(self) -> None:
        if len(self._owed) > 1000:
            self._owed = {
                account: entry for account, entry in self._owed.items() if self._owed_by(account)
            }


def keep_xorb(site: Site, account: str | None, xorb_hash: str, staged: StagedFile) -> bool:
    """Check a received xorb and keep it; False when it was here already. One turn at most.

    Raises:
        BadXorbError: it is not valid, or not the xorb of that hash.
        WorkSpentError: it unpacks to far more than was sent, as many before it did.
        DiskFullError: there is no room.
    """
    with site.read_hub() as hub:
        known = hub.blobs.chunked.find_xorb(xorb_hash)
    if known is not None:
        if known.condemned_at is not None:
            with site.open_hub() as hub:
                hub.blobs.chunked.need_xorb(xorb_hash)
        return False
    size = measure_staged(staged)
    # What was sent is paid for by having been sent.
    _means_of(site).budget.charge(account, max(size.raw_bytes - size.stored_bytes, 0))
    index = verify_xorb(site.backends.blobs, staged, xorb_hash)
    with site.open_hub() as hub:
        return hub.blobs.chunked.keep_xorb(xorb_hash, staged, index)


def keep_shard(site: Site, sender: Sender, shard: IO[bytes]) -> Generator[Progress, None, None]:
    """Check all that a shard says, then keep its files for one repository or bucket, or none.

    Each step is a turn of `TURN_BYTES` or little more; closed before its end, it keeps nothing.

    Raises:
        BadShardError: something in it is not true.
        RepoNotFoundError, BucketNotFoundError: what they are for was deleted meanwhile.
        TooLargeError, QuotaReachedError: a file is over the limits of this hub.
        WorkSpentError: the account has had its hour's work.
    """
    means = _means_of(site)
    claimed = read_shard(shard)
    _require_room(site, sender, claimed, {_said(file): file.size_bytes for file in claimed})
    known = _verified_before(site, claimed)
    price = sum(_price_of(file, known) for file in claimed)
    means.budget.charge(sender.account, price)
    count = _Count(sum(file.size_bytes for file in claimed))
    try:
        yield count.progress
        verified = yield from _verify(site, means.unpacked, claimed, known, count)
    finally:
        means.budget.give_back(sender.account, max(price - count.done, 0))
    with site.open_hub() as hub:
        found = holders.get(hub, sender.holder)
        more = {file.sha256: file.checked.size_bytes for file in verified}
        hub.blobs.chunked.keep_files(verified)
        holders.hold(hub, found, more, sender.charged_to)


class _Count:
    """What was done of a shard, and where its turns end."""

    def __init__(self, total_bytes: int) -> None:
        self._total_bytes = total_bytes
        self._turn = 0
        self.verified_bytes = 0
        self.done = 0

    @property
    def progress(self) -> Progress:
        return self.verified_bytes, self._total_bytes

    def in_turns(
        self, steps: Steps[Result], *, verifies: bool = False
    ) -> Generator[Progress, None, Result]:
        while True:
            try:
                price = next(steps)
            except StopIteration as end:
                result: Result = end.value
                return result
            self.done += price
            self._turn += price
            self.verified_bytes += price if verifies else 0
            if self._turn >= TURN_BYTES:
                self._turn = 0
                yield self.progress


def _verify(
    site: Site,
    unpacked: UnpackedChunks,
    claimed: Sequence[ClaimedFile],
    known: Mapping[str, str],
    count: _Count,
) -> Generator[Progress, None, list[VerifiedFile]]:
    store, load = site.backends.blobs, partial(_load_xorbs, site)
    checked = []
    for one in claimed:
        checked.append((yield from count.in_turns(check_file(one, load))))
    verified = []
    for file in checked:
        sha256 = known.get(file.file_hash)
        if sha256 is not None:
            verified.append(as_verified(file, sha256))
            continue
        steps = verify_sha256(store, file, load, unpacked)
        verified.append((yield from count.in_turns(steps, verifies=True)))
    return verified


def _require_room(
    site: Site, sender: Sender, claimed: Sequence[ClaimedFile], more: Mapping[str, int]
) -> None:
    """By what is claimed, so that nothing is hashed to be refused. It is asked again at the end."""
    most_gb = site.settings.max_large_file_gb
    if any(file.size_bytes > most_gb * GB for file in claimed):
        raise TooLargeError(most_gb)
    with site.read_hub() as hub:
        holders.require_room(hub, holders.get(hub, sender.holder), more, sender.charged_to)


def _said(file: ClaimedFile) -> str:
    return file.sha256 or hash_name(file.file_hash)


def _verified_before(site: Site, claimed: Sequence[ClaimedFile]) -> Mapping[str, str]:
    with site.read_hub() as hub:
        return hub.blobs.chunked.verified_before([hash_name(file.file_hash) for file in claimed])


def _price_of(file: ClaimedFile, known: Mapping[str, str]) -> int:
    hashed_bytes = 0 if hash_name(file.file_hash) in known else file.size_bytes
    return price_of_checking(file) + hashed_bytes


def _load_xorbs(site: Site, hashes: Sequence[bytes]) -> Mapping[bytes, IndexedXorb]:
    with site.read_hub() as hub:
        return hub.blobs.chunked.load(hashes)


class _Means:
    """What all verifications of one site share, in this process."""

    def __init__(self, site: Site) -> None:
        self.budget = WorkBudget(site.settings.max_unpacked_gb_per_hour)
        self.unpacked = UnpackedChunks(MAX_KEPT_UNPACKED_BYTES)


_means: WeakKeyDictionary[Site, _Means] = WeakKeyDictionary()
_means_lock = threading.Lock()


def _means_of(site: Site) -> _Means:
    with _means_lock:
        found = _means.get(site)
        if found is None:
            found = _means[site] = _Means(site)
        return found

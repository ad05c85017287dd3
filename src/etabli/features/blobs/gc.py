"""Space is given back: first condemned, and some days later deleted, unless needed again.

Clients remember for weeks what they have sent, and send no chunk twice. So a xorb that goes ends an
*epoch*: the address of the hub's bytes changes, and a client's memory of the old one is of no use.
Uploads that began before may still need a condemned xorb, and then it stays.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from etabli.features.blobs.backends import BlobStore
from etabli.features.blobs.gc_queries import SweepRows
from etabli.foundation.unit_of_work import UnitOfWork

GRACE = timedelta(days=2)
"""Far longer than any token lives, and any upload takes."""


@dataclass(frozen=True)
class Swept:
    """What one sweep did, or would do."""

    condemned_blobs: int
    deleted_blobs: int
    condemned_xorbs: int
    deleted_xorbs: int
    keys: Sequence[str]
    """What the store may let go of, once this is kept."""


class Sweeper:
    """Finds what no repository needs."""

    def __init__(self, work: UnitOfWork) -> None:
        self._now = work.now
        self._rows = SweepRows(work.db)

    def sweep(self, needed: Collection[str], grace: timedelta = GRACE) -> Swept:
        """
        Args:
            needed: the SHA-256 of every blob that some repository holds, as of this transaction.
            grace: how long to wait: after the upload, and again after the sentence.
        """
        before = self._now - grace
        known = self._rows.blobs()
        unneeded = [(sha256, since) for sha256, since in known if sha256 not in needed]
        self._rows.mark_blobs([s for s, since in known if since and s in needed], None)
        new = [sha256 for sha256, since in unneeded if since is None]
        self._rows.mark_blobs(new, self._now)
        old = [sha256 for sha256, since in unneeded if since is not None and since <= before]
        keys = self._rows.delete_blobs(old, before)
        self._rows.pardon_xorbs()
        xorb_keys = self._rows.delete_xorbs(before)
        condemned_xorbs = self._rows.condemn_xorbs(before, self._now)
        if condemned_xorbs:
            self._rows.begin_epoch()
        return Swept(len(new), len(old), len(condemned_xorbs), len(xorb_keys), [*keys, *xorb_keys])

    def unknown(self, keys: Sequence[str]) -> list[str]:
        """Those that no row names: an upload was cut between the bytes and the row."""
        known = self._rows.known_keys(keys)
        return [key for key in keys if key not in known]


def stored_before(store: BlobStore, moment: datetime, at_once: int = 500) -> Iterator[list[str]]:
    """The keys of what was stored before then: what is younger may still get its row."""
    old = (found.key for found in store.list() if found.modified_at <= moment)
    while some := list(islice(old, at_once)):
        yield some

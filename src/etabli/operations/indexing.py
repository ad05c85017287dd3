"""Operations on the index of the catalogue that take several units of work.

Git is read in a unit of work that only reads; what was read is kept in a short one that writes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from etabli.features.catalogue import Reading, UnreadableRepoError
from etabli.foundation.i18n.messages import Message
from etabli.site import Site

REINDEX_BATCH = 100
"""Repositories that are read, and then kept in one unit of work."""
MOVE_BATCH = 1000
"""Entries that are looked at for new downloads before the next short write."""


@dataclass(frozen=True)
class Batch:
    """What one step of `reindex` has done."""

    count: int
    broken: Sequence[Message]
    """What is wrong with those that could not be read, and were left as they were."""


def index_repo(site: Site, repo_key: str) -> None:
    """Bring one entry up to date. Idempotent.

    Raises:
        UnreadableRepoError: the repository on disk is missing or damaged.
    """
    with site.read_hub() as hub:
        reading = hub.catalogue.read(repo_key)
    with site.open_hub() as hub:
        hub.catalogue.keep(repo_key, reading)


def reindex(site: Site, *, empty: bool = False) -> Iterator[Batch]:
    """Make every entry anew, a batch at a time, and go on where the last call was stopped.

    The hub may run meanwhile, and finds what it found before.

    Args:
        empty: take all entries out first, and begin at the first repository.
    """
    if empty:
        with site.open_hub() as hub:
            hub.catalogue.clear()
            hub.catalogue.note_progress("")
    with site.read_hub() as hub:
        after = hub.catalogue.progress()
    while True:
        with site.read_hub() as hub:
            keys = hub.repos.keys_after(after, REINDEX_BATCH)
        if not keys:
            break
        after = keys[-1]
        yield _index_batch(site, keys, after)
    _forget_orphans(site)
    with site.open_hub() as hub:
        hub.catalogue.note_progress("")


def follow_downloads(site: Site) -> None:
    """Put in order what was downloaded since it was last indexed. Idempotent."""
    after: int | None = 0
    while after is not None:
        with site.read_hub() as hub:
            moved, after = hub.catalogue.misplaced(after, MOVE_BATCH)
        for start in range(0, len(moved), REINDEX_BATCH):
            with site.open_hub() as hub:
                for key in moved[start : start + REINDEX_BATCH]:
                    hub.catalogue.move(key)


def _index_batch(site: Site, keys: Sequence[str], after: str) -> Batch:
    readings: dict[str, Reading | None] = {}
    broken: list[Message] = []
    for key in keys:
        try:
            with site.read_hub() as hub:
                readings[key] = hub.catalogue.read(key)
        except UnreadableRepoError as error:
            broken.append(error.text)
    with site.open_hub() as hub:
        for key, reading in readings.items():
            hub.catalogue.keep(key, reading)
        hub.catalogue.note_progress(after)
    return Batch(len(readings), broken)


def _forget_orphans(site: Site) -> None:
    while True:
        with site.open_hub() as hub:
            gone = hub.catalogue.orphans(REINDEX_BATCH)
            for key in gone:
                hub.catalogue.forget(key)
        if not gone:
            return

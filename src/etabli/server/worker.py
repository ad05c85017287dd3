"""The background worker: turns announced events into jobs, and runs the jobs.

Each lane has a thread of its own, so that a training does not hold up the index.
"""

import logging
import threading
import time

from etabli.foundation.events import Event
from etabli.foundation.jobs import LEASE, Plan
from etabli.foundation.writers import doing
from etabli.operations.event_handlers import LONG, REACTIONS, UPKEEP, Reaction
from etabli.operations.indexing import follow_downloads
from etabli.operations.maintenance import give_back, prune_events, tidy_repositories
from etabli.site import Site

log = logging.getLogger(__name__)

LANES = ("short", "long", "upkeep")
IDLE_S = 0.5
FIRST_GIVE_BACK_AFTER_S, GIVE_BACK_EVERY_S = 3600.0, 86_400.0


def lane_of(reaction: Reaction) -> str:
    if reaction in LONG:
        return "long"
    return "upkeep" if reaction in UPKEEP else "short"


PLANS = {
    event.__name__: [Plan(reaction.__name__, lane_of(reaction)) for reaction in reactions]
    for event, reactions in REACTIONS.items()
}
BY_NAME: dict[tuple[str, str], tuple[Reaction, type[Event]]] = {
    (reaction.__name__, event.__name__): (reaction, event)
    for event, reactions in REACTIONS.items()
    for reaction in reactions
}


class Worker:
    """Does the background work of a site until it is stopped."""

    def __init__(self, site: Site, *, alone: bool = True) -> None:
        """`alone`: no other worker serves this site, so that no claim can be another's."""
        self._site = site
        self._alone = alone
        self._stopping = threading.Event()
        self._give_back_at_s = time.monotonic() + FIRST_GIVE_BACK_AFTER_S
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name=f"worker-{lane}", daemon=True)
            for lane in LANES
        ]

    def start(self) -> None:
        if self._alone:
            with self._site.open_hub() as hub:
                for lane in LANES:
                    hub.jobs.release(lane)
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let the jobs at hand end; those that take long are given up, and done again later."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(timeout=5)

    def wait(self) -> None:
        self._stopping.wait()

    def _serve(self, lane: str) -> None:
        while not self._stopping.is_set():
            try:
                busy = work_once(self._site, lane)
                if lane == "upkeep" and not busy:
                    self._give_back_when_due()
            except Exception:
                log.exception("the worker of lane %s could not look for work", lane)
                busy = False
            if not busy:
                self._stopping.wait(IDLE_S)

    def _give_back_when_due(self) -> None:
        """Once a day: the space that nobody needs any more, and the order by downloads."""
        if time.monotonic() >= self._give_back_at_s:
            self._give_back_at_s = time.monotonic() + GIVE_BACK_EVERY_S
            give_back(self._site)
            tidy_repositories(self._site)
            prune_events(self._site)
            follow_downloads(self._site)


def work_once(site: Site, lane: str = "short") -> bool:
    """Run the next job of a lane that is due. False when there is none."""
    doing.set(f"the worker's look for work ({lane})")
    with site.read_hub() as hub:
        if not hub.jobs.has_news() and not hub.jobs.has_due(lane):
            return False
    with site.open_hub() as hub:
        hub.jobs.plan(PLANS)
        job = hub.jobs.claim(lane)
    if job is None:
        return False
    doing.set(job.reaction)
    try:
        reaction, event_type = BY_NAME[job.reaction, job.event]
        with _renewed(site, job.id):
            reaction(site, event_type(**job.payload))
    except Exception as error:  # whatever went wrong, the worker goes on
        log.exception("job %s (%s) failed", job.id, job.reaction)
        with site.open_hub() as hub:
            hub.jobs.put_off(job.id, error)
    else:
        with site.open_hub() as hub:
            hub.jobs.finish(job.id)
    return True


class _renewed:  # noqa: N801 - reads as what it does
    """Renews the claim on a job while it runs."""

    def __init__(self, site: Site, job_id: int) -> None:
        self._site, self._job_id = site, job_id
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _renew(self) -> None:
        while not self._done.wait(LEASE.total_seconds() / 3):
            with self._site.open_hub() as hub:
                hub.jobs.renew(self._job_id)

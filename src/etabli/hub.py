"""The hub: every feature and what each one needs. Read this file to see how the parts fit."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from etabli.features.accounts import Accounts, Actor
from etabli.features.catalogue import Catalogue
from etabli.features.footprint import Grid, PowerModel
from etabli.features.repos import BranchMovedError, Change, Draft, GitStore, Repo, Repos
from etabli.foundation.db import Database
from etabli.foundation.jobs import JobQueue
from etabli.foundation.work import UnitOfWork
from etabli.settings import Settings

MOST_REBASES = 10


@dataclass(frozen=True)
class Backends:
    """What reaches outside the process. Chosen once, from the settings."""

    git: GitStore


class Hub:
    """All that one unit of work can do. Made anew for each request and each job."""

    def __init__(self, work: UnitOfWork, backends: Backends) -> None:
        self.work = work
        self.jobs = JobQueue(work)
        self.accounts = Accounts(work)
        self.repos = Repos(work, self.accounts, backends.git)
        self.catalogue = Catalogue(work, self.repos)


class Site:
    """One running Établi: its settings, its database, its backends."""

    def __init__(self, settings: Settings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.database = Database(settings.resolved_database_url)
        self.backends = Backends(git=GitStore(settings.data_dir.resolve() / "repos"))
        self.power = PowerModel(watts_per_core=settings.watts_per_core)
        self.grid = Grid(settings.grid_name, settings.grid_g_co2e_per_kwh)
        self.downloads = DownloadCounter()

    @contextmanager
    def open_hub(self) -> Iterator[Hub]:
        """A hub whose changes are all kept when the block ends, or none of them if it raises."""
        with self.database.transaction() as db:
            yield self._hub(db)

    @contextmanager
    def read_hub(self) -> Iterator[Hub]:
        """A hub that sees one moment of the site, and changes nothing."""
        with self.database.reading() as db:
            yield self._hub(db)

    def commit(
        self,
        actor: Actor,
        repo: Repo,
        branch: str,
        changes: Sequence[Change],
        message: str,
        *,
        parent_sha: str | None = None,
    ) -> Draft:
        """Commit in two units of work: the objects on disk, then the ref in a short transaction.

        Whoever names no parent takes the branch where it is: when somebody else lands in between,
        the changes are drafted again on top. Whoever names one is refused.

        Raises:
            BranchMovedError: the branch is not, or no longer, at `parent_sha`.
        """
        for rebase in range(MOST_REBASES):
            with self.read_hub() as hub:
                draft = hub.repos.draft(
                    actor, repo, branch, changes, message, parent_sha=parent_sha
                )
            try:
                with self.open_hub() as hub:
                    hub.repos.land(draft)
            except BranchMovedError:
                if parent_sha is not None or rebase == MOST_REBASES - 1:
                    raise
            else:
                break
        self.derive_refs(repo.key)
        return draft

    def derive_refs(self, repo_key: str) -> None:
        """Make git's refs on disk say what SQL says. Bears a repetition."""
        with self.backends.git.refs_lock(repo_key), self.read_hub() as hub:
            repo = hub.repos.by_key(repo_key)
            if repo is not None:
                refs = {ref.name: ref.sha for ref in hub.repos.refs(repo)}
                self.backends.git.derive_refs(repo_key, refs)

    def recover(self) -> None:
        """Bring the disk back in line with SQL, whatever a killed process left behind."""
        with self.read_hub() as hub:
            keys = hub.repos.keys()
        for key in keys:
            self.backends.git.clear_leftovers(key)
            self.derive_refs(key)

    def close(self) -> None:
        self.database.close()

    def _hub(self, db: Session) -> Hub:
        return Hub(UnitOfWork(db, now=datetime.now(UTC)), self.backends)


class DownloadCounter:
    """Counts downloads in memory, so that a download writes nothing: the worker keeps them."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def add(self, repo_key: str) -> None:
        with self._lock:
            self._counts[repo_key] += 1

    def take(self) -> Counter[str]:
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken

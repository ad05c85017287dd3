"""The hub: every feature and what each one needs. Read this file to see how the parts fit."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import IO

from sqlalchemy.orm import Session

from etabli.features.accounts import Accounts, Actor, SignIns
from etabli.features.blobs import (
    LEAST_CUT_BYTES,
    STAGING,
    Blob,
    Blobs,
    BlobStore,
    PartStore,
    StagedFile,
    open_store,
    publish,
)
from etabli.features.catalogue import Catalogue
from etabli.features.community import Community, Proposals
from etabli.features.footprint import Grid, PowerModel
from etabli.features.git import AddFile, AddPointer, Change, DeleteFile, Draft, GitStore
from etabli.features.repos import (
    MOST_REBASES,
    Housekeeping,
    LargeFileArrived,
    PacksPiledUp,
    PullRefs,
    Pushes,
    RefDeleted,
    Refs,
    RefUpdate,
    Repo,
    Repos,
    RevisionPushed,
    rebased,
)
from etabli.features.serving import ModelCache, Serving, ServingBackend, Supervisor
from etabli.features.workshop import (
    Choices,
    Run,
    RunFolders,
    Source,
    Tables,
    Workshop,
    look_again,
    look_at,
    make,
)
from etabli.foundation.db import Database
from etabli.foundation.errors import EtabliError
from etabli.foundation.jobs import JobQueue
from etabli.foundation.signing import Signer, find_key, make_key
from etabli.foundation.work import UnitOfWork
from etabli.migrations import upgrade
from etabli.settings import Settings
from etabli.usage import UsageCounter


@dataclass(frozen=True)
class Backends:
    """What reaches outside the process. Chosen once, from the settings."""

    git: GitStore
    blobs: BlobStore
    parts: PartStore
    serving: ServingBackend
    runs: RunFolders


class Hub:
    """All that one unit of work can do. Made anew for each request and each job."""

    def __init__(self, work: UnitOfWork, backends: Backends) -> None:
        self.work = work
        self.jobs = JobQueue(work)
        self.accounts = Accounts(work)
        self.sign_ins = SignIns(work, self.accounts)
        self.blobs = Blobs(work, backends.blobs)
        self.repos = Repos(work, self.accounts, backends.git, self.blobs)
        self.refs = Refs(work, self.accounts, self.repos)
        self.pushes = Pushes(work, self.accounts, self.blobs)
        self.housekeeping = Housekeeping(work, self.accounts, backends.git, self.blobs)
        self.catalogue = Catalogue(work, self.accounts, self.repos)
        self.community = Community(work, self.accounts, self.repos)
        pulls = PullRefs(work, backends.git, self.blobs)
        self.proposals = Proposals(work, self.accounts, self.repos, pulls)
        self.serving = Serving(work, self.repos, backends.serving)
        self.workshop = Workshop(work, self.repos, self.serving, backends.runs)


class Site:
    """One running Établi: its settings, its database, its backends."""

    def __init__(self, settings: Settings) -> None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.database = Database(settings.resolved_database_url)
        self.backends = _open_backends(settings)
        self.usage = UsageCounter()

    @cached_property
    def signer(self) -> Signer:
        """Signs tokens and addresses, by a key that all processes of this site share."""
        with self.database.reading() as db:
            key = find_key(db)
        if key is None:
            with self.database.transaction() as db:
                key = make_key(db)
        return Signer(key)

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
        with self.read_hub() as hub:
            large = hub.repos.large_files(actor, repo, branch, changes)
        changes = self.keep_large(repo, changes, large)

        def draft_and_land() -> Draft:
            with self.read_hub() as hub:
                draft = hub.repos.draft(
                    actor, repo, branch, changes, message, parent_sha=parent_sha
                )
            with self.open_hub() as hub:
                hub.repos.land(draft)
            return draft

        draft = rebased(draft_and_land, tries=MOST_REBASES if parent_sha is None else 1)
        self.derive_refs(repo.key)
        return draft

    def push(
        self, actor: Actor, repo: Repo, updates: Sequence[RefUpdate], pack: IO[bytes] | None
    ) -> None:
        """Take in what git sends, by the way of a commit: objects on disk, then refs in SQL.

        Args:
            pack: read from where it stands; None when nothing but deletions is asked.

        Raises:
            NotAllowedError, PushRefusedError: `actor` may not move one of the refs so.
            BadPackError, PushTooLargeError: nothing was changed.
        """
        names = [update.name for update in updates]
        with self.read_hub() as hub:
            pushable = hub.proposals.pushable(actor, repo, names)
            # Before a byte of the pack is read: others' objects are not even looked at.
            hub.pushes.require(actor, repo, names, pushable)
        with self.backends.git.quarantine(repo.key) as arrived:
            if pack is not None:
                arrived.index(pack, self.settings.max_push_mb * 1_000_000)
            with self.read_hub() as hub:
                hub.pushes.check(repo, arrived)
                targets = hub.pushes.targets(repo, arrived, updates, pushable)
                hub.pushes.check_cards(repo, arrived, updates, targets)
            arrived.publish()
            with self.read_hub() as hub:
                commits = hub.proposals.pushed_commits(repo, updates)
            with self.open_hub() as hub:
                pushable = hub.proposals.pushable(actor, repo, names)
                hub.pushes.land(actor, repo, updates, targets, pushable)
                hub.proposals.note_pushed(actor, repo, commits)
        self.derive_refs(repo.key)

    def squash(self, actor: Actor, repo: Repo, branch: str, message: str) -> None:
        """Leave of a branch's history its last state only.

        Raises:
            BranchMovedError: somebody else landed in between.
        """
        with self.read_hub() as hub:
            draft = hub.housekeeping.draft_squashed(actor, repo, branch, message)
        with self.open_hub() as hub:
            hub.repos.land(draft)
        self.derive_refs(repo.key)

    def delete_large(self, actor: Actor, repo: Repo, sha256s: Sequence[str]) -> None:
        """Delete large files from every branch, by a commit each, and let their bytes go.

        Raises:
            NotAllowedError: `actor` may not write here.
        """
        with self.read_hub() as hub:
            branches = hub.housekeeping.paths_of(repo, sha256s)
        for branch, paths in branches.items():
            if paths:
                changes = [DeleteFile(path) for path in paths]
                self.commit(actor, repo, branch, changes, "Delete large files")
        with self.open_hub() as hub:
            hub.housekeeping.forget(actor, repo, sha256s)

    def keep_blob(self, repo: Repo, staged: StagedFile, brought_by: str | None = None) -> Blob:
        """Keep a received file, and note that `repo` holds it. The bytes first, then the rows.

        Args:
            brought_by: whose it counts as, until a proposal with it is merged.

        Raises:
            QuotaReachedError: the namespace that it counts for would hold more than it may.
            DiskFullError: there is no room.
        """
        with self.read_hub() as hub:
            known = hub.blobs.find(staged.sha256)
            is_here = known is not None and not hub.blobs.is_lost(known)
        if not is_here:
            publish(self.backends.blobs, staged)
        with self.open_hub() as hub:
            more = {staged.sha256: staged.size_bytes}
            quota_bytes = self.settings.namespace_quota_bytes
            hub.repos.require_room(repo, more, quota_bytes, brought_by)
            blob = hub.blobs.keep(staged)
            hub.repos.link_blob(repo, blob.sha256, blob.size_bytes, brought_by)
            if blob.file_hash is None and blob.size_bytes >= LEAST_CUT_BYTES:
                hub.work.announce(LargeFileArrived(repo.key, blob.sha256))
        return blob

    def keep_large(
        self,
        repo: Repo,
        changes: Sequence[Change],
        large: Sequence[Change],
        brought_by: str | None = None,
    ) -> Sequence[Change]:
        """The same changes, the bytes of what is large kept as if they had been uploaded before."""
        ids = {id(one) for one in large}
        return [
            self._as_pointer(repo, one, brought_by) if id(one) in ids else one for one in changes
        ]

    def _as_pointer(self, repo: Repo, change: Change, brought_by: str | None) -> Change:
        assert isinstance(change, AddFile)  # noqa: S101 - no other change brings bytes
        with self.backends.blobs.stage() as staged:
            staged.write(change.content)
            staged.finish()
            blob = self.keep_blob(repo, staged, brought_by)
        return AddPointer(change.path, blob.sha256, blob.size_bytes)

    def start_run(
        self,
        actor: Actor,
        name: str,
        tables: Tables,
        source: Source,
        choices: Choices | None = None,
    ) -> Run:
        """Take in a table and look at it; a run is kept only if it can be used.

        Raises:
            BadTableError, TooSlowError, InvalidRepoNameError: see `look_at`.
        """
        checked = look_at(self.backends.runs, name, tables, choices)
        with self.open_hub() as hub:
            return hub.workshop.start(actor, checked, source)

    def check_again(self, actor: Actor, run_key: str, choices: Choices) -> None:
        """Look at a run's table with other columns or fixes; a bad choice changes nothing."""
        with self.read_hub() as hub:
            run = hub.workshop.require_unmade(actor, run_key)
            before = hub.workshop.choices(run)
        look_again(self.backends.runs, run_key, before, choices)

    def make_run(self, run_key: str) -> None:
        """Make a queued run, to its end. Bears a repetition: a making cut short starts again."""
        with self.open_hub() as hub:
            if not hub.workshop.begin(run_key):
                return
        problem: EtabliError | None = None
        try:
            make(self.backends.runs, run_key, lambda: self._is_stopped(run_key))
        except EtabliError as error:
            problem = error
        with self.open_hub() as hub:
            hub.workshop.end(run_key, problem)

    def _is_stopped(self, run_key: str) -> bool:
        with self.read_hub() as hub:
            return hub.workshop.is_stopped(run_key)

    def derive_refs(self, repo_key: str) -> None:
        """Make git's refs on disk say what SQL says. Bears a repetition."""
        if not self.backends.git.has(repo_key):
            return  # deleted meanwhile; or lost, and then `etabli doctor` says so
        with self.backends.git.refs_lock(repo_key), self.read_hub() as hub:
            repo = hub.repos.by_key(repo_key)
            if repo is not None:
                refs = {ref.name: ref.git_sha for ref in hub.repos.refs(repo)}
                self.backends.git.derive_refs(repo_key, refs)

    def settle(self, repo_key: str) -> None:
        """After a push: git's refs on disk, and a word when packs have piled up."""
        self.derive_refs(repo_key)
        if self.backends.git.has_piled_up(repo_key):
            with self.open_hub() as hub:
                piled_up = PacksPiledUp(repo_key)
                if not hub.jobs.awaits(piled_up):
                    hub.work.announce(piled_up)

    def keep_usage(self) -> None:
        """Write down what was counted in memory since the last time."""
        usage = self.usage.take()
        if not usage:
            return
        try:
            with self.open_hub() as hub:
                for repo_key, count in usage.downloads.items():
                    hub.repos.count_downloads(repo_key, count)
                hub.accounts.note_uses(usage.tokens)
        except EtabliError:
            self.usage.add(usage)
            raise

    def migrate(self) -> None:
        """Bring the tables to the shape that this code knows. Bears a repetition.

        Raises:
            NewerDatabaseError: a newer version has written this database.
        """
        upgrade(self.database)

    def recover(self) -> None:
        """Bring the disk back in line with SQL, whatever a killed process left behind.

        Only where something was under way: what is announced in the transaction that moved a ref
        says so. The rest needs nothing, and `tidy_repositories` clears it away, later.
        """
        assert self.signer  # noqa: S101 - its key is made now, and not within another transaction
        with self.read_hub() as hub:
            keys = hub.jobs.unfinished([RevisionPushed, RefDeleted], "repo_key")
        for key in sorted(keys):
            self.derive_refs(key)

    def close(self) -> None:
        self.backends.serving.process.close()
        self.database.close()

    def _hub(self, db: Session) -> Hub:
        return Hub(UnitOfWork(db, now=datetime.now(UTC)), self.backends)


def _open_backends(settings: Settings) -> Backends:
    folder = settings.data_dir.resolve()
    serving = ServingBackend(
        process=Supervisor(settings.answering_processes),
        cache=ModelCache(folder / "serving"),
        power=PowerModel(watts_per_core=settings.watts_per_core),
        grid=Grid(settings.grid_name, settings.grid_g_co2e_per_kwh),
    )
    return Backends(
        git=GitStore(folder / "repos"),
        blobs=open_store(folder / "blobs", settings.s3_address, settings.s3_endpoint_url),
        parts=PartStore(folder / "blobs" / STAGING),
        serving=serving,
        runs=RunFolders(folder / "runs"),
    )

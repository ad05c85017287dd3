"""Repositories to be: planned by what the database says, written on disk, then made true by rows.

So whoever writes the database waits for no disk: `land` of this page reads and writes rows alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from etabli.features.accounts import (
    Accounts,
    Actor,
    NamespaceNotFoundError,
    Permission,
    Resource,
    is_valid_name,
)
from etabli.features.git import (
    ATTRIBUTES,
    AddFile,
    Attributes,
    Change,
    CommitBuilder,
    GitStore,
    initial_attributes,
)
from etabli.features.repos.card_check import CARD, DEFAULT_SDK, first_space_card, require_card
from etabli.features.repos.errors import InvalidRepoNameError, RepoExistsError
from etabli.features.repos.events import RepoCreated, RevisionPushed
from etabli.features.repos.lfs_files import LargeFiles
from etabli.features.repos.models import DEFAULT_BRANCH, HEADS, Ref, Repo, RepoType
from etabli.features.repos.queries import RepoStore
from etabli.foundation.unit_of_work import UnitOfWork

MAIN = HEADS + DEFAULT_BRANCH


@dataclass(frozen=True)
class NewRepo:
    """A repository that nobody sees yet: its key, and what it is to be."""

    key: str
    type: RepoType
    namespace: str
    name: str
    private: bool
    sdk: str
    author: str
    made_at: datetime

    def attributes(self) -> Attributes:
        """Which of its first files are large."""
        return Attributes(self._attributes)

    @property
    def _attributes(self) -> bytes:
        return initial_attributes(for_dataset=self.type is RepoType.DATASET).encode()

    def first_files(self) -> Sequence[Change]:
        files = [AddFile(ATTRIBUTES, self._attributes)]
        if self.type is RepoType.SPACE:
            files.append(AddFile(CARD, first_space_card(self.name, self.sdk).encode()))
        return files


def write_commits(
    git: GitStore, new: NewRepo, changes: Sequence[Change] = (), message: str = ""
) -> str:
    """Put its first commit on disk, and a second one of `changes`; the SHA-1 of the last.

    Args:
        changes: what is large among them is an `AddPointer`, whose bytes are stored.

    Raises:
        InvalidPathError, PathClashError: see the changes.
        BadCardError: README.md is no card.
        DiskFullError: there is no room.
    """
    git.create(new.key)
    sha = _commit(git, new, None, new.first_files(), "initial commit")
    return _commit(git, new, sha, changes, message) if changes else sha


def _commit(
    git: GitStore, new: NewRepo, base_sha: str | None, changes: Sequence[Change], message: str
) -> str:
    builder = CommitBuilder(git.open(new.key), base_sha)
    builder.apply(changes)
    require_card(builder.changed(CARD))
    sha, objects = builder.commit(message, new.author, new.made_at)
    if objects:
        git.write_pack(new.key, objects)
    return sha


class NewRepos:
    """The rows of a new repository: what they must be, and that they are."""

    def __init__(
        self, work: UnitOfWork, accounts: Accounts, store: RepoStore, large: LargeFiles
    ) -> None:
        self._work = work
        self._accounts = accounts
        self._store = store
        self._large = large

    def plan(
        self,
        actor: Actor,
        type: RepoType,
        namespace: str,
        name: str,
        private: bool | None,
        sdk: str = DEFAULT_SDK,
    ) -> NewRepo:
        """See `Repos.plan`."""
        owner = self.require_free(actor, type, namespace, name)
        if private is None:
            private = self.is_private_by_default(owner)
        author = actor.name or ""
        return NewRepo(uuid4().hex, type, owner, name, private, sdk, author, self._work.now)

    def is_private_by_default(self, namespace: str) -> bool:
        """See `Repos.is_private_by_default`."""
        try:
            return self._accounts.namespace(namespace).private_by_default
        except NamespaceNotFoundError:
            return False

    def require_free(self, actor: Actor, type: RepoType, namespace: str, name: str) -> str:
        """See `Repos.require_free`."""
        if not is_valid_name(name):
            raise InvalidRepoNameError(name)
        written = self.namespace_for(actor, namespace)
        taken = self._store.find(type, f"{written}/{name}")
        if taken is not None:
            raise RepoExistsError(taken)
        return written

    def namespace_for(self, actor: Actor, namespace: str) -> str:
        """A namespace in its own spelling, for an actor who may create in it."""
        namespace = actor.spelled(namespace)
        self._accounts.require(actor, Permission.CREATE_REPO, Resource(namespace))
        return namespace

    def land(self, actor: Actor, new: NewRepo, sha: str, held: Mapping[str, int]) -> Repo:
        """See `Repos.land_new`."""
        self.require_free(actor, new.type, new.namespace, new.name)
        repo = Repo(
            key=new.key,
            type=new.type,
            namespace=new.namespace,
            name=new.name,
            private=new.private,
            created_at=self._work.now,
            updated_at=self._work.now,
        )
        repo.full_name_key = repo.full_name.lower()
        self._store.add(repo)
        self._large.hold(repo, held)
        self._store.add_ref(Ref(repo_key=repo.key, name=MAIN, sha=sha))
        created = RepoCreated(repo.key, repo.type, repo.full_name)
        self._work.announce(created, public=not repo.private)
        self._work.announce(RevisionPushed(repo.key, MAIN, None, sha), public=not repo.private)
        return repo

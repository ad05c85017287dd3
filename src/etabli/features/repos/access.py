"""Who may do what with one repository: what its namespace says, and what was granted besides."""

from dataclasses import replace

from etabli.features.accounts import Accounts, Actor, Permission, Resource, can
from etabli.features.repos.aliases import Aliases
from etabli.features.repos.errors import (
    GatedRepoError,
    GatedSignInError,
    MirrorReadOnlyError,
    RepoAliasedError,
    RepoMovedError,
    RepoNotFoundError,
)
from etabli.features.repos.events import GateChanged
from etabli.features.repos.models import Gate, Repo, RepoType
from etabli.features.repos.queries import RepoStore
from etabli.foundation.errors import NotFoundError
from etabli.foundation.unit_of_work import UnitOfWork


class Access:
    """Gate a repository, and ask who may pass."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, store: RepoStore) -> None:
        self._work = work
        self._accounts = accounts
        self._store = store
        self._aliases = Aliases(work)

    def resource(self, actor: Actor, repo: Repo) -> Resource:
        """The repository as `can` takes it, with the grants that this actor may rely on."""
        resource = repo.resource
        if not repo.gated or not actor.roles:
            return resource
        return replace(resource, granted_to=self._store.granted(repo.key, actor.roles))

    def is_known(self, actor: Actor, permission: Permission, repo: Repo) -> bool:
        """Whether it may be said that it is there: who may only ask a model may know of it too."""
        return any(can(actor, one, repo.resource) for one in (Permission.SEE_REPO, permission))

    def may(self, actor: Actor, permission: Permission, repo: Repo) -> bool:
        return can(actor, permission, self.resource(actor, repo))

    def require(self, actor: Actor, permission: Permission, repo: Repo) -> None:
        """
        Raises:
            GatedSignInError, GatedRepoError: only for bytes that are gated.
            MirrorReadOnlyError: it is a copy of what is elsewhere.
            SignInNeededError, NotAllowedError, ScopeMissingError: see `Accounts.require`.
        """
        if repo.is_mirror and not permission.only_reads:
            raise MirrorReadOnlyError(repo.full_name)
        resource = self.resource(actor, repo)
        if permission.reads_bytes and resource.keeps_bytes_from(actor):
            raise GatedRepoError(repo) if actor.name else GatedSignInError(repo)
        self._accounts.require(actor, permission, resource)

    def missing(self, actor: Actor, type: RepoType, full_name: str) -> NotFoundError:
        """What to tell of a name that nothing has that this actor may see."""
        moved = self._store.find_moved(type, full_name)
        if moved is None or not can(actor, Permission.SEE_REPO, moved.resource):
            return self._aliased(type, full_name) or RepoNotFoundError(full_name)
        return RepoMovedError(moved, full_name)

    def _aliased(self, type: RepoType, full_name: str) -> RepoAliasedError | None:
        """Of a name without an owner, what stands after it is taken for the name: `gpt2/tree`; and
        what stands before it for the owner: `datasets/squad`."""
        first, _, second = full_name.partition("/")
        alias = second if first == f"{type}s" else first
        meant = self._aliases.find(type, alias) if alias else None
        return RepoAliasedError(alias, meant) if meant else None

    def set_gate(self, actor: Actor, repo: Repo, gate: Gate | None) -> Repo:
        """Keep its bytes for its namespace's members and those who are let in, or no longer.

        Who was let in before stays so. Gives the repository as it is then.

        Raises:
            NotAllowedError: `actor` does not administer it.
            RepoNotFoundError: it was deleted meanwhile.
        """
        self._accounts.require(actor, Permission.ADMIN_REPO, repo.resource)
        gated = self._store.set_gate(repo.key, gate)
        if gated is None:
            raise RepoNotFoundError(repo.full_name)
        self._work.announce(GateChanged(repo.key))
        return gated

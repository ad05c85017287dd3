"""Branches and tags: made and deleted, each in one short unit of work."""

from etabli.features.accounts import Accounts, Actor, Permission
from etabli.features.repos.errors import (
    InvalidRefNameError,
    RefExistsError,
    RefProtectedError,
    RevisionNotFoundError,
)
from etabli.features.repos.events import RefDeleted, RevisionPushed
from etabli.features.repos.models import (
    DEFAULT_BRANCH,
    HEADS,
    TAGS,
    Ref,
    Repo,
    is_valid_ref_name,
    refs_clash,
)
from etabli.features.repos.queries import RepoStore
from etabli.features.repos.service import Repos
from etabli.foundation.unit_of_work import UnitOfWork


class Refs:
    """Make and delete the branches and tags of a repository."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, repos: Repos) -> None:
        self._work = work
        self._accounts = accounts
        self._repos = repos
        self._store = RepoStore(work.db)

    def create_branch(self, actor: Actor, repo: Repo, name: str, start: str) -> None:
        self._create_ref(actor, repo, HEADS + name, self._repos.commit_of(repo, start))

    def create_tag(self, actor: Actor, repo: Repo, name: str, revision: str) -> None:
        self._create_ref(actor, repo, TAGS + name, self._repos.commit_of(repo, revision))

    def create_branch_at(self, actor: Actor, repo: Repo, name: str, sha: str) -> None:
        """As `create_branch`, at what `commit_of` has found: it reads no git."""
        self._create_ref(actor, repo, HEADS + name, sha)

    def create_tag_at(self, actor: Actor, repo: Repo, name: str, sha: str) -> None:
        self._create_ref(actor, repo, TAGS + name, sha)

    def delete_branch(self, actor: Actor, repo: Repo, name: str) -> None:
        """
        Raises:
            RefProtectedError: it is the default branch.
            RevisionNotFoundError: there is none.
        """
        if name == DEFAULT_BRANCH:
            raise RefProtectedError(HEADS + name)
        self._delete_ref(actor, repo, HEADS + name)

    def delete_tag(self, actor: Actor, repo: Repo, name: str) -> None:
        self._delete_ref(actor, repo, TAGS + name)

    def _create_ref(self, actor: Actor, repo: Repo, full_name: str, sha: str) -> None:
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        name = full_name.removeprefix(HEADS).removeprefix(TAGS)
        if not is_valid_ref_name(name):
            raise InvalidRefNameError(name)
        for ref in self._store.refs(repo.key):
            if refs_clash(ref.name, full_name):
                raise RefExistsError(ref.name)
        self._store.add_ref(Ref(repo_key=repo.key, name=full_name, sha=sha))
        self._work.announce(
            RevisionPushed(repo.key, full_name, None, sha), public=self._store.is_public(repo.key)
        )

    def _delete_ref(self, actor: Actor, repo: Repo, name: str) -> None:
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        if self._store.ref(repo.key, name) is None:
            raise RevisionNotFoundError(name.removeprefix(HEADS).removeprefix(TAGS))
        self._store.delete_ref(repo.key, name)
        self._work.announce(RefDeleted(repo.key, name), public=self._store.is_public(repo.key))

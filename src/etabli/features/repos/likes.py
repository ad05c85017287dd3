"""Who likes what. A like is said in the open: whoever sees the repository sees by whom."""

from collections.abc import Sequence

from etabli.features.accounts import Accounts, Actor, Permission, Scope
from etabli.features.repos.like_queries import LikeStore
from etabli.features.repos.models import Like, Repo
from etabli.features.repos.queries import RepoStore
from etabli.foundation.unit_of_work import UnitOfWork


class Likes:
    """Like a repository, or no longer, and ask who does."""

    def __init__(self, work: UnitOfWork, accounts: Accounts) -> None:
        self._work = work
        self._accounts = accounts
        self._store = LikeStore(work.db)
        self._repos = RepoStore(work.db)

    def like(self, actor: Actor, repo: Repo) -> None:
        """Idempotent.

        Raises:
            SignInNeededError, NotAllowedError, ScopeMissingError: see `Accounts.require`.
        """
        self._accounts.require(actor, Permission.TAKE_PART, repo.resource)
        said = Like(repo_key=repo.key, user=actor.name or "", liked_at=self._work.now)
        if self._store.add(said):
            self._store.add_to_count(repo.key, 1)

    def unlike(self, actor: Actor, repo: Repo) -> None:
        """Idempotent. Raises: as `like`."""
        self._accounts.require(actor, Permission.TAKE_PART, repo.resource)
        if self._store.remove(repo.key, actor.name or ""):
            self._store.add_to_count(repo.key, -1)

    def is_liked(self, actor: Actor, repo: Repo) -> bool:
        """By this person."""
        return actor.name is not None and self._store.find(repo.key, actor.name) is not None

    def likers(self, repo: Repo, start: int, limit: int) -> Sequence[str]:
        """Their names, the newest first."""
        return self._store.users(repo.key, start, limit)

    def liked_by(
        self, user: str, actor: Actor, start: int, limit: int
    ) -> Sequence[tuple[Like, Repo]]:
        """What somebody likes of what `actor` may see, the newest first."""
        seen = self._repos.visible_to(actor, Scope.READ)
        return self._store.of_user(user, seen, start, limit)

    def count_by(self, user: str, actor: Actor) -> int:
        """How much of what `actor` may see somebody likes."""
        return self._store.count_of_user(user, self._repos.visible_to(actor, Scope.READ))

"""Refs moved by git itself, by the same way as a commit: objects first, then one transaction."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from etabli.features.accounts import Accounts, Actor, Permission
from etabli.features.blobs import Blobs
from etabli.features.git import Quarantine, Target
from etabli.features.repos.card_check import CARD, MAX_CARD_BYTES, require_card
from etabli.features.repos.errors import (
    BadCardError,
    BranchMovedError,
    InvalidRefNameError,
    NoCommitError,
    RefExistsError,
    RefNotPushableError,
    RefProtectedError,
)
from etabli.features.repos.events import RefDeleted, RevisionPushed
from etabli.features.repos.lfs_files import LargeFiles
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
from etabli.foundation.errors import EtabliError
from etabli.foundation.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class RefUpdate:
    """What git asks for one ref. None: it is not there before, or shall not be after."""

    name: str
    old_sha: str | None
    new_sha: str | None


class PushRefusedError(EtabliError):
    """Nothing was changed, because of one ref or of all."""

    def __init__(self, ref: str | None, reason: EtabliError) -> None:
        self.ref = ref
        self.reason = reason
        super().__init__(reason.text)


class Pushes:
    """Check what was pushed, and move the refs to it: all of them, or none."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, blobs: Blobs) -> None:
        self._work = work
        self._accounts = accounts
        self._store = RepoStore(work.db)
        self._large = LargeFiles(work, self._store, blobs)

    def require(
        self, actor: Actor, repo: Repo, names: Sequence[str], pushable: AbstractSet[str]
    ) -> None:
        """
        Args:
            pushable: the proposals among these refs that `actor` may add commits to.

        Raises:
            NotAllowedError: another of the refs is not for `actor` to move.
        """
        if not names or any(name not in pushable for name in names):
            self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)

    def check(self, repo: Repo, arrived: Quarantine) -> None:
        """Look at the objects that arrived, before they are put in the repository.

        Raises:
            PushRefusedError: an object is nothing that a repository here takes.
        """
        try:
            self._large.check_held(repo.key, arrived.check())
        except EtabliError as error:
            raise PushRefusedError(None, error) from error

    def targets(
        self,
        repo: Repo,
        arrived: Quarantine,
        updates: Sequence[RefUpdate],
        pushable: AbstractSet[str],
    ) -> Sequence[Target | None]:
        """
        Raises:
            PushRefusedError: a ref would lead to no commit; a proposal, to one that its author did
                not bring and that no ref shows any more.
        """
        targets = [_target(arrived, update) for update in updates]
        shown = [ref.sha for ref in self._store.refs(repo.key)]
        for update, target in zip(updates, targets, strict=True):
            if update.name in pushable and target and arrived.revives(target.commit_sha, shown):
                raise PushRefusedError(update.name, NoCommitError(update.name))
        return targets

    def check_cards(
        self,
        repo: Repo,
        arrived: Quarantine,
        updates: Sequence[RefUpdate],
        targets: Sequence[Target | None],
    ) -> None:
        """Look at the README.md of each ref but a tag, if it is not the one that the ref had.

        A new one is compared with the default branch.

        Raises:
            PushRefusedError: it becomes no card.
        """
        main = self._store.ref(repo.key, HEADS + DEFAULT_BRANCH)
        for update, target in zip(updates, targets, strict=True):
            if target is None or update.name.startswith(TAGS):
                continue
            before = update.old_sha or (main.sha if main else None)
            try:
                require_card(_changed_card(arrived, before, target.commit_sha))
            except BadCardError as error:
                raise PushRefusedError(update.name, error) from error

    def land(
        self,
        actor: Actor,
        repo: Repo,
        updates: Sequence[RefUpdate],
        targets: Sequence[Target | None],
        pushable: AbstractSet[str],
    ) -> None:
        """Move the refs: with this transaction all of it is true.

        Args:
            pushable: as for `require`.

        Raises:
            NotAllowedError: `actor` may not write here.
            PushRefusedError: one of the refs cannot be moved so, or was moved meanwhile.
        """
        self.require(actor, repo, [update.name for update in updates], pushable)
        for update, target in zip(updates, targets, strict=True):
            try:
                self._move(repo, update, target, pushable)
            except EtabliError as error:
                raise PushRefusedError(update.name, error) from error
        if not all(update.name in pushable for update in updates):
            self._store.touch(repo.key, self._work.now)  # a proposal is no news of the repository

    def _move(
        self, repo: Repo, update: RefUpdate, target: Target | None, pushable: AbstractSet[str]
    ) -> None:
        is_pull_request = update.name in pushable and target is not None
        if not is_pull_request and not update.name.startswith((HEADS, TAGS)):
            raise RefNotPushableError(update.name)
        known = self._store.ref(repo.key, update.name)
        if (known.git_sha if known else None) != update.old_sha:
            raise BranchMovedError(update.name.removeprefix(HEADS))
        if target is None:
            self._delete(repo, update, known)
        elif known is None:
            self._create(repo, update, target)
        elif self._store.move_ref(
            repo.key, update.name, known.sha, target.commit_sha, target.tag_sha
        ):
            self._announce(repo, update, known.sha, target)
        else:
            raise BranchMovedError(update.name.removeprefix(HEADS))

    def _delete(self, repo: Repo, update: RefUpdate, known: Ref | None) -> None:
        if update.name == HEADS + DEFAULT_BRANCH:
            raise RefProtectedError(update.name)
        if known is not None:
            self._store.delete_ref(repo.key, update.name)
            self._work.announce(
                RefDeleted(repo.key, update.name), public=self._store.is_public(repo.key)
            )

    def _create(self, repo: Repo, update: RefUpdate, target: Target) -> None:
        short = update.name.removeprefix(HEADS).removeprefix(TAGS)
        if not is_valid_ref_name(short):
            raise InvalidRefNameError(short)
        for ref in self._store.refs(repo.key):
            if refs_clash(ref.name, update.name):
                raise RefExistsError(ref.name)
        made = Ref(
            repo_key=repo.key, name=update.name, sha=target.commit_sha, tag_sha=target.tag_sha
        )
        self._store.add_ref(made)
        self._announce(repo, update, None, target)

    def _announce(self, repo: Repo, update: RefUpdate, old_sha: str | None, target: Target) -> None:
        self._work.announce(
            RevisionPushed(repo.key, update.name, old_sha, target.commit_sha),
            public=self._store.is_public(repo.key),
        )


def _changed_card(arrived: Quarantine, before_sha: str | None, sha: str) -> bytes | None:
    card = arrived.file(sha, CARD)
    known = before_sha and arrived.target(before_sha)
    before = arrived.file(known.commit_sha, CARD) if known else None
    if card is None or (before is not None and before.id == card.id):
        return None
    # A longer one is shown by nobody, and read by nobody.
    return card.data if arrived.size_bytes(card) <= MAX_CARD_BYTES else None


def _target(arrived: Quarantine, update: RefUpdate) -> Target | None:
    if update.new_sha is None:
        return None
    target = arrived.target(update.new_sha)
    if target is None or (target.tag_sha and not update.name.startswith(TAGS)):
        raise PushRefusedError(update.name, NoCommitError(update.name))
    return target

"""From changes to objects on disk: the first half of every commit."""

from collections.abc import Iterable

from etabli.features.git import Change, CommitBuilder, GitStore, PreparedCommit
from etabli.features.repos.card_check import CARD, require_card
from etabli.features.repos.lfs_files import LargeFiles
from etabli.features.repos.models import Repo
from etabli.foundation.unit_of_work import UnitOfWork


class CommitPreparer:
    def __init__(self, work: UnitOfWork, git: GitStore, large: LargeFiles) -> None:
        self._work = work
        self._git = git
        self._large = large

    def draft(
        self,
        repo: Repo,
        ref: str,
        base_sha: str | None,
        changes: Iterable[Change],
        message: str,
        author: str | None,
    ) -> PreparedCommit:
        """Put the objects of a commit on top of `base_sha` on disk, whoever may land it.

        Raises:
            InvalidPathError, PathClashError, EntryNotFoundError: see the changes.
            LargeFileNotHeldError, LargeFileSizeError: the bytes of a pointer are not here.
            BadCardError: README.md changes, and becomes no card.
        """
        checked = self._large.check(repo.key, changes)
        builder = CommitBuilder(self._git.open(repo.key), base_sha)
        builder.apply(checked)
        require_card(builder.changed(CARD))
        commit_sha, objects = builder.commit(message, author or "", self._work.now)
        if objects:
            self._git.write_pack(repo.key, objects)
        return PreparedCommit(repo.key, ref, base_sha, commit_sha)

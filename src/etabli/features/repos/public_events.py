"""What anybody may know of what happened to repositories, in its order."""

from collections.abc import Sequence

from sqlalchemy import select

from etabli.features.repos.models import Repo
from etabli.foundation.event_log import EventLog
from etabli.foundation.events import StoredEvent
from etabli.foundation.unit_of_work import UnitOfWork


class PublicEvents:
    """The log of events as everybody may see it: for followers, notices and signed logs."""

    def __init__(self, work: UnitOfWork) -> None:
        self._log = EventLog(work)

    def after(self, position: int, at_most: int) -> Sequence[StoredEvent]:
        """The next ones, in their order. Of a repository that is private now there are none, but
        for `RepoHidden`; nor of one that was private when it was deleted.

        Raises:
            EventsPrunedError: some after this position are gone.
        """
        return self._log.public_after(position, at_most, select(Repo.key).where(Repo.private))

    def hide(self, repo_key: str) -> None:
        """A repository becomes private: what is known of it is to be known no more."""
        self._log.hide(repo_key)

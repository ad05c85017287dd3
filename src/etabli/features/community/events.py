"""What happens in discussions. Public where the repository is."""

from dataclasses import dataclass

from etabli.foundation.events import Event


@dataclass(frozen=True)
class DiscussionFact(Event):
    repo_key: str
    num: int

    @property
    def subject(self) -> str | None:
        return self.repo_key


@dataclass(frozen=True)
class DiscussionOpened(DiscussionFact):
    """`is_pull_request`: it brings commits."""

    is_pull_request: bool


@dataclass(frozen=True)
class CommentPosted(DiscussionFact):
    """What it says is in the discussion, where it may be changed or hidden: not here."""


@dataclass(frozen=True)
class DiscussionStatusChanged(DiscussionFact):
    """It was opened again, closed, merged, or published: `status` says what it is now."""

    status: str

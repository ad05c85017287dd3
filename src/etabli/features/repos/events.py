"""What happens to repositories. Public where the repository was, but for the last two."""

from dataclasses import dataclass

from etabli.foundation.events import Event


@dataclass(frozen=True)
class RepoEvent(Event):
    repo_key: str

    @property
    def subject(self) -> str | None:
        return self.repo_key


@dataclass(frozen=True)
class RepoCreated(RepoEvent):
    type: str
    full_name: str


@dataclass(frozen=True)
class RepoMoved(RepoEvent):
    """It has another full name, and perhaps another owner."""

    type: str
    old_full_name: str
    full_name: str


@dataclass(frozen=True)
class RepoShown(RepoEvent):
    """What was private is public now, with all that it holds."""

    type: str
    full_name: str


@dataclass(frozen=True)
class RepoHidden(Event):
    """What was public is private now. About nothing that is hidden: who follows it must know."""

    repo_key: str


@dataclass(frozen=True)
class GateChanged(RepoEvent):
    """Who sees it may read its bytes only with a grant, or need none any more."""


@dataclass(frozen=True)
class RepoDeleted(RepoEvent):
    type: str
    full_name: str


@dataclass(frozen=True)
class RevisionPushed(RepoEvent):
    """A ref moved to `new_sha`; `old_sha` is None when it is new."""

    ref: str
    old_sha: str | None
    new_sha: str


@dataclass(frozen=True)
class RefDeleted(RepoEvent):
    ref: str


@dataclass(frozen=True)
class PacksPiledUp(RepoEvent):
    """A repository has so many packs that to read it gets slow."""


@dataclass(frozen=True)
class LargeFileArrived(RepoEvent):
    """A large file came in one piece, for this repository."""

    sha256: str

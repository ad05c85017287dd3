from dataclasses import dataclass

from etabli.foundation.events import Event


@dataclass(frozen=True)
class RepoCreated(Event):
    repo_key: str


@dataclass(frozen=True)
class RepoUpdated(Event):
    """Its name or its visibility changed."""

    repo_key: str


@dataclass(frozen=True)
class RepoDeleted(Event):
    repo_key: str


@dataclass(frozen=True)
class RevisionPushed(Event):
    """A ref moved to `new_sha`; `old_sha` is None when it is new."""

    repo_key: str
    ref: str
    old_sha: str | None
    new_sha: str


@dataclass(frozen=True)
class RefDeleted(Event):
    repo_key: str
    ref: str


@dataclass(frozen=True)
class PacksPiledUp(Event):
    """A repository has so many packs that to read it gets slow."""

    repo_key: str


@dataclass(frozen=True)
class LargeFileArrived(Event):
    """A large file came in one piece, for this repository."""

    repo_key: str
    sha256: str

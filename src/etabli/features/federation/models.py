"""The nouns of federation."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from etabli.foundation.db import Table


class Upstream(Table):
    """A hub that is asked for what is not here. No secret is kept of it, and none is sent to it."""

    __tablename__ = "upstreams"

    name: Mapped[str] = mapped_column(primary_key=True)
    """What the operator calls it."""
    url: Mapped[str] = mapped_column(unique=True)
    """With no slash at the end."""
    allow_private: Mapped[bool] = mapped_column(default=False)
    """Whether it may be at an address that is not of the public internet."""
    added_at: Mapped[datetime]


class BoundNamespace(Table):
    """The one origin of a namespace, since it was first seen. It outlives its upstream: what was
    one hub's is never another's."""

    __tablename__ = "bound_namespaces"

    name_key: Mapped[str] = mapped_column(primary_key=True)
    """In lower case, as in `namespaces`."""
    url: Mapped[str]
    """The upstream's."""
    bound_at: Mapped[datetime]


class Trouble(StrEnum):
    """Why the upstream could not be followed when it was last asked."""

    NONE = ""
    DOWN = "down"
    """It did not answer, or not as a hub does."""
    GONE = "gone"
    """It says that there is no such repository any more, or none for everybody."""
    REFUSED = "refused"
    """What it sent is nothing that a repository here takes."""


class Mirror(Table):
    """Where a repository comes from, and when that was last asked."""

    __tablename__ = "mirrors"

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    url: Mapped[str]
    """The upstream's."""
    made_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    """When it was last asked, whether it answered or not."""
    answered_at: Mapped[datetime]
    """When it last answered: since then, what is here is what it had."""
    trouble: Mapped[Trouble] = mapped_column(default=Trouble.NONE)


class PullState(StrEnum):
    UNDER_WAY = "under-way"
    VERIFIED = "verified"
    LET_GO = "let-go"
    """It proved right, and was let go of to make room: it comes again when it is asked for."""
    DIFFERENT = "different"
    """It was not what the commit says: nothing of it was kept. Evidence against the upstream."""
    CUT = "cut"
    """It did not come to its end."""


class PulledFile(Table):
    """What is known of a large file that was asked of an upstream. Evidence: it stays."""

    __tablename__ = "pulled_files"

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    sha256: Mapped[str] = mapped_column(primary_key=True, index=True)
    """What the pointer in git says, and so the commit."""
    path: Mapped[str]
    commit_sha: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[PullState]
    found: Mapped[str] = mapped_column(default="")
    """Where the last one was different: its SHA-256 or its size, for a person to read."""
    is_tainted: Mapped[bool] = mapped_column(default=False)
    """Whether bytes that never proved right may have been sent on, at any time: who has the
    beginning of such a file must not be given the rest of another."""
    differences: Mapped[int] = mapped_column(default=0)
    """How often it was not what the commit says."""
    differed_at: Mapped[datetime | None] = mapped_column(default=None)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    used_at: Mapped[datetime]
    """When it was last asked for, give or take an hour."""

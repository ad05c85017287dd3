"""The nouns of community."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from etabli.foundation.db import Table

LONGEST_TITLE = 200
LONGEST_TEXT = 65_536
MAX_OPEN = 50
"""Discussions that one person may have open in a repository that is not theirs."""
MAX_A_DAY = 100
"""The same, begun within 24 hours, whatever became of them: each takes a number for ever."""
MAX_EVENTS = 1_000
"""In one discussion, whoever they are by."""


class Status(StrEnum):
    """Source: `DiscussionStatus` in huggingface_hub/community.py."""

    OPEN = "open"
    CLOSED = "closed"
    MERGED = "merged"
    DRAFT = "draft"
    """A proposal that its author has not published yet."""

    @property
    def is_open(self) -> bool:
        return self in (Status.OPEN, Status.DRAFT)


class EventType(StrEnum):
    """Source: `deserialize_event` in huggingface_hub/community.py."""

    COMMENT = "comment"
    COMMIT = "commit"
    STATUS = "status-change"
    TITLE = "title-change"


class Kind(StrEnum):
    ALL = "all"
    DISCUSSION = "discussion"
    PROPOSAL = "pull_request"


class Discussion(Table):
    """Something that people talk about in one repository; a proposal has commits as well."""

    __tablename__ = "discussions"
    __table_args__ = (Index("ix_discussions_author", "repo_key", "author"),)

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    num: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    author: Mapped[str]
    status: Mapped[Status]
    base: Mapped[str | None] = mapped_column(default=None)
    """Of a proposal: the branch that it is for, in full."""
    merged_onto: Mapped[str | None] = mapped_column(default=None)
    """Of a merged proposal: where the branch was before."""
    merge_sha: Mapped[str | None] = mapped_column(default=None)
    """Of a merged proposal: where the branch was after."""
    created_at: Mapped[datetime]

    @property
    def is_pull_request(self) -> bool:
        return self.base is not None

    @property
    def ref(self) -> str:
        """Where the commits of a proposal are."""
        return f"refs/pr/{self.num}"


class DiscussionEvent(Table):
    """One thing that happened in a discussion."""

    __tablename__ = "discussion_events"
    __table_args__ = (
        ForeignKeyConstraint(
            ["repo_key", "num"],
            ["discussions.repo_key", "discussions.num"],
            ondelete="CASCADE",
        ),
        Index("ix_discussion_events_place", "repo_key", "num", "place"),
    )

    key: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    repo_key: Mapped[str]
    num: Mapped[int]
    place: Mapped[int]
    """Its place among the events of the discussion: 0 is the description."""
    type: Mapped[EventType]
    author: Mapped[str]
    created_at: Mapped[datetime]
    text: Mapped[str]
    """A comment in Markdown, a commit's title, the new status or the new title."""
    detail: Mapped[str] = mapped_column(default="")
    """A commit's SHA-1, or the title before."""
    edited_at: Mapped[datetime | None] = mapped_column(default=None)
    hidden: Mapped[bool] = mapped_column(default=False)
    """Its text is gone for good."""


@dataclass(frozen=True)
class Filter:
    """Which discussions to list: the newest first."""

    kind: Kind = Kind.ALL
    is_open: bool | None = None
    """None: whether open or not."""
    author: str | None = None


@dataclass(frozen=True)
class Page:
    discussions: Sequence[Discussion]
    start: int
    total: int
    """How many fit what was asked, on all pages."""

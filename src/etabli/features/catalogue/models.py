"""The nouns of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from etabli.features.repos import Repo, RepoType
from etabli.foundation.db import Table


class IndexEntry(Table):
    """What one repository says of itself, as of `commit_sha`."""

    __tablename__ = "catalogue_entries"

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    commit_sha: Mapped[str]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    summary: Mapped[str]
    """The first sentence of the card, in plain text."""
    words: Mapped[str]
    """What can be searched, in lower case."""


class IndexTag(Table):
    __tablename__ = "catalogue_tags"

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(primary_key=True, index=True)
    place: Mapped[int]
    """Its place among the repository's tags."""


class Sort(StrEnum):
    """Always the largest or the newest first."""

    UPDATED = "updated"
    CREATED = "created"
    DOWNLOADS = "downloads"


@dataclass(frozen=True)
class Query:
    """What is looked for. Everything given must match."""

    type: RepoType | None = None
    words: Sequence[str] = ()
    """Each must be found in the full name or in the card, whatever its case."""
    in_name_only: bool = False
    tags: Sequence[str] = ()
    owner: str | None = None
    sort: Sort = Sort.UPDATED


@dataclass(frozen=True)
class Facts:
    """What a repository says of itself. Empty until it has been indexed."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    summary: str = ""
    commit_sha: str = ""
    """The commit that was read."""


@dataclass(frozen=True)
class Listing:
    repo: Repo
    facts: Facts


@dataclass(frozen=True)
class Page:
    items: Sequence[Listing]
    next_cursor: str | None
    """What to give for the page after; None on the last."""


@dataclass(frozen=True)
class Lineage:
    """Where a repository comes from and what came of it, as the cards here say."""

    parents: Sequence[Repo]
    children: Sequence[Repo]

"""The nouns of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, Index, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from etabli.features.cards import values_of
from etabli.features.catalogue.derived import NOTHING, Derived, derived_of
from etabli.features.repos import Repo, RepoType
from etabli.foundation.db import Table


class IndexEntry(Table):
    """What one repository says of itself, as of `commit_sha`.

    It outlives its repository until the index forgets it: what was counted must be taken back.
    Readers join `repos`, so that nobody sees it meanwhile.
    """

    __tablename__ = "catalogue_entries"

    id: Mapped[int] = mapped_column(primary_key=True)
    """Small, because a place in an order has room for 24 bits of it. See `etabli.…index`."""
    repo_key: Mapped[str] = mapped_column(unique=True)
    type: Mapped[RepoType]
    is_public: Mapped[bool]
    """Whether it was public when it was indexed, and so is in the kept counts."""
    commit_sha: Mapped[str]
    metadata_: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    tags: Mapped[list[str]] = mapped_column(JSON)
    summary: Mapped[str]
    """The first sentence of the card, in plain text."""
    derived: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What its files say: see `Derived.as_json`."""
    terms: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"), deferred=True)
    """What it is found by. On SQLite the index itself keeps no copy, and needs these to let go."""
    by_updated: Mapped[int] = mapped_column(BigInteger)
    """Its place in this order, as in the two below: see `place`."""
    by_created: Mapped[int] = mapped_column(BigInteger)
    by_downloads: Mapped[int] = mapped_column(BigInteger)


class TagCount(Table):
    """How many public repositories of a type have a tag. The tag "" counts them all."""

    __tablename__ = "catalogue_counts"
    __table_args__ = (Index(None, "type", "count"),)

    type: Mapped[RepoType] = mapped_column(primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]


class Progress(Table):
    """How far the making of the index has come, so that it can go on after a stop."""

    __tablename__ = "catalogue_progress"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class Sort(StrEnum):
    """Always the largest or the newest first."""

    UPDATED = "updated"
    CREATED = "created"
    DOWNLOADS = "downloads"


@dataclass(frozen=True)
class Query:
    """What is looked for. Everything given must match, but for the words."""

    type: RepoType | None = None
    words: Sequence[str] = ()
    """Any of them is enough, and who has more of them comes first: in the name, the card, the
    labels, the replies or the owner's name, whatever the case, the accents and the endings."""
    every_word: bool = False
    """Each word must match, as above or as a part of the full name; only `sort` gives the order."""
    tags: Sequence[str] = ()
    owner: str | None = None
    parameters: tuple[int, int] | None = None
    """At least and at most so many: of models whose files say how many they have."""
    gated: bool | None = None
    uses: Sequence[tuple[RepoType, str]] = ()
    """Of a space: models and datasets, by their full names, which its card says that it uses."""
    sort: Sort = Sort.UPDATED

    @property
    def is_by_files(self) -> bool:
        """Whether what it asks for stands in no name and in no tag."""
        return bool(self.uses) or self.parameters is not None or self.gated is not None

    @property
    def is_by_terms(self) -> bool:
        """Whether the index has to be asked: the table of repositories does not know."""
        return bool(self.words or self.tags) or self.is_by_files


@dataclass(frozen=True)
class Facts:
    """What a repository says of itself. Empty until it has been indexed."""

    metadata: Mapping[str, Any] = field(default_factory=dict)
    tags: Sequence[str] = ()
    summary: str = ""
    derived: Derived = NOTHING
    """What its files say beside the card; its tags are among `tags`."""
    commit_sha: str = ""
    """The commit that was read."""

    @property
    def task(self) -> str | None:
        """As the card says, or else the files of a model."""
        return next(iter(values_of(self.metadata.get("pipeline_tag"))), self.derived.task)

    @property
    def library(self) -> str | None:
        """As the card says, or else the files of a model."""
        return next(iter(values_of(self.metadata.get("library_name"))), self.derived.library)


FACTS: Sequence[ColumnElement[Any]] = tuple(
    IndexEntry.__table__.c[name]
    for name in ("metadata", "tags", "summary", "derived", "commit_sha")
)


def facts_of(values: Sequence[Any]) -> Facts:
    """From the values of `FACTS`; all of them None where a repository has no entry."""
    if not values[-1]:
        return NO_FACTS
    metadata, tags, summary, derived, commit_sha = values
    return Facts(metadata, tags, summary, derived_of(derived), commit_sha)


NO_FACTS = Facts()


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
class Count:
    """How many there are; with `is_more`, more than that, and nobody has counted on."""

    number: int
    is_more: bool = False

    def plus(self, other: int) -> "Count":
        return Count(self.number + other, self.is_more)


@dataclass(frozen=True)
class Lineage:
    """Where a repository comes from and what came of it, as the cards here say."""

    parents: Sequence[Repo]
    children: Sequence[Repo]

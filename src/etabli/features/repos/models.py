"""The nouns of repos."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from etabli.features.accounts import Resource
from etabli.features.blobs import Holder, HolderKind
from etabli.foundation.db import Table

DEFAULT_BRANCH = "main"
HEADS = "refs/heads/"
TAGS = "refs/tags/"
PULLS = "refs/pr/"


class RepoType(StrEnum):
    MODEL = "model"
    DATASET = "dataset"
    SPACE = "space"


class Gate(StrEnum):
    """How somebody who asks is let in to the bytes of a repository."""

    AUTO = "auto"
    """At once."""
    MANUAL = "manual"
    """When its owner says so."""


class Repo(Table):
    """One repository. Its names may change; its `key` never does, and is never used again."""

    __tablename__ = "repos"
    __table_args__ = (
        UniqueConstraint("type", "full_name_key"),
        # A list of a hub, and a list of an owner, in each order; what is private apart.
        *(
            Index(None, *narrowed, "type", "private", order, "key")
            for narrowed in ((), ("namespace",))
            for order in ("updated_at", "created_at", "downloads")
        ),
    )

    key: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    type: Mapped[RepoType]
    namespace: Mapped[str]
    name: Mapped[str]
    full_name_key: Mapped[str]
    """The full name in lower case: the clients take names whatever their case."""
    private: Mapped[bool]
    gate: Mapped[Gate | None] = mapped_column(default=None)
    """None: whoever sees it may read its bytes."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    downloads: Mapped[int] = mapped_column(default=0)
    likes: Mapped[int] = mapped_column(default=0)
    """How many rows of `Like` are about it."""
    is_mirror: Mapped[bool] = mapped_column(default=False)
    """Whether it follows a repository of a hub elsewhere: nobody changes it here."""

    def __repr__(self) -> str:
        """All of it: pages that are kept are told apart by this."""
        return f"Repo({', '.join(f'{name}={getattr(self, name)!r}' for name in _NAMES)})"

    @property
    def full_name(self) -> str:
        return f"{self.namespace}/{self.name}"

    @hybrid_property
    def gated(self) -> bool:
        """Whether all who see it need a grant to read its bytes, but for its namespace's members.
        Also a condition of SQL."""
        return self.gate is not None

    @gated.inplace.expression
    @classmethod
    def _is_gated(cls) -> ColumnElement[bool]:
        return cls.gate.is_not(None)

    @property
    def holder(self) -> Holder:
        """As which it holds its large files."""
        return holder_of(self.key)

    @property
    def resource(self) -> Resource:
        """Without grants: whoever needs one is refused. `Access.resource` knows them."""
        return Resource(
            self.namespace,
            self.private,
            self.gated,
            key=self.key,
            read_only=self.is_mirror,
        )


REPO_COLUMNS: Sequence[ColumnElement[Any]] = tuple(Repo.__table__.c)
_NAMES = tuple(Repo.__table__.c.keys())


def repo_of_row(values: Sequence[Any]) -> Repo:
    """A repository from the values of `REPO_COLUMNS`, to be read only: SQLAlchemy knows nothing of
    it, and to change it raises. It takes a tenth of what a row takes that may be changed."""
    repo = Repo.__new__(Repo)
    repo.__dict__.update(zip(_NAMES, values, strict=True))
    return repo


def holder_of(repo_key: str) -> Holder:
    return Holder(HolderKind.REPO, repo_key)


@dataclass(frozen=True)
class HeldRepo:
    """A repository, and what it holds in large files."""

    repo: Repo
    large_bytes: int


class Ref(Table):
    """Where a branch, a tag or a proposal points: the truth, which git's own refs follow."""

    __tablename__ = "refs"

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(primary_key=True)
    """In full: `refs/heads/main`, `refs/tags/v1`, `refs/pr/1`."""
    sha: Mapped[str]
    """The commit's git SHA-1."""
    tag_sha: Mapped[str | None] = mapped_column(default=None)
    """The SHA-1 of the tag object that leads to the commit, if git pushed one."""

    @property
    def git_sha(self) -> str:
        """Where the ref points as git sees it."""
        return self.tag_sha or self.sha

    @property
    def short_name(self) -> str:
        return short_name(self.name)

    @property
    def is_pull_request(self) -> bool:
        return self.name.startswith(PULLS)


class Grant(Table):
    """That somebody may read the bytes of a gated repository."""

    __tablename__ = "repo_grants"

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    namespace: Mapped[str] = mapped_column(primary_key=True)
    """A person, or an organization: then each of its members."""
    granted_at: Mapped[datetime]


class RequestStatus(StrEnum):
    """Source: the words of the clients' `list_…_access_requests`."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class AccessRequest(Table):
    """That somebody asked to be let in to a gated repository, or was let in unasked."""

    __tablename__ = "access_requests"
    __table_args__ = (
        UniqueConstraint("repo_key", "namespace"),
        Index(None, "repo_key", "status", "asked_at", "key"),
    )

    key: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    """What the wire calls `requestId`. It stays through every decision."""
    repo_key: Mapped[str] = mapped_column(ForeignKey("repos.key", ondelete="CASCADE"))
    namespace: Mapped[str]
    """Who asked; an organization can only be let in unasked."""
    status: Mapped[RequestStatus]
    answers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """To the questions of the card, as they were put."""
    reason: Mapped[str] = mapped_column(default="")
    """Why it was rejected, in the owner's words."""
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None] = mapped_column(default=None)


class Like(Table):
    """That a person likes a repository."""

    __tablename__ = "likes"
    __table_args__ = (Index(None, "user", "liked_at"),)

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    user: Mapped[str] = mapped_column(primary_key=True)
    liked_at: Mapped[datetime]


class OldName(Table):
    """A name that a repository had: whoever asks for it is led to the new one."""

    __tablename__ = "old_names"

    type: Mapped[RepoType] = mapped_column(primary_key=True)
    full_name_key: Mapped[str] = mapped_column(primary_key=True)
    repo_key: Mapped[str] = mapped_column(ForeignKey("repos.key", ondelete="CASCADE"), index=True)


class Alias(Table):
    """A name without an owner, and the repository that it means, which need not be here."""

    __tablename__ = "repo_aliases"

    type: Mapped[RepoType] = mapped_column(primary_key=True)
    name_key: Mapped[str] = mapped_column(primary_key=True)
    """In lower case."""
    full_name: Mapped[str]


_BAD_REF = re.compile(r"[\x00-\x20\x7f\ud800-\udfff~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)")


def is_valid_ref_name(name: str) -> bool:
    """Source: `git check-ref-format`. A name that looks like a commit is refused too, and one
    that looks like a full ref: a branch called `refs/pr/1` would be taken for a proposal."""
    return (
        0 < len(name) <= 200
        and not _BAD_REF.search(name)
        and not name.startswith(("/", ".", "-", "refs/"))
        and not name.endswith(("/", "."))
        and name not in ("@", "HEAD")
        and not re.fullmatch(r"[0-9a-f]{40}", name)
    )


def refs_clash(taken: str, wanted: str) -> bool:
    """Whether two refs cannot both be: a clone keeps `a` in a file, and `a/b` in a folder."""
    return f"{taken}/".startswith(f"{wanted}/") or f"{wanted}/".startswith(f"{taken}/")


def short_name(ref: str) -> str:
    """What people call it: `main`, for `refs/heads/main`."""
    return ref.removeprefix(HEADS).removeprefix(TAGS)


def full_ref(revision: str) -> str:
    """Where commits on this revision go: a branch, with or without its prefix, or a proposal."""
    return revision if proposal_number(revision) else HEADS + revision.removeprefix(HEADS)


def proposal_number(revision: str) -> int | None:
    """The number in `refs/pr/12`; None when it is no such ref."""
    found = re.fullmatch(r"refs/pr/([1-9][0-9]{0,8})", revision)
    return int(found[1]) if found else None

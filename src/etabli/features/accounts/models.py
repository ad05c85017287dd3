"""The nouns of accounts, and the rule that decides who may do what."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from etabli.foundation.db import Table


class NamespaceKind(StrEnum):
    USER = "user"
    ORG = "org"


class Role(StrEnum):
    """What a member may do in an organization."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class TokenRole(StrEnum):
    READ = "read"
    WRITE = "write"


class Permission(StrEnum):
    """What a route needs. Every route of every door declares one."""

    PUBLIC = "public"
    """Anybody, signed in or not."""
    SET_UP = "set-up"
    """Anybody, while the hub has no account yet: the verb checks the one-time token."""
    SIGNED_IN = "signed-in"
    """Somebody; whatever the request changes is their own."""
    OWN_ACCOUNT = "own-account"
    """Somebody who has signed in themselves. No access token has it: one that leaks could make
    others, and so outlive being revoked."""
    CREATE_REPO = "create-repo"
    """Somebody who may write in the namespace that the request names: the verb checks it."""
    SEE_REPO = "see-repo"
    """That it is there: its page, what is said of it, the names of its files, its history."""
    READ_REPO = "read-repo"
    """The bytes of its files, by whatever way they leave. Of a gated one, not all who see it."""
    ASK_MODEL = "ask-model"
    """To have a model answer, which gives away what it has learned: for who may read its bytes."""
    TAKE_PART = "take-part"
    """Somebody who may see the repository: to talk about it."""
    PROPOSE = "propose"
    """Somebody who may take part and read the bytes: to propose a change to them."""
    WRITE_REPO = "write-repo"
    ADMIN_REPO = "admin-repo"
    ADMIN_SITE = "admin-site"
    SIGNED_ADDRESS = "signed-address"
    """Whoever has the address, which this hub signed: it names all that it is good for."""
    CAS_READ = "cas-read"
    """Whoever has a token that this hub signed for reading one repository's bytes."""
    CAS_WRITE = "cas-write"
    """The same, for sending bytes to one repository."""

    @property
    def concerns_repo(self) -> bool:
        return self in _ABOUT_A_REPO

    @property
    def is_signed(self) -> bool:
        """Whether it is had by what the hub has signed, whoever the caller is."""
        return self in (Permission.SIGNED_ADDRESS, Permission.CAS_READ, Permission.CAS_WRITE)

    @property
    def only_reads(self) -> bool:
        return self in (
            Permission.PUBLIC,
            Permission.SEE_REPO,
            Permission.READ_REPO,
            Permission.ASK_MODEL,
        )

    @property
    def reads_bytes(self) -> bool:
        """Whether a gate keeps it from who only sees the repository."""
        return self in (Permission.READ_REPO, Permission.ASK_MODEL, Permission.PROPOSE)


_ABOUT_A_REPO = frozenset(
    {
        Permission.SEE_REPO,
        Permission.READ_REPO,
        Permission.ASK_MODEL,
        Permission.TAKE_PART,
        Permission.PROPOSE,
        Permission.WRITE_REPO,
        Permission.ADMIN_REPO,
    }
)


@dataclass(frozen=True)
class Actor:
    """Who is asking. `name` is None when nobody is signed in."""

    name: str | None
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Their role in each namespace that they belong to, their own included."""
    is_admin: bool = False
    """Whether they administer the site. It opens no private repository."""
    token_role: TokenRole | None = None
    """None when signed in by a session, which may do all that the person may."""
    token_name: str | None = None
    token_last_used_at: datetime | None = None

    @property
    def namespaces(self) -> frozenset[str]:
        """Where this actor may read what is private."""
        return frozenset(self.roles)

    def spelled(self, namespace: str) -> str:
        """A namespace of theirs as it is written, whatever the case that was typed."""
        own = {name.lower(): name for name in self.roles}
        return own.get(namespace.lower(), namespace)

    @property
    def may_write(self) -> bool:
        return self.name is not None and self.token_role is not TokenRole.READ


ANONYMOUS = Actor(name=None)


@dataclass(frozen=True)
class Resource:
    """What an actor acts on: something in a namespace."""

    namespace: str
    private: bool = False
    """Only members of the namespace see it."""
    gated: bool = False
    """Its bytes are for members, and for those to whom they are granted."""
    granted_to: frozenset[str] = frozenset()
    """Namespaces whose members may read the bytes."""

    def is_seen_by(self, actor: Actor) -> bool:
        return not self.private or self.namespace in actor.roles

    def keeps_bytes_from(self, actor: Actor) -> bool:
        """Whether somebody who sees it may not read its bytes."""
        is_member = self.namespace in actor.roles
        return self.gated and not is_member and actor.namespaces.isdisjoint(self.granted_to)


def can(actor: Actor, permission: Permission, resource: Resource | None = None) -> bool:
    """The one function that decides, for every door. Lists use `Repos.visible_to` instead.

    A permission about a repository or a namespace needs its resource; without one it is refused.
    """
    if permission in (Permission.PUBLIC, Permission.SET_UP):
        return True
    if permission is Permission.SIGNED_IN:
        return actor.name is not None
    if permission is Permission.OWN_ACCOUNT:
        return actor.name is not None and actor.token_role is None
    if permission is Permission.ADMIN_SITE:
        return actor.is_admin and actor.may_write
    if resource is None or permission.is_signed:
        return False
    if permission.concerns_repo and not resource.is_seen_by(actor):
        return False
    if permission.reads_bytes and resource.keeps_bytes_from(actor):
        return False
    if permission.only_reads:
        return True
    if permission in (Permission.TAKE_PART, Permission.PROPOSE):
        return actor.may_write
    role = actor.roles.get(resource.namespace)
    needed = {Role.ADMIN} if permission is Permission.ADMIN_REPO else {Role.ADMIN, Role.WRITE}
    return actor.may_write and role in needed


class Namespace(Table):
    """A name that repositories can stand under: a person's or an organization's."""

    __tablename__ = "namespaces"

    name_key: Mapped[str] = mapped_column(primary_key=True)
    """The name in lower case: two names that differ in case only would be taken for each other."""
    name: Mapped[str]
    kind: Mapped[NamespaceKind]
    full_name: Mapped[str] = mapped_column(default="")
    private_by_default: Mapped[bool] = mapped_column(default=False)
    """Whether a new repository is private when nobody says."""
    created_at: Mapped[datetime]


class User(Table):
    __tablename__ = "users"

    name: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str | None] = mapped_column(default=None)
    """Argon2id. None: this person can only use access tokens."""
    is_admin: Mapped[bool] = mapped_column(default=False)
    language: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[datetime]


class Membership(Table):
    __tablename__ = "memberships"

    org: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(
        ForeignKey("users.name", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[Role]


class Token(Table):
    """An access token. Only its SHA-256 is kept, so a stolen database opens no account."""

    __tablename__ = "tokens"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """What its owner calls it by in forms: it opens nothing."""
    user: Mapped[str] = mapped_column(ForeignKey("users.name", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    role: Mapped[TokenRole]
    hint: Mapped[str]
    """The last four characters, so that a person can tell their tokens apart."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    """Give or take an hour, so that using a token seldom writes."""


class SignIn(Table):
    """A browser that is signed in. Only the SHA-256 of its cookie is kept."""

    __tablename__ = "sign_ins"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(ForeignKey("users.name", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class WrongTries(Table):
    """How often a password was wrong of late: with one name, from one network, from one browser."""

    __tablename__ = "wrong_tries"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    """Of what they are counted by."""
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(index=True)


class SetupToken(Table):
    """The SHA-256 of the one-time set-up address. Gone once the first account is made."""

    __tablename__ = "setup_tokens"

    sha256: Mapped[str] = mapped_column(primary_key=True)


# The rule that the clients apply before they call: huggingface_hub.utils.validate_repo_id.
_VALID_NAME = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")

RESERVED = frozenset(
    """models datasets spaces apps kernels buckets organizations new new-dataset new-space create
    search playground compare login logout join setup settings notifications admin federation
    footprint charter docs help about status static api oauth resolve embed run runs feeds healthz
    robots.txt favicon.ico .well-known users user collections tasks u v1 upload uploads cas lfs
    anonymous readyz sitemap.xml security.txt openapi.json privacy terms legal security contact
    support blog news explore trending papers posts discussions jobs webhooks billing account
    accounts signin signup sign-in sign-up register password me everybody everyone etabli
    administrator root system hub download downloads assets media git
    mcp llms.txt agents.md""".split()  # noqa: SIM905
)
"""First segments of the site's own addresses, now or one day, and words that would mislead:
so never a namespace. Whoever was called so before stays."""


def is_valid_name(name: str) -> bool:
    return (
        bool(_VALID_NAME.fullmatch(name))
        and "--" not in name
        and ".." not in name
        and not name.endswith(".git")
    )


# What decomposes into no letter of ASCII and a mark.
_SPELT_OUT = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})
LONGEST_NAME = 96


def suggest_name(text: str) -> str:
    """A name that may be taken, near what somebody typed; empty when nothing is near.

    “Hélène Durand” gives “helene-durand”.
    """
    letters = unicodedata.normalize("NFKD", text.lower().translate(_SPELT_OUT))
    plain = "".join(one for one in letters if not unicodedata.combining(one))
    name = re.sub(r"[^a-z0-9_.]+|\.{2,}|-{2,}", "-", plain)[:LONGEST_NAME]
    name = re.sub(r"-{2,}", "-", name).strip("-.").removesuffix(".git").strip("-.")
    return name if is_valid_name(name) and name not in RESERVED else ""

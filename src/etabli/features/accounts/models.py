"""The nouns of accounts."""

import re
import unicodedata
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from etabli.features.accounts.budgets import Asked, TokenLimits
from etabli.features.accounts.permissions import Role, Scope, parse_scopes
from etabli.foundation.db import Table


class NamespaceKind(StrEnum):
    USER = "user"
    ORG = "org"
    MIRROR = "mirror"
    """Bound to a hub elsewhere: all that is in it is a copy, and nobody belongs to it."""


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
    scope: Mapped[str]
    """What it may be used for: words of `Scope`, with spaces between. Source: RFC 6749, 3.3."""
    hint: Mapped[str]
    """The last four characters, so that a person can tell their tokens apart."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    last_used_at: Mapped[datetime | None] = mapped_column(default=None)
    """Give or take an hour, so that using a token seldom writes."""
    only: Mapped[str] = mapped_column(default="")
    """Keys of the repositories that it may ask, with spaces between; empty: no bound."""
    questions_a_day: Mapped[int | None] = mapped_column(default=None)
    wh_a_day: Mapped[float | None] = mapped_column(default=None)

    @property
    def limits(self) -> TokenLimits:
        return TokenLimits(frozenset(self.only.split()), self.questions_a_day, self.wh_a_day)

    @property
    def scopes(self) -> frozenset[Scope]:
        return parse_scopes(self.scope)


class TokenUsage(Table):
    """What was asked with one token on one day (UTC). Figures of two methods are two rows."""

    __tablename__ = "token_usage"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("tokens.sha256", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True, index=True)
    method: Mapped[str] = mapped_column(primary_key=True)
    """How the energy was obtained, a word of `footprint.Method`."""
    questions: Mapped[int] = mapped_column(BigInteger)
    wh: Mapped[float]
    low_wh: Mapped[float]
    high_wh: Mapped[float]

    def add(self, other: Asked) -> None:
        """What was asked besides, on the same day and by the same method."""
        self.questions += other.questions
        self.wh += other.wh
        self.low_wh += other.low_wh
        self.high_wh += other.high_wh


class BrowserSession(Table):
    """A browser that is signed in. Only the SHA-256 of its cookie is kept."""

    __tablename__ = "sign_ins"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[str] = mapped_column(ForeignKey("users.name", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class FailedLogins(Table):
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

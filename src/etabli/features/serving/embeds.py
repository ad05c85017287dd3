"""Where a model may be shown on other sites' pages, and how people are reached from there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from etabli.features.accounts import Accounts, Actor, Permission
from etabli.features.repos import Repo
from etabli.foundation.db import Table
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.foundation.unit_of_work import UnitOfWork

MAX_EMBED_ORIGINS = 20
LONGEST_CONTACT = 300
"""In characters."""

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


class BadOriginError(InvalidInputError):
    def __init__(self, given: str) -> None:
        super().__init__(
            msg(
                "“{given}” is not the address of a site. Write one a line, such as "
                "https://www.example.org",
                given=given[:100],
            )
        )


class TooManyOriginsError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("A model can be put on at most {most} sites.", most=MAX_EMBED_ORIGINS))


class ContactTooLongError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "Keep what is said of how to reach a person under {most} characters.",
                most=LONGEST_CONTACT,
            )
        )


class EmbedRow(Table):
    """What the owner of a model allows; no row: no other site shows it."""

    __tablename__ = "embeds"

    repo_key: Mapped[str] = mapped_column(
        ForeignKey("repos.key", ondelete="CASCADE"), primary_key=True
    )
    origins: Mapped[str]
    """Of the sites, with spaces between."""
    contact: Mapped[str]


@dataclass(frozen=True)
class Embedding:
    """On which sites a model may be shown, and how a person is reached from there."""

    origins: Sequence[str] = ()
    contact: str = ""


class Embeds:
    """The verbs of showing a model on other sites."""

    def __init__(self, work: UnitOfWork, accounts: Accounts) -> None:
        self._db = work.db
        self._accounts = accounts

    def of(self, repo: Repo) -> Embedding:
        """What its owner allows. A private model is shown on no other site, whatever they said."""
        row = self._db.get(EmbedRow, repo.key)
        if row is None:
            return Embedding()
        return Embedding([] if repo.private else row.origins.split(), row.contact)

    def kept(self, repo: Repo) -> Embedding:
        """What its owner said, also while it is private and so not in force."""
        row = self._db.get(EmbedRow, repo.key)
        return Embedding(row.origins.split(), row.contact) if row else Embedding()

    def allow(self, actor: Actor, repo: Repo, origins: Sequence[str], contact: str) -> Embedding:
        """Say on which sites it may be shown: these, and no other. Idempotent.

        Raises:
            NotAllowedError: `actor` does not administer the repository.
            BadOriginError, TooManyOriginsError, ContactTooLongError: this cannot be kept.
        """
        self._accounts.require(actor, Permission.ADMIN_REPO, repo.resource)
        wanted = list(dict.fromkeys(origin_of(given) for given in origins if given.strip()))
        said = " ".join(contact.split())
        if len(wanted) > MAX_EMBED_ORIGINS:
            raise TooManyOriginsError
        if len(said) > LONGEST_CONTACT:
            raise ContactTooLongError
        self._db.merge(EmbedRow(repo_key=repo.key, origins=" ".join(wanted), contact=said))
        return Embedding(wanted, said)


def origin_of(given: str) -> str:
    """The origin in an address that a person typed or pasted; https where they say no scheme.

    Nothing but letters, digits and `-.:/` is in it, so it can stand in a header.

    Raises:
        BadOriginError: there is none in it.
    """
    text = given.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except (ValueError, UnicodeError) as error:
        raise BadOriginError(text) from error
    if parts.scheme not in ("https", "http") or not _HOST.fullmatch(host) or parts.username:
        raise BadOriginError(text)
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")

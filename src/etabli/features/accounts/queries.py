"""The SQL of accounts."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Integer, and_, bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etabli.features.accounts.budgets import Spent
from etabli.features.accounts.errors import NameTakenError
from etabli.features.accounts.models import (
    BrowserSession,
    FailedLogins,
    Membership,
    Namespace,
    NamespaceKind,
    SetupToken,
    Token,
    TokenUsage,
    User,
)
from etabli.foundation.db import is_sqlite, rows_of
from etabli.foundation.i18n.messages import plain

_COUNT_NAMESPACES = select(func.count()).select_from(
    select(Namespace.name_key)
    .where(Namespace.kind == bindparam("kind"))
    .limit(bindparam("most", type_=Integer))
    .subquery()
)


class AccountStore:
    def __init__(self, db: Session) -> None:
        self._db = db

    def add_namespace(self, namespace: Namespace) -> None:
        """The primary key decides, not a look before the leap: two requests may race."""
        try:
            with self._db.begin_nested():
                self._db.add(namespace)
        except IntegrityError as error:
            raise NameTakenError(namespace.name) from error

    def remove_namespace(self, namespace: Namespace) -> None:
        self._db.delete(namespace)
        self._db.flush()

    def add(self, row: User | Token | BrowserSession | SetupToken | Membership) -> None:
        self._db.add(row)
        self._db.flush()

    def merge_membership(self, membership: Membership) -> None:
        self._db.merge(membership)
        self._db.flush()

    def remove_membership(self, org: str, user: str) -> None:
        self._db.execute(delete(Membership).where(Membership.org == org, Membership.user == user))

    def namespace(self, name: str) -> Namespace | None:
        return self._db.get(Namespace, name.lower())

    def namespaces(self, kind: NamespaceKind) -> Sequence[Namespace]:
        of_kind = select(Namespace).where(Namespace.kind == kind)
        return self._db.scalars(of_kind.order_by(Namespace.name_key)).all()

    def count_namespaces(self, kind: NamespaceKind, most: int) -> int:
        [(count,)] = rows_of(self._db, _COUNT_NAMESPACES, {"kind": kind, "most": most})
        return int(count)

    def namespaces_like(self, beginning: str, most: int) -> Sequence[Namespace]:
        start = plain(beginning.lower())
        if is_sqlite(self._db):
            # Byte by byte, and so by the primary key. "~" comes after all that a name may have.
            like = and_(Namespace.name_key >= start, Namespace.name_key < f"{start}~")
        else:
            like = Namespace.name_key.startswith(start, autoescape=True)
        named = select(Namespace).where(like).order_by(Namespace.name_key)
        return self._db.scalars(named.limit(most)).all()

    def user(self, name: str) -> User | None:
        namespace = self.namespace(name)  # which has a key in lower case
        return self._db.get(User, namespace.name) if namespace else None

    def users(self) -> Sequence[User]:
        return self._db.scalars(select(User).order_by(User.created_at)).all()

    def has_users(self) -> bool:
        return self._db.scalar(select(User.name).limit(1)) is not None

    def memberships_of(self, user: str) -> Sequence[Membership]:
        return self._db.scalars(select(Membership).where(Membership.user == user)).all()

    def members_of(self, org: str) -> Sequence[Membership]:
        members = select(Membership).where(Membership.org == org)
        return self._db.scalars(members.order_by(Membership.user)).all()

    def token(self, sha256: str) -> Token | None:
        return self._db.get(Token, sha256)

    def tokens_of(self, user: str) -> Sequence[Token]:
        tokens = select(Token).where(Token.user == user)
        return self._db.scalars(tokens.order_by(Token.created_at.desc())).all()

    def remove_token(self, user: str, key: str) -> bool:
        gone = self._db.execute(
            delete(Token).where(Token.user == user, Token.key == key).returning(Token.key)
        )
        return gone.first() is not None

    def remove_tokens(self, user: str) -> None:
        self._db.execute(delete(Token).where(Token.user == user))

    def set_last_used(self, sha256: str, now: datetime) -> None:
        self._db.execute(update(Token).where(Token.sha256 == sha256).values(last_used_at=now))

    def sign_in(self, sha256: str) -> BrowserSession | None:
        return self._db.get(BrowserSession, sha256)

    def remove_sign_in(self, sha256: str) -> None:
        self._db.execute(delete(BrowserSession).where(BrowserSession.sha256 == sha256))

    def remove_old_sign_ins(self, now: datetime) -> None:
        self._db.execute(delete(BrowserSession).where(BrowserSession.expires_at < now))

    def remove_sign_ins(self, user: str, *, but: str | None = None) -> None:
        self._db.execute(
            delete(BrowserSession).where(
                BrowserSession.user == user, BrowserSession.sha256 != (but or "")
            )
        )

    def tries(self, sha256: str, now: datetime) -> FailedLogins:
        """The row, made if need be, and kept from all other processes until the end."""
        tries = self._db.get(FailedLogins, sha256, with_for_update=True)
        if tries is not None:
            return tries
        try:
            with self._db.begin_nested():
                self._db.add(FailedLogins(sha256=sha256, count=0, last_at=now))
        except IntegrityError:
            self._db.expire_all()  # another process was faster
        return self._db.get_one(FailedLogins, sha256, with_for_update=True)

    def remove_tries(self, sha256: str) -> None:
        self._db.execute(delete(FailedLogins).where(FailedLogins.sha256 == sha256))

    def forgive_one(self, sha256: str) -> None:
        rows = update(FailedLogins).where(FailedLogins.sha256 == sha256, FailedLogins.count > 0)
        self._db.execute(rows.values(count=FailedLogins.count - 1))

    def remove_old_tries(self, before: datetime) -> None:
        self._db.execute(delete(FailedLogins).where(FailedLogins.last_at < before))

    def is_setup_token(self, sha256: str) -> bool:
        return self._db.get(SetupToken, sha256) is not None

    def take_setup_token(self, sha256: str) -> bool:
        gone = self._db.execute(
            delete(SetupToken).where(SetupToken.sha256 == sha256).returning(SetupToken.sha256)
        )
        return gone.first() is not None

    def remove_setup_tokens(self) -> None:
        self._db.execute(delete(SetupToken))


class UsageStore:
    def __init__(self, db: Session) -> None:
        self._db = db

    def spent(self, sha256: str, day: date) -> Spent:
        asked = select(func.sum(TokenUsage.questions), func.sum(TokenUsage.wh)).where(
            TokenUsage.sha256 == sha256, TokenUsage.day == day
        )
        questions, wh = self._db.execute(asked).one()
        return Spent(int(questions or 0), float(wh or 0.0))

    def usage(self, key: tuple[str, date, str]) -> tuple[TokenUsage | None, bool]:
        """The row, made if need be, kept from all other processes until the end; whether it is
        new. None: there is no such token any more."""
        row = self._db.get(TokenUsage, key, with_for_update=True)
        if row is not None:
            return row, False
        sha256, day, method = key
        if self._db.get(Token, sha256) is None:
            return None, False
        try:
            with self._db.begin_nested():
                none = {"questions": 0, "wh": 0.0, "low_wh": 0.0, "high_wh": 0.0}
                empty = TokenUsage(sha256=sha256, day=day, method=method, **none)
                self._db.add(empty)
            return empty, True
        except IntegrityError:
            self._db.expire_all()  # another process was faster, or the token has gone
        return self._db.get(TokenUsage, key, with_for_update=True), False

    def usage_since(self, sha256: str, first: date) -> Sequence[TokenUsage]:
        rows = select(TokenUsage).where(TokenUsage.sha256 == sha256, TokenUsage.day >= first)
        newest = TokenUsage.day.desc()
        return self._db.scalars(rows.order_by(newest, TokenUsage.method)).all()

    def remove_usage_before(self, day: date) -> None:
        self._db.execute(delete(TokenUsage).where(TokenUsage.day < day))

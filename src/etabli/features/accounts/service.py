"""The verbs of accounts."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import uuid4

from etabli.features.accounts.budgets import Meter, Spent, TokenLimits
from etabli.features.accounts.errors import (
    InvalidNameError,
    InvalidTokenError,
    NamespaceNotFoundError,
    NotAllowedError,
    OtherModelsOnlyError,
    ScopeMissingError,
    SessionNeededError,
    SetupClosedError,
    SignInNeededError,
    TokenNotFoundError,
    UnusableTokenError,
)
from etabli.features.accounts.models import (
    LONGEST_NAME,
    RESERVED,
    BrowserSession,
    Membership,
    Namespace,
    NamespaceKind,
    SetupToken,
    Token,
    User,
    is_valid_name,
    suggest_name,
)
from etabli.features.accounts.passwords import hash_password
from etabli.features.accounts.permissions import (
    ALL_SCOPES,
    Actor,
    Permission,
    Resource,
    Role,
    Scope,
    TokenRole,
    can,
    needed_scope,
)
from etabli.features.accounts.queries import AccountStore, UsageStore
from etabli.features.accounts.tokens import (
    MIN_TOKEN_LENGTH,
    NO_LIMITS,
    IssuedToken,
    check_bounds,
    digest,
    new_token_secret,
)
from etabli.foundation.unit_of_work import UnitOfWork

SIGN_IN_LASTS = timedelta(days=30)
USE_NOTED_EVERY = timedelta(hours=1)


class Accounts:
    """Register people and organizations, recognise them, and say what they may do."""

    def __init__(self, work: UnitOfWork) -> None:
        self._work = work
        self._store = AccountStore(work.db)

    # People and organizations

    def register(
        self,
        name: str,
        password: str | None = None,
        *,
        is_admin: bool = False,
        full_name: str = "",
    ) -> Actor:
        """Make an account. Who may call this is for the caller to decide.

        `full_name`: what is shown beside the name; cut at LONGEST_NAME characters.

        Raises:
            InvalidNameError: the name breaks the rule, or is the site's own.
            NameTakenError: somebody has it, whatever the case of its letters.
            WeakPasswordError: the password is too short.
        """
        password_hash = None if password is None else hash_password(password)
        namespace = self._take_name(name, NamespaceKind.USER)
        namespace.full_name = " ".join(full_name.split())[:LONGEST_NAME]
        self._store.add(
            User(
                name=name,
                password_hash=password_hash,
                is_admin=is_admin,
                created_at=self._work.now,
            )
        )
        return self.actor(name)

    def create_org(self, name: str, admin: str, *, private_by_default: bool = False) -> Namespace:
        """Make an organization whose first administrator is the user `admin`."""
        user = self._user(admin)
        org = self._take_name(name, NamespaceKind.ORG)
        org.private_by_default = private_by_default
        self._store.add(Membership(org=org.name, user=user.name, role=Role.ADMIN))
        return org

    def bind_namespace(self, name: str) -> Namespace:
        """Take a name for the repositories of a hub elsewhere: nobody can have it here any more.

        Raises:
            InvalidNameError, NameTakenError: as `register`.
        """
        return self._take_name(name, NamespaceKind.MIRROR)

    def free_namespace(self, name: str) -> None:
        """Let a name go that was bound to a hub elsewhere. Idempotent."""
        namespace = self._store.namespace(name)
        if namespace is not None and namespace.kind is NamespaceKind.MIRROR:
            self._store.remove_namespace(namespace)

    def set_member(self, org: str, user: str, role: Role | None) -> None:
        """Give `user` a role in `org`, or none any more. Idempotent."""
        namespace = self.namespace(org)
        if namespace.kind is not NamespaceKind.ORG:
            raise NamespaceNotFoundError(org)
        name = self._user(user).name
        if role is None:
            self._store.remove_membership(namespace.name, name)
        else:
            self._store.merge_membership(Membership(org=namespace.name, user=name, role=role))

    def set_private_by_default(self, org: str, private: bool) -> Namespace:
        """Say what new repositories of an organization are when nobody says. Idempotent.

        Raises:
            NamespaceNotFoundError: there is no such organization.
        """
        namespace = self.namespace(org)
        if namespace.kind is not NamespaceKind.ORG:
            raise NamespaceNotFoundError(org)
        namespace.private_by_default = private
        return namespace

    def members(self, org: str) -> Sequence[Membership]:
        return self._store.members_of(org)

    def namespace(self, name: str) -> Namespace:
        """
        Raises:
            NamespaceNotFoundError: nobody has this name.
        """
        namespace = self._store.namespace(name)
        if namespace is None:
            raise NamespaceNotFoundError(name)
        return namespace

    def find_namespace(self, name: str) -> Namespace | None:
        """As `namespace`, whatever the case; None when nobody has this name."""
        return self._store.namespace(name)

    def count_namespaces(self, kind: NamespaceKind, most: int) -> int:
        """How many there are; none are counted beyond `most`."""
        return self._store.count_namespaces(kind, most)

    def namespaces_like(self, beginning: str, most: int) -> Sequence[Namespace]:
        """The first whose names begin so, whatever the case."""
        return self._store.namespaces_like(beginning, most)

    def namespaces(self, kind: NamespaceKind) -> Sequence[Namespace]:
        return self._store.namespaces(kind)

    def actor(self, name: str) -> Actor:
        """Somebody by name, as if signed in: for operators, who need no password."""
        return self._actor_of(self._user(name))

    def first_admin(self) -> Actor | None:
        """The administrator who was there first, in whose name an operator acts by default."""
        admins = [user for user in self._store.users() if user.is_admin]
        return self._actor_of(admins[0]) if admins else None

    def admins(self) -> Sequence[str]:
        """The names of those who administer the site."""
        return [user.name for user in self._store.users() if user.is_admin]

    def set_password(self, name: str, password_hash: str) -> str:
        """Whose it is now. What proves that it may be set is for `BrowserSessions`."""
        user = self._user(name)
        user.password_hash = password_hash
        return user.name

    def set_language(self, actor: Actor, language: str) -> None:
        self._user(actor.name or "").language = language

    def language(self, actor: Actor) -> str | None:
        user = self._store.user(actor.name) if actor.name else None
        return user.language if user else None

    # The first account

    def is_set_up(self) -> bool:
        return self._store.has_users()

    def issue_setup_token(self) -> str:
        """The secret of a new one-time set-up address; the one before it opens nothing more."""
        secret = secrets.token_urlsafe(24)
        self._store.remove_setup_tokens()
        self._store.add(SetupToken(sha256=digest(secret)))
        return secret

    def check_setup_token(self, secret: str) -> None:
        """
        Raises:
            SetupClosedError: it is not the current one, or the first account is made.
        """
        if self.is_set_up() or not self._store.is_setup_token(digest(secret)):
            raise SetupClosedError

    def set_up(self, secret: str, name: str, password: str, *, full_name: str = "") -> Actor:
        """Make the first account, the administrator's, and close the set-up address."""
        self.check_setup_token(secret)
        # Before the account is made: of two who race with one address, the second finds it gone.
        if not self._store.take_setup_token(digest(secret)):
            raise SetupClosedError
        return self.register(name, password, is_admin=True, full_name=full_name)

    # Signing in

    def open_sign_in(self, name: str) -> str:
        """The secret for the cookie of somebody who has just proved who they are."""
        self._store.remove_old_sign_ins(self._work.now)
        secret = secrets.token_urlsafe(32)
        self._store.add(
            BrowserSession(
                sha256=digest(secret),
                user=name,
                created_at=self._work.now,
                expires_at=self._work.now + SIGN_IN_LASTS,
            )
        )
        return secret

    def sign_out(self, secret: str) -> None:
        self._store.remove_sign_in(digest(secret))

    def recognise_sign_in(self, secret: str) -> Actor | None:
        """The actor behind a browser's cookie, or None when it is out of date."""
        sign_in = self._store.sign_in(digest(secret))
        if sign_in is None or sign_in.expires_at <= self._work.now:
            return None
        return self._actor_of(self._user(sign_in.user))

    # Access tokens

    def issue_token(
        self,
        user: str,
        role: TokenRole,
        name: str,
        *,
        secret: str | None = None,
        limits: TokenLimits = NO_LIMITS,
        days: int | None = None,
    ) -> IssuedToken:
        """A new access token for `user`.

        Args:
            secret: may be given, for automated set-ups.
            limits: for a token that may only ask.
            days: after how many it is out of date; None: never.

        Raises:
            UnusableTokenError: the given secret is too short to be one, or in use.
            LimitsNeedAskError, BadBudgetError, TooManyModelsNamedError, BadLifetimeError: its
                bounds are none.
        """
        check_bounds(role, limits, days)
        secret = secret or new_token_secret()
        if len(secret) < MIN_TOKEN_LENGTH or self._store.token(digest(secret)) is not None:
            raise UnusableTokenError(MIN_TOKEN_LENGTH)
        token = Token(
            sha256=digest(secret),
            key=uuid4().hex,
            user=self._user(user).name,
            name=name or role,
            scope=" ".join(sorted(TokenRole(role).scopes)),
            hint=secret[-4:],
            created_at=self._work.now,
            expires_at=None if days is None else self._work.now + timedelta(days=days),
            only=" ".join(sorted(limits.only)),
            questions_a_day=limits.questions_a_day,
            wh_a_day=limits.wh_a_day,
        )
        self._store.add(token)
        return IssuedToken(token, secret)

    def tokens(self, actor: Actor) -> Sequence[Token]:
        return self._store.tokens_of(actor.name or "")

    def revoke_token(self, actor: Actor, key: str) -> None:
        if not self._store.remove_token(actor.name or "", key):
            raise TokenNotFoundError

    def revoke_tokens(self, user: str) -> None:
        """All that somebody has."""
        self._store.remove_tokens(self._user(user).name)

    def recognise(self, secret: str) -> Actor:
        """The actor behind an access token.

        Raises:
            InvalidTokenError: the token is unknown, revoked or out of date.
        """
        token = self._store.token(digest(secret))
        if token is None or (token.expires_at and token.expires_at <= self._work.now):
            raise InvalidTokenError
        return self._actor_of(self._user(token.user), token)

    def is_use_unnoted(self, actor: Actor) -> bool:
        """Whether it is time to note that the token is used by which the actor came, if any."""
        last = actor.token_last_used_at
        is_due = last is None or last <= self._work.now - USE_NOTED_EVERY
        return actor.by_token and is_due

    def note_uses(self, digests: Iterable[str]) -> None:
        """Note that these tokens, by the digests of their secrets, were used. Idempotent."""
        for one in digests:
            self._store.set_last_used(one, self._work.now)

    # What an actor may do

    def require(
        self, actor: Actor, permission: Permission, resource: Resource | None = None
    ) -> None:
        """
        Raises:
            SignInNeededError: nobody is signed in, and this needs somebody.
            ScopeMissingError, OtherModelsOnlyError: the person may, with another token.
            SessionNeededError: the person may, and no token of theirs.
            NotAllowedError: this person may not.
        """
        if can(actor, permission, resource):
            return
        if actor.name is None:
            raise SignInNeededError
        if permission is Permission.OWN_ACCOUNT:
            raise SessionNeededError
        if permission is Permission.ASK_MODEL and actor.is_kept_from_asking(resource):
            raise OtherModelsOnlyError
        scope = needed_scope(permission)
        if scope is not None and can(actor.in_person, permission, resource):
            raise ScopeMissingError(scope)
        raise NotAllowedError(resource.namespace if resource else None)

    def require_scope(self, actor: Actor, scope: Scope) -> None:
        """For what is the actor's own, such as their runs.

        Raises:
            ScopeMissingError: the actor came with a token that is not for this.
        """
        if scope not in actor.scopes:
            raise ScopeMissingError(scope)

    def _take_name(self, name: str, kind: NamespaceKind) -> Namespace:
        if not is_valid_name(name) or name.lower() in RESERVED:
            raise InvalidNameError(name, suggest_name(name))
        namespace = Namespace(
            name_key=name.lower(), name=name, kind=kind, created_at=self._work.now
        )
        self._store.add_namespace(namespace)
        return namespace

    def _user(self, name: str) -> User:
        user = self._store.user(name)
        if user is None:
            raise NamespaceNotFoundError(name)
        return user

    def _actor_of(self, user: User, token: Token | None = None) -> Actor:
        roles = {m.org: m.role for m in self._store.memberships_of(user.name)}
        return Actor(
            name=user.name,
            roles={user.name: Role.ADMIN, **roles},
            is_admin=user.is_admin,
            scopes=token.scopes if token else ALL_SCOPES,
            by_token=token is not None,
            token_name=token.name if token else None,
            token_last_used_at=token.last_used_at if token else None,
            meter=self._meter(token) if token else None,
        )

    def _meter(self, token: Token) -> Meter:
        today, limits = self._work.now.date(), token.limits
        has_budget = limits.has_budget  # of other tokens nothing is read, to be quick
        kept = UsageStore(self._work.db).spent(token.sha256, today) if has_budget else Spent()
        return Meter(token.sha256, today, limits, kept)

"""Access tokens that are for some models only, and what has been asked with each."""

from collections.abc import Sequence
from dataclasses import dataclass

from etabli.features.accounts import (
    Actor,
    IssuedToken,
    Permission,
    Token,
    TokenLimits,
    TokenRole,
    TokenUsage,
)
from etabli.features.repos import RepoType
from etabli.hub import Hub


@dataclass(frozen=True)
class TokenWish:
    """A token as its owner wants it. `only`: OWNER/NAME of the models that it may ask."""

    name: str
    role: TokenRole
    only: Sequence[str] = ()
    questions_a_day: int | None = None
    wh_a_day: float | None = None
    days: int | None = None
    secret: str | None = None


@dataclass(frozen=True)
class ToldToken:
    """A token as its owner is told of it."""

    token: Token
    models: Sequence[str]
    """Full names of those that it may ask, where it may not ask all. What is gone has none."""
    days: Sequence[TokenUsage]
    """Of the last month, the newest first; a row for each method of obtaining energy."""
    is_out_of_date: bool
    today: Sequence[TokenUsage]

    @property
    def questions_today(self) -> int:
        return sum(one.questions for one in self.today)


def issue_token(hub: Hub, user: str, wish: TokenWish) -> IssuedToken:
    """
    Raises:
        RepoNotFoundError, GatedRepoError: its owner may not ask a model that is named.
        UnusableTokenError, LimitsNeedAskError, BadBudgetError, TooManyModelsNamedError,
        BadLifetimeError: see `Accounts.issue_token`.
    """
    owner = hub.accounts.actor(user)
    asked = (
        hub.repos.get(owner, RepoType.MODEL, name, Permission.ASK_MODEL)
        for name in wish.only
        if name.strip()
    )
    only = frozenset(repo.key for repo in asked)
    limits = TokenLimits(only, wish.questions_a_day, wish.wh_a_day)
    return hub.accounts.issue_token(
        user, wish.role, wish.name, secret=wish.secret, limits=limits, days=wish.days
    )


def told_tokens(hub: Hub, actor: Actor) -> Sequence[ToldToken]:
    """All that somebody has, the newest first."""
    return [tell_token(hub, token) for token in hub.accounts.tokens(actor)]


def tell_token(hub: Hub, token: Token) -> ToldToken:
    repos = (hub.repos.by_key(key) for key in sorted(token.limits.only))
    days, now = hub.metering.days_of(token), hub.work.now
    return ToldToken(
        token=token,
        models=sorted(repo.full_name for repo in repos if repo is not None),
        days=days,
        is_out_of_date=token.expires_at is not None and token.expires_at <= now,
        today=[one for one in days if one.day == now.date()],
    )

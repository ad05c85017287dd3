import math
from collections.abc import Sequence
from datetime import timedelta

from etabli.features.accounts.budgets import (
    MAX_MODELS_NAMED,
    MAX_QUESTIONS_A_DAY,
    MAX_WH_A_DAY,
    Allowance,
)
from etabli.features.accounts.permissions import Scope
from etabli.foundation.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnauthenticatedError,
)
from etabli.foundation.i18n.messages import msg


class InvalidTokenError(UnauthenticatedError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "This access token is unknown, revoked or out of date. "
                "Make a new one in your settings, under Access tokens."
            )
        )


class SignInNeededError(UnauthenticatedError):
    def __init__(self) -> None:
        super().__init__(msg("Sign in first, or send an access token."))


class BadCredentialsError(UnauthenticatedError):
    def __init__(self) -> None:
        super().__init__(msg("This name and password do not go together. Check both."))


class TooManyAttemptsError(LimitError):
    """`wait_s`: after how many seconds the next try is looked at."""

    def __init__(self, wait: timedelta) -> None:
        self.wait_s = math.ceil(wait.total_seconds())
        said = f"{self.wait_s} s" if self.wait_s < 100 else f"{math.ceil(self.wait_s / 60)} min"
        super().__init__(
            msg("There were too many wrong tries. Wait {wait}, then try again.", wait=said)
        )


class NotAllowedError(ForbiddenError):
    def __init__(self, namespace: str | None = None) -> None:
        super().__init__(
            msg("You may not do this in {namespace}. Ask one of its owners.", namespace=namespace)
            if namespace
            else msg("You may not do this. Ask an administrator of this hub.")
        )


class ScopeMissingError(ForbiddenError):
    """The person may, and this access token is not for it."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        super().__init__(
            msg("This access token can only ask models. Use one with the role “read” for this.")
            if scope is Scope.READ
            else msg("This access token may not be used to ask models. Use another one for this.")
            if scope is Scope.ASK
            else msg("This access token cannot change anything. Use one with the role “write”.")
        )


class OtherModelsOnlyError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "This access token may only ask the models that it was made for, and this is none "
                "of them. Use another one."
            )
        )


class BudgetUsedUpError(LimitError):
    """`retry_after_s`: how long until midnight UTC. `allowances`: what is left, least first."""

    def __init__(self, allowances: Sequence[Allowance], retry_after_s: int) -> None:
        self.allowances, self.retry_after_s = allowances, retry_after_s
        super().__init__(
            msg(
                "This access token has too little left of its budget of the day. "
                "Ask again after midnight UTC, or use another one."
            )
        )


class BadBudgetError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "A budget of a day is a whole number of questions from 1 to {questions}, and more "
                "than 0 and at most {wh} Wh.",
                questions=MAX_QUESTIONS_A_DAY,
                wh=int(MAX_WH_A_DAY),
            )
        )


class TooManyModelsNamedError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg("Name at most {most} models for one access token.", most=MAX_MODELS_NAMED)
        )


class LimitsNeedAskError(InvalidInputError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "A budget and a list of models go with a token that may only ask models. "
                "Choose that role for it."
            )
        )


class BadLifetimeError(InvalidInputError):
    def __init__(self, most_days: int) -> None:
        super().__init__(
            msg("An access token lasts 1 to {most} days, or has no end.", most=most_days)
        )


class SessionNeededError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "An access token cannot change an account or its tokens. "
                "Sign in with a browser, and do it in your settings."
            )
        )


class NameTakenError(ConflictError):
    def __init__(self, name: str) -> None:
        super().__init__(msg("The name {name} is taken here. Choose another.", name=name))


class InvalidNameError(InvalidInputError):
    """`suggestion`: a name near it that would do; empty when none is near."""

    def __init__(self, name: str, suggestion: str = "") -> None:
        self.suggestion = suggestion
        super().__init__(
            msg(
                "An address cannot hold “{name}”. You could take “{suggestion}”.",
                name=name,
                suggestion=suggestion,
            )
            if suggestion
            else msg(
                "“{name}” cannot be a name here: use 1 to 96 letters, digits, “-”, “_” or “.”, "
                "with no “-” or “.” at either end, no “--” and no “..”, "
                "and none of the words that this site uses for itself.",
                name=name,
            )
        )


class WeakPasswordError(InvalidInputError):
    def __init__(self, least: int) -> None:
        super().__init__(
            msg("This password is too short: use at least {least} characters.", least=least)
        )


class NamespaceNotFoundError(NotFoundError):
    def __init__(self, name: str) -> None:
        super().__init__(msg("Nobody here is called {name}. Check the spelling.", name=name))


class SetupClosedError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "This set-up address has been used or is not right. "
                "Sign in, or start the hub again to read its address."
            )
        )


class UnusableTokenError(InvalidInputError):
    def __init__(self, least: int) -> None:
        super().__init__(
            msg(
                "This value cannot be an access token: use at least {least} characters, "
                "and none that is in use.",
                least=least,
            )
        )


class TokenNotFoundError(NotFoundError):
    def __init__(self) -> None:
        super().__init__(msg("There is no such access token in your account."))

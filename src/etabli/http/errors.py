"""What each family of errors is on HTTP."""

from collections.abc import Callable, Mapping

from fastapi import Request, Response

from etabli.features.accounts import BudgetUsedUpError, TooManyAttemptsError
from etabli.features.federation import GatewayError
from etabli.foundation import errors
from etabli.foundation.durable_files import DiskFullError
from etabli.foundation.errors import (
    EtabliError,
    ForbiddenError,
    NotFoundError,
    UnauthenticatedError,
)
from etabli.foundation.i18n.messages import msg

# A door whose wire says otherwise adds its own.
STATUS: Mapping[type[Exception], int] = {
    errors.InvalidInputError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.LimitError: 413,
    TooManyAttemptsError: 429,
    BudgetUsedUpError: 429,
    errors.UnavailableError: 503,
    GatewayError: 502,
    errors.EtabliError: 500,
    DiskFullError: 507,
}

ErrorPresenter = Callable[[Request, EtabliError], Response]


def status_of(error: EtabliError, table: Mapping[type[Exception], int] = STATUS) -> int:
    """The status of the nearest of its families."""
    return next(table[parent] for parent in type(error).__mro__ if parent in table)


class AddressNotFoundError(NotFoundError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "There is nothing at this address. Check its spelling, or start from the home page."
            )
        )


class CrossSiteError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(
            msg("This request came from another site's page. Do it from a page of this hub.")
        )


class BadAddressError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(
            msg("This address was not made by this hub, or is out of date. Ask for a new one.")
        )


class BadCasTokenError(UnauthenticatedError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "This needs a token for the bytes of a repository, and yours is none or is out of "
                "date. The clients ask for one at xet-read-token or xet-write-token."
            )
        )


class CasReadsOnlyError(ForbiddenError):
    def __init__(self) -> None:
        super().__init__(msg("This token can only read. Ask for one at xet-write-token."))

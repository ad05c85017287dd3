"""Our errors as a Xet client takes them: it goes by the status, and shows people the rest.

Source: `RetryWrapper` in huggingface/xet-core: 408, 429 and 5xx but 501 are tried again.
"""

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.foundation import errors
from etabli.foundation.disk import DiskFullError
from etabli.foundation.words import say

STATUS: dict[type[Exception], int] = {
    errors.InvalidInputError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.LimitError: 413,
    errors.EtabliError: 500,
    errors.UnavailableError: 503,
    DiskFullError: 507,
}


class BadHashError(errors.InvalidInputError):
    def __init__(self, text: str) -> None:
        super().__init__(say("“{text}” is no hash: 64 hexadecimal digits are.", text=text[:80]))


class CutError(errors.InvalidInputError):
    def __init__(self) -> None:
        super().__init__(say("The upload was cut before its end. Nothing was kept."))


class PastTheEndError(errors.InvalidInputError):
    """416, by which the client knows that a file has ended."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        super().__init__(
            say("The file has {size} bytes, and ends before there.", size=str(size_bytes))
        )


class RangeNeededError(errors.ForbiddenError):
    def __init__(self) -> None:
        super().__init__(say("This address is good for some ranges of bytes, and not for these."))


def present_error(_request: Request, error: errors.EtabliError) -> JSONResponse:
    headers = {}
    status = status_of(error)
    if isinstance(error, PastTheEndError):
        status, headers["Content-Range"] = 416, f"bytes */{error.size_bytes}"
    return JSONResponse({"error": str(error), "message": str(error)}, status, headers)


def status_of(error: errors.EtabliError) -> int:
    return next((STATUS[parent] for parent in type(error).__mro__ if parent in STATUS), 500)

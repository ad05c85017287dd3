"""Our errors as a Xet client takes them: it goes by the status, and shows people the rest.

Source: `RetryWrapper` in huggingface/xet-core: 408, 429 and 5xx but 501 are tried again.
"""

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.foundation import errors
from etabli.foundation.i18n.messages import msg, msg_plural
from etabli.http import status_of


class BadHashError(errors.InvalidInputError):
    def __init__(self, text: str) -> None:
        super().__init__(msg("“{text}” is no hash: 64 hexadecimal digits are.", text=text[:80]))


class CutError(errors.InvalidInputError):
    def __init__(self) -> None:
        super().__init__(msg("The upload was cut before its end. Nothing was kept."))


class PastTheEndError(errors.InvalidInputError):
    """416, by which the client knows that a file has ended."""

    def __init__(self, size_bytes: int) -> None:
        self.size_bytes = size_bytes
        super().__init__(
            msg_plural(
                "The file has {size} byte, and ends before there.",
                "The file has {size} bytes, and ends before there.",
                "size",
                size=size_bytes,
            )
        )


class TooManyRunsError(errors.LimitError):
    def __init__(self) -> None:
        super().__init__(msg("These files are in too many parts for one answer. Ask for fewer."))


class RangeNeededError(errors.ForbiddenError):
    def __init__(self) -> None:
        super().__init__(msg("This address is good for some ranges of bytes, and not for these."))


def present_error(_request: Request, error: errors.EtabliError) -> JSONResponse:
    headers = {}
    status = status_of(error)
    if isinstance(error, PastTheEndError):
        status, headers["Content-Range"] = 416, f"bytes */{error.size_bytes}"
    return JSONResponse({"error": str(error), "message": str(error)}, status, headers)

"""Our errors in our own API: one sentence, and the name of the error for programs."""

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.foundation import errors

STATUS: dict[type[Exception], int] = {
    errors.InvalidInputError: 400,
    errors.UnauthenticatedError: 401,
    errors.ForbiddenError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.LimitError: 413,
    errors.UnavailableError: 503,
    errors.EtabliError: 500,
}


def present_error(_request: Request, error: errors.EtabliError) -> JSONResponse:
    status = next(STATUS[parent] for parent in type(error).__mro__ if parent in STATUS)
    kind = type(error).__name__.removesuffix("Error")
    return JSONResponse({"error": str(error), "kind": kind}, status)

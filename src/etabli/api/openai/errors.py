"""Our errors as OpenAI's clients read them. Source: openai/_client.py, `_make_status_error`."""

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.features.accounts import BudgetUsedUpError
from etabli.foundation import errors

STATUS: dict[type[Exception], tuple[int, str]] = {
    errors.InvalidInputError: (400, "invalid_request_error"),
    errors.UnauthenticatedError: (401, "authentication_error"),
    errors.ForbiddenError: (403, "permission_error"),
    errors.NotFoundError: (404, "not_found_error"),
    errors.ConflictError: (409, "conflict_error"),
    errors.LimitError: (413, "invalid_request_error"),
    BudgetUsedUpError: (429, "rate_limit_error"),
    errors.UnavailableError: (503, "server_error"),
    errors.EtabliError: (500, "server_error"),
}


def present_error(_request: Request, error: errors.EtabliError) -> JSONResponse:
    status, kind = next(STATUS[parent] for parent in type(error).__mro__ if parent in STATUS)
    code = type(error).__name__.removesuffix("Error")
    body = {"message": str(error), "type": kind, "param": None, "code": code}
    # The client would try again at once, and a budget is there again at midnight.
    headers = {"x-should-retry": "false"} if isinstance(error, BudgetUsedUpError) else None
    return JSONResponse({"error": body}, status, headers)

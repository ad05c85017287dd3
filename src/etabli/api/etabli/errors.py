"""Our errors in our own API: one sentence, and the name of the error for programs."""

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.foundation import errors
from etabli.http import status_of

ERROR_SCHEMA = {
    "type": "object",
    "required": ["error", "kind"],
    "properties": {
        "error": {"type": "string", "description": "One sentence, with the next step."},
        "kind": {"type": "string", "description": "The name of the error, for programs."},
    },
}


def present_error(_request: Request, error: errors.EtabliError) -> JSONResponse:
    status = status_of(error)
    kind = type(error).__name__.removesuffix("Error")
    return JSONResponse({"error": str(error), "kind": kind}, status)

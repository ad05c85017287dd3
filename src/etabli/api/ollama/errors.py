"""Our errors as Ollama's clients read them. Source: ollama/_types.py, `ResponseError`."""

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.foundation.errors import EtabliError
from etabli.http import status_of


def present_error(_request: Request, error: EtabliError) -> JSONResponse:
    return JSONResponse({"error": str(error)}, status_of(error))

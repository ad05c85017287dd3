"""Our errors in our own API: one sentence, and the name of the error for programs."""

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.foundation import errors
from etabli.foundation.i18n.messages import Translator
from etabli.foundation.i18n.translations import best_language, translator
from etabli.http import status_of

ERROR_SCHEMA = {
    "type": "object",
    "required": ["error", "kind"],
    "properties": {
        "error": {"type": "string", "description": "One sentence, with the next step."},
        "kind": {"type": "string", "description": "The name of the error, for programs."},
    },
}


def present_error(request: Request, error: errors.EtabliError) -> JSONResponse:
    """In the language that the caller's program asks for; English when it asks for none."""
    status = status_of(error)
    kind = type(error).__name__.removesuffix("Error")
    said = error.text.translate(translator_for(request))
    return JSONResponse({"error": said, "kind": kind}, status)


def translator_for(request: Request) -> Translator:
    return translator(best_language(request.headers.get("accept-language", "")))

"""What this API takes, and whether the hub is ready: for programs that look before they ask."""

from importlib.metadata import version
from typing import Any

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from etabli.api.etabli.errors import ERROR_SCHEMA, present_error
from etabli.features.accounts import Permission
from etabli.health import require_ready
from etabli.http import READINESS, document, door, needs, routes_of, site_of

router = door(present_error)


@router.get("/api/etabli/openapi.json")
@needs(Permission.PUBLIC)
def openapi(request: Request) -> dict[str, Any]:
    """This document."""
    return document(
        routes_of(request.app),
        present_error,
        title="Établi",
        version=version("etabli"),
        error=ERROR_SCHEMA,
    )


@router.get(READINESS)
@needs(Permission.PUBLIC)
def ready(request: Request) -> Response:
    """Whether the database answers and the disk has room: 200, or 503 with the reason."""
    require_ready(site_of(request))
    return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})

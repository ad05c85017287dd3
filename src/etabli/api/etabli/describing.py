"""What this API takes, and whether the hub is ready: for programs that look before they ask."""

from typing import Any

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from etabli.api.etabli.errors import ERROR_SCHEMA, present_error
from etabli.features.accounts import Permission
from etabli.http import READINESS, document, make_router, requires, site_of
from etabli.operations.health import require_ready

router = make_router(present_error)


@router.get("/api/etabli/openapi.json")
@requires(Permission.PUBLIC)
def openapi(request: Request) -> dict[str, Any]:
    """This document."""
    return document(request, present_error, title="Établi", error=ERROR_SCHEMA)


@router.get(READINESS)
@requires(Permission.PUBLIC)
def ready(request: Request) -> Response:
    """Whether the database answers and the disk has room: 200, or 503 with the reason."""
    require_ready(site_of(request))
    return PlainTextResponse("ready\n", headers={"Cache-Control": "no-store"})

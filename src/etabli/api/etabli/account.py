"""Whose token it is, for who logs in from another machine."""

from typing import Any

from fastapi import Request

from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Permission
from etabli.http import ActorDep, make_router, requires, site_of

router = make_router(present_error, tags=["etabli"])


@router.get("/api/etabli/whoami")
@requires(Permission.PUBLIC)
def whoami(request: Request, actor: ActorDep) -> dict[str, Any]:
    """Also for a token that may do nothing but ask; without any token, `name` is null."""
    return {
        "name": actor.name,
        "token": actor.token_name or "",
        "scopes": sorted(actor.scopes) if actor.name else [],
        "hub": site_of(request).settings.name,
    }

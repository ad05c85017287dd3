"""Whose token it is, for who logs in from another machine."""

from typing import Any

from fastapi import Request

from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Permission, SignInNeededError
from etabli.http import ActorDep, make_router, requires, site_of

router = make_router(present_error, tags=["etabli"])


@router.get("/api/etabli/whoami")
@requires(Permission.PUBLIC)
def whoami(request: Request, actor: ActorDep) -> dict[str, Any]:
    """Also for a token that may do nothing but ask; nobody is told to sign in.

    Raises:
        SignInNeededError: no token came along.
    """
    if actor.name is None:
        raise SignInNeededError
    return {
        "name": actor.name,
        "token": actor.token_name or "",
        "scopes": sorted(actor.scopes),
        "hub": site_of(request).settings.name,
    }

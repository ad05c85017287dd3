"""Whose token it is, for who logs in from another machine."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Actor, Permission
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.site import Site

router = make_router(present_error, tags=["etabli"])


@router.get("/api/etabli/whoami")
@requires(Permission.PUBLIC)
def whoami(request: Request, actor: ActorDep) -> dict[str, Any]:
    """Also for a token that may do nothing but ask; without any token, `name` is null. `budget`:
    what a token may ask in a day, and what is left of it until midnight UTC."""
    return {
        "name": actor.name,
        "token": actor.token_name or "",
        "scopes": sorted(actor.scopes) if actor.name else [],
        "budget": _budget(site_of(request), actor),
        "hub": site_of(request).settings.name,
    }


def _budget(site: Site, actor: Actor) -> dict[str, Any] | None:
    meter = actor.meter
    if meter is None or not meter.limits.has_budget:
        return None
    spent, limits = site.usage.spent(meter), meter.limits
    most, wh = limits.questions_a_day, limits.wh_a_day
    return {
        "questions_a_day": most,
        "questions_left": None if most is None else max(0, most - spent.questions),
        "wh_a_day": wh,
        "wh_left": None if wh is None else max(0.0, wh - spent.wh),
        "resets_in_s": meter.resets_in_s(datetime.now(UTC)),
    }

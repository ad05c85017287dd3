"""The access tokens of who is signed in: what each may do, and what was asked with it.

A token makes none and lists none but itself (`whoami`): one that leaks could outlive being revoked.
"""

from typing import Annotated, Any

from fastapi import Body
from pydantic import BaseModel, Field

from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Permission, TokenRole, TokenUsage
from etabli.http import ActorDep, HubDep, Number, make_router, requires
from etabli.operations.access_tokens import (
    TokenWish,
    ToldToken,
    issue_token,
    tell_token,
    told_tokens,
)

router = make_router(present_error, tags=["etabli"], max_body_size=100_000)


class NewToken(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    role: TokenRole = TokenRole.ASK
    only: Annotated[list[str], Field(max_length=1_000)] = []
    """OWNER/NAME of the models that it may ask; none: all that you may ask."""
    questions_a_day: Number | None = None
    wh_a_day: float | None = None
    days: Number | None = None
    """After how many it is out of date; null: never."""


@router.get("/api/etabli/tokens")
@requires(Permission.OWN_ACCOUNT)
def list_tokens(hub: HubDep, actor: ActorDep) -> list[dict[str, Any]]:
    """Yours, the newest first, with what was asked with each on the days of the last month."""
    return [_present(told) for told in told_tokens(hub, actor)]


@router.post("/api/etabli/tokens")
@requires(Permission.OWN_ACCOUNT)
def make_token(hub: HubDep, actor: ActorDep, body: Annotated[NewToken, Body()]) -> dict[str, Any]:
    """Make one. `secret` is told here and never again."""
    issued = issue_token(hub, actor.name or "", TokenWish(**body.model_dump()))
    return {**_present(tell_token(hub, issued.token)), "secret": issued.secret}


@router.delete("/api/etabli/tokens/{key}", status_code=204)
@requires(Permission.OWN_ACCOUNT)
def revoke_token(hub: HubDep, actor: ActorDep, key: str) -> None:
    hub.accounts.revoke_token(actor, key)


def _present(told: ToldToken) -> dict[str, Any]:
    token = told.token
    return {
        "key": token.key,
        "name": token.name,
        "hint": token.hint,
        "scopes": sorted(token.scopes),
        "only": told.models if token.limits.only else None,
        "questions_a_day": token.questions_a_day,
        "wh_a_day": token.wh_a_day,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
        "days": [_present_day(one) for one in told.days],
    }


def _present_day(one: TokenUsage) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "questions": one.questions,
        "energy_wh": one.wh,
        "energy_low_wh": one.low_wh,
        "energy_high_wh": one.high_wh,
        "energy_method": one.method,
    }

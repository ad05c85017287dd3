"""Who the token's owner is."""

from typing import Any

from etabli.api.huggingface.errors import present_error
from etabli.features.accounts import Permission
from etabli.http import ActorDep, door, needs

router = door(present_error, prefix="/api", max_body_size=1_000_000)


@router.get("/whoami-v2")
@needs(Permission.SIGNED_IN)
def whoami(actor: ActorDep) -> dict[str, Any]:
    """Source: HfApi.whoami, and `hf auth login`, which reads `auth.accessToken`."""
    orgs = [
        {"type": "org", "name": name, "fullname": name, "roleInOrg": role}
        for name, role in actor.roles.items()
        if name != actor.name
    ]
    return {
        "type": "user",
        "id": actor.name,
        "name": actor.name,
        "fullname": actor.name,
        "isPro": False,
        "canPay": False,
        "avatarUrl": "",
        "orgs": orgs,
        "auth": {
            "type": "access_token",
            "accessToken": {"displayName": actor.token_name, "role": actor.token_role or "write"},
        },
    }


@router.get("/{plural:plural}/{namespace}/{name}/auth-check")
@needs(Permission.READ_REPO)
async def auth_check() -> dict[str, bool]:
    """Source: HfApi.auth_check. What the route needs says it all."""
    return {"ok": True}


@router.get("/{plural:plural}/{namespace}/{name}/auth-check/write")
@needs(Permission.WRITE_REPO)
async def auth_check_write() -> dict[str, bool]:
    """Source: HfApi.auth_check(write=True)."""
    return {"ok": True}

"""What is left of a token's budget of the day, as clients read it in the headers of an answer.

Source: draft-ietf-httpapi-ratelimit-headers, and `parse_ratelimit_headers` in
huggingface_hub/utils/_http.py, which reads the first of several: so that of which least is left.
"""

from datetime import UTC, datetime

from starlette.types import Scope

from etabli.features.accounts import Actor
from etabli.http.headers import RawHeader
from etabli.site import Site

DAY_S = 86_400


def rate_limit_headers(site: Site, scope: Scope) -> list[RawHeader]:
    """None for who came without a token, or with one that has no budget."""
    actor: Actor | None = scope.get("state", {}).get("actor")
    if actor is None or actor.meter is None or not actor.meter.limits.has_budget:
        return []
    left = actor.meter.allowances(site.usage.spent(actor.meter), datetime.now(UTC))
    limits = ", ".join(f'"{one.unit}";r={one.left};t={one.resets_in_s}' for one in left)
    policy = ", ".join(f'"{one.unit}";q={one.most};w={DAY_S}' for one in left)
    return [(b"ratelimit", limits.encode()), (b"ratelimit-policy", policy.encode())]

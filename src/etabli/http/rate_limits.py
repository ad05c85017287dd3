"""What is left of a token's budget of the day, as clients read it in the headers of an answer.

Source: draft-ietf-httpapi-ratelimit-headers, and `parse_ratelimit_headers` in
huggingface_hub/utils/_http.py, which reads the first of several: so that of which least is left.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from starlette.types import Scope

from etabli.features.accounts import Actor, Allowance
from etabli.site import Site

DAY_S = 86_400


def rate_limit_headers(allowances: Sequence[Allowance]) -> dict[str, str]:
    """
    Args:
        allowances: that of which least is left first; none: there is nothing to say.
    """
    if not allowances:
        return {}
    return {
        "ratelimit": ", ".join(
            f'"{one.unit}";r={one.left};t={one.resets_in_s}' for one in allowances
        ),
        "ratelimit-policy": ", ".join(f'"{one.unit}";q={one.most};w={DAY_S}' for one in allowances),
    }


def allowances_of(site: Site, scope: Scope) -> Sequence[Allowance]:
    """None for who came without a token, or with one that has no budget."""
    actor: Actor | None = scope.get("state", {}).get("actor")
    if actor is None or actor.meter is None:
        return ()
    return actor.meter.allowances(site.usage.spent(actor.meter), datetime.now(UTC))

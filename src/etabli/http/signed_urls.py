"""Addresses that need no other credential, because this hub has signed them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from fastapi import Request

from etabli.http.request import public_url, site_of


def sign_address(
    request: Request, method: str, path: str, claims: Mapping[str, Any], lifetime: timedelta
) -> str:
    """An address of this hub that needs no other credential: for a `Permission.SIGNED_ADDRESS`.

    Args:
        path: as the route will see it, decoded.
        claims: what the route shall go by, for `claims_of`. Whoever has the address can read them.
    """
    signer = site_of(request).signer
    signed = signer.sign(f"{method} {path}", claims, datetime.now(UTC), lifetime)
    return f"{public_url(request)}{quote(path)}?signed={signed}"

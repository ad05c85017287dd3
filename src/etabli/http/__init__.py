"""What the doors on HTTP share: who asks, what a route needs, errors in each door's own words.

Owns: how a request is let in and answered in one hop; the addresses that this hub signs.
May use: the hub, the pools of threads. No door is known here.
"""

from etabli.http.auth import PLURALS, SESSION_COOKIE
from etabli.http.errors import (
    STATUS,
    AddressNotFoundError,
    BadCasTokenError,
    ErrorPresenter,
    status_of,
)
from etabli.http.headers import harmless, header_text
from etabli.http.hosts import KnownHosts
from etabli.http.liveness import READINESS, Liveness
from etabli.http.numbers import MAX_BYTES, MAX_NUMBER, ByteCount, Number, whole_number
from etabli.http.openapi import document
from etabli.http.request import (
    SAFE_METHODS,
    actor_of,
    claims_of,
    public_url,
    repo_of,
    site_of,
)
from etabli.http.routing import (
    ActorDep,
    DoorRoute,
    HubDep,
    ReadHubDep,
    RepoDep,
    UndeclaredRouteError,
    door,
    needs,
    needs_of,
)
from etabli.http.signed_urls import sign_address

__all__ = [
    "MAX_BYTES",
    "MAX_NUMBER",
    "PLURALS",
    "READINESS",
    "SAFE_METHODS",
    "SESSION_COOKIE",
    "STATUS",
    "ActorDep",
    "AddressNotFoundError",
    "BadCasTokenError",
    "ByteCount",
    "DoorRoute",
    "ErrorPresenter",
    "HubDep",
    "KnownHosts",
    "Liveness",
    "Number",
    "ReadHubDep",
    "RepoDep",
    "UndeclaredRouteError",
    "actor_of",
    "claims_of",
    "document",
    "door",
    "harmless",
    "header_text",
    "needs",
    "needs_of",
    "public_url",
    "repo_of",
    "sign_address",
    "site_of",
    "status_of",
    "whole_number",
]

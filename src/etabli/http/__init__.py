"""What the doors on HTTP share: who asks, what a route needs, errors in each door's own words.

Owns: how a request is let in and answered in one hop; the addresses that this hub signs; redirects
within it.
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
from etabli.http.headers import harmless, header_text, latin_quotes
from etabli.http.hosts import KnownHosts
from etabli.http.liveness import READINESS, Liveness
from etabli.http.numbers import MAX_BYTES, MAX_NUMBER, ByteCount, Number, whole_number
from etabli.http.openapi import document
from etabli.http.rate_limits import allowances_of, rate_limit_headers
from etabli.http.redirects import (
    RefuseStrayPaths,
    local_address,
    redirect,
    redirect_by_htmx,
)
from etabli.http.request import (
    SAFE_METHODS,
    actor_of,
    bucket_of,
    claims_of,
    public_url,
    repo_of,
    site_of,
)
from etabli.http.route_table import RouteTable, routes_of
from etabli.http.routing import (
    ActorDep,
    BucketDep,
    DoorRoute,
    HubDep,
    ReadHubDep,
    RepoDep,
    UndeclaredRouteError,
    in_pool,
    make_router,
    required_permission,
    requires,
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
    "BucketDep",
    "ByteCount",
    "DoorRoute",
    "ErrorPresenter",
    "HubDep",
    "KnownHosts",
    "Liveness",
    "Number",
    "ReadHubDep",
    "RefuseStrayPaths",
    "RepoDep",
    "RouteTable",
    "UndeclaredRouteError",
    "actor_of",
    "allowances_of",
    "bucket_of",
    "claims_of",
    "document",
    "harmless",
    "header_text",
    "in_pool",
    "latin_quotes",
    "local_address",
    "make_router",
    "public_url",
    "rate_limit_headers",
    "redirect",
    "redirect_by_htmx",
    "repo_of",
    "required_permission",
    "requires",
    "routes_of",
    "sign_address",
    "site_of",
    "status_of",
    "whole_number",
]

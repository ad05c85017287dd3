"""What the doors on HTTP share: who asks, what a route needs, errors in each door's own words.

Owns: how a request is let in and answered in one hop; the addresses that this hub signs; redirects
within it.
May use: the hub, the pools of threads. No door is known here.
"""

from etabli.http.auth import PLURALS, SESSION_COOKIE
from etabli.http.errors import STATUS, BadCasTokenError, ErrorPresenter, status_of
from etabli.http.redirects import (
    RefuseStrayPaths,
    local_address,
    redirect,
    redirect_by_htmx,
)
from etabli.http.request import (
    SAFE_METHODS,
    actor_of,
    claims_of,
    public_url,
    repo_of,
    site_of,
)
from etabli.http.route_table import RouteTable
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
    "PLURALS",
    "SAFE_METHODS",
    "SESSION_COOKIE",
    "STATUS",
    "ActorDep",
    "BadCasTokenError",
    "DoorRoute",
    "ErrorPresenter",
    "HubDep",
    "ReadHubDep",
    "RefuseStrayPaths",
    "RepoDep",
    "RouteTable",
    "UndeclaredRouteError",
    "actor_of",
    "claims_of",
    "door",
    "local_address",
    "needs",
    "needs_of",
    "public_url",
    "redirect",
    "redirect_by_htmx",
    "repo_of",
    "sign_address",
    "site_of",
    "status_of",
]

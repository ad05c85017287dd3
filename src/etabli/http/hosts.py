"""By which names this hub is called. It answers to no other.

A page of a stranger's can have its own name lead to this machine (DNS rebinding): the browser then
takes this hub for that page's site. And an answer repeats the name in its links.
"""

import ipaddress
import re
import socket
from contextlib import suppress
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.http.headers import header_text
from etabli.http.liveness import LIVENESS, READINESS
from etabli.settings import Settings

MISDIRECTED = 421
"""Source: RFC 9110, section 15.5.20."""
ANY_HOST = "*"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::\d{1,5})?", re.ASCII)
_WATCHED = (LIVENESS, READINESS)


class UnknownHostError(InvalidInputError):
    def __init__(self, host: str) -> None:
        super().__init__(
            msg(
                "This hub is not known as {host}. If it is to be, its operator sets "
                "ETABLI_PUBLIC_URL, or adds the name to ETABLI_ALLOWED_HOSTS.",
                host=host,
            )
        )


class KnownHosts:
    """Refuses what is sent to another name. Only what watches over the hub may use any."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _WATCHED:
            await self._app(scope, receive, send)
            return
        host = Request(scope).headers.get("host")
        if host is None or _is_known(host, scope):
            await self._app(scope, receive, send)
        else:
            await _refusal(host)(scope, receive, send)


def _refusal(host: str) -> Response:
    """In no door's own shape: every client shows plain text, and a page would have links."""
    sentence = str(UnknownHostError(host[:255]))
    headers = {"X-Error-Message": header_text(sentence)}
    return PlainTextResponse(f"{sentence}\n", MISDIRECTED, headers)


def _is_known(host: str, scope: Scope) -> bool:
    own = (scope.get("server") or ("", 0))[0]
    return _is_known_to(scope["app"].state.site.settings, host[:255], own)


@lru_cache(maxsize=256)
def _is_known_to(settings: Settings, host: str, own: str) -> bool:
    name = _name_in(host)
    known = known_names(settings)
    return (
        ANY_HOST in known
        or name in known
        or name.endswith(".localhost")
        or _is_own_address(name, own)
    )


def _name_in(host: str) -> str:
    """Without the port, and the brackets of IPv6."""
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").lower().rstrip(".") if found else ""


def _is_own_address(name: str, own: str) -> bool:
    """Whether it is an address that stays on this machine, or where this connection came in."""
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    with suppress(ValueError):
        if address == ipaddress.ip_address(own):
            return True
    return address.is_loopback


@lru_cache(maxsize=8)
def known_names(settings: Settings) -> frozenset[str]:
    """In lower case."""
    machine = socket.gethostname()
    given = [name.strip() for name in settings.allowed_hosts.split(",")]
    of_url = urlsplit(settings.public_url).hostname if settings.public_url else ""
    names = ["localhost", settings.host, machine, f"{machine}.local", of_url or "", *given]
    return frozenset(name.lower().rstrip(".") for name in names) - {""}

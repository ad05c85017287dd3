"""Redirects within this site: whatever they are made of, they lead nowhere else.

A browser takes `//host`, `/\\host` and `/<tab>/host` for another site's address. So an address is
checked where it becomes a redirect, whoever made it, and a request whose path begins so is refused
before anything is made of it.
"""

import re

from fastapi import Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from etabli.foundation.i18n.messages import msg

HOME = "/"
STRAY_PATH = msg("An address of this hub begins with one slash. Check its spelling.")

# Encoded, a slash leads nowhere else; but a proxy that decodes it would make it do so.
_LOCAL = re.compile(r"/(?!/|%2f|%5c|%0|%1|%20)[^\\\x00-\x20\x7f]*", re.IGNORECASE)
_STRAY = re.compile(r"(?!/)|/[\x00-\x20\x7f]*[/\\]")


def local_address(address: str, otherwise: str = HOME) -> str:
    """The address, if it is one of this site: a path, with or without a query. Else the other."""
    return address if _LOCAL.fullmatch(address) else otherwise


def redirect(address: str, status: int) -> RedirectResponse:
    """To an address of this site; to its home, if it is none."""
    response = RedirectResponse(address, status)  # which encodes what no header may hold
    response.headers["location"] = local_address(response.headers["location"])
    return response


def redirect_by_htmx(address: str) -> Response:
    """The same, for a page that asked by htmx: what asked for a part of it leaves it as a whole."""
    return Response(headers={"HX-Redirect": local_address(address)})


class RefuseStrayPaths:
    """A layer around an application: no path that it sees can be read as another site's address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _STRAY.match(scope["path"]):
            await PlainTextResponse(f"{STRAY_PATH}\n", 400)(scope, receive, send)
            return
        await self._app(scope, receive, send)

"""The web server, as each of its processes runs it."""

import logging
import socket
from collections.abc import Callable
from functools import partial
from typing import Any

import uvicorn
from pydantic import BaseModel
from starlette.types import ASGIApp

from etabli.server.app import create_app
from etabli.server.connection_limits import MAX_IDLE_S, ConnectionLimits
from etabli.server.connection_passing import Channel, Desk, HandsOver, Kind, take_into
from etabli.server.connections import Connections
from etabli.server.sendfile import LARGE_SLICE_BYTES, SLICE_BYTES, OffersSendfile
from etabli.settings import Settings
from etabli.site import Site

GRACE_S = 5
"""How long a stopping server waits for the answers that it is giving."""


class Terms(BaseModel):
    """What all processes go by."""

    settings: Settings
    access_log: bool
    behind_proxy: bool


class HubServer(uvicorn.Server):
    """Uvicorn with a site behind it, which can share its connections with other processes."""

    def __init__(self, site: Site, terms: Terms, kind: Kind) -> None:
        """`kind`: what this process is for."""
        self._desk = Desk(kind)
        self._connections = Connections(ConnectionLimits.of(terms.settings))
        protocol: Any = partial(HandsOver, self._desk, self._connections)
        slice_bytes = LARGE_SLICE_BYTES if kind is Kind.BYTES else SLICE_BYTES
        super().__init__(
            uvicorn.Config(
                OffersSendfile(_application(site, kind), slice_bytes),
                http=protocol,
                ws="none",  # it would take connections past all limits, and no route speaks it
                lifespan="on",
                log_level="info" if terms.access_log else "warning",
                access_log=terms.access_log,
                proxy_headers=terms.behind_proxy,
                server_header=False,
                timeout_keep_alive=MAX_IDLE_S,
                timeout_graceful_shutdown=GRACE_S,
            )
        )

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second."""
        self._connections.look()
        return await super().on_tick(counter)

    def link(self, kind: Kind, end: socket.socket, on_gone: Callable[[], None]) -> None:
        """Share connections with a process of this kind, by this end of a pair of sockets.

        In the running loop.

        Args:
            on_gone: called once, when the other process has gone.
        """
        channel = Channel(end)

        def unlink() -> None:
            self._desk.unlink(kind, channel)
            on_gone()

        self._desk.link(kind, channel)
        channel.open(take_into(self, self._desk, self._connections), unlink)


def _application(site: Site, kind: Kind) -> ASGIApp:
    # What is carried was looked at, and counted, by the process that hands it over.
    return create_app(site, tends=kind is Kind.QUICK, counts_downloads=kind is not Kind.BYTES)


def log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )

"""The web server, as both of its processes run it."""

import logging
import socket
from functools import partial
from typing import Any

import uvicorn
from pydantic import BaseModel

from etabli.server.app import create_app
from etabli.server.connection_limits import MAX_IDLE_S, ConnectionLimits
from etabli.server.connection_passing import Channel, Desk, HandsOver, take_into
from etabli.server.connections import Connections
from etabli.server.sendfile import LARGE_SLICE_BYTES, SLICE_BYTES, OffersSendfile
from etabli.settings import Settings
from etabli.site import Site

GRACE_S = 5
"""How long a stopping server waits for the answers that it is giving."""


class Terms(BaseModel):
    """What both processes go by."""

    settings: Settings
    access_log: bool
    behind_proxy: bool


class HubServer(uvicorn.Server):
    """Uvicorn with a site behind it, which can share its connections with another process."""

    def __init__(self, site: Site, terms: Terms, *, carries: bool) -> None:
        """`carries`: this is the process for requests that move many bytes."""
        self._desk = Desk(carries=carries)
        self._connections = Connections(ConnectionLimits.of(terms.settings))
        protocol: Any = partial(HandsOver, self._desk, self._connections)
        slice_bytes = LARGE_SLICE_BYTES if carries else SLICE_BYTES
        super().__init__(
            uvicorn.Config(
                OffersSendfile(create_app(site, tends=not carries), slice_bytes),
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

    def link(self, end: socket.socket) -> None:
        """Share connections by this end of a pair of sockets. In the running loop."""
        self._desk.channel = Channel(end)
        self._desk.channel.open(take_into(self, self._desk, self._connections), self.unlinked)

    def unlinked(self) -> None:
        """The other process has gone."""
        raise NotImplementedError


def log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )

"""Start a hub: `etabli serve`, and `etabli worker` for its background work elsewhere."""

import errno
import logging
import signal
import socket
from collections.abc import Callable
from contextlib import ExitStack
from typing import Annotated

import typer
import uvicorn

from etabli.app import create_app
from etabli.cli import running
from etabli.cli.sendfile import OffersSendfile
from etabli.cli.terminal import (
    FAILED,
    DataDir,
    StartError,
    open_site,
    require_writable,
    settings_of,
    tell,
)
from etabli.foundation.words import say
from etabli.hub import Site
from etabli.settings import Settings
from etabli.worker import Worker

GRACE_S = 5
"""How long a stopping server waits for the answers that it is giving."""


class PortTakenError(StartError):
    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            say(
                "Port {port} of {host} is in use by another program. "
                "Choose another with --port, for example --port {other}.",
                port=str(port),
                host=host,
                other=str(port + 1),
            )
        )


class CannotListenError(StartError):
    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(
            say(
                "This machine cannot listen on {host}, port {port}: {reason}. "
                "Check --host and --port.",
                host=host,
                port=str(port),
                reason=error.strerror or str(error),
            )
        )


def serve(
    data_dir: DataDir = None,
    host: Annotated[
        str | None, typer.Option(help="The address to listen on.", show_default="127.0.0.1")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port to listen on; 0: any.", show_default="8000")
    ] = None,
    access_log: Annotated[bool, typer.Option("--access-log", help="Log each request.")] = False,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy", help="Believe what a proxy on this machine says of its clients."
        ),
    ] = False,
) -> None:
    """Serve a hub, with its background work, until it is stopped."""
    _log_to_stderr()
    settings = settings_of(data_dir, host=host, port=port)
    require_writable(settings.data_dir)
    with ExitStack() as held:
        if settings.resolved_database_url.startswith("sqlite"):
            held.enter_context(running.only_server(settings.data_dir))
        door = held.enter_context(_listen(settings))
        site = open_site(settings.model_copy(update={"port": door.getsockname()[1]}))
        server = _Server(
            uvicorn.Config(
                OffersSendfile(create_app(site)),
                lifespan="on",
                log_level="info" if access_log else "warning",
                access_log=access_log,
                proxy_headers=behind_proxy,
                server_header=False,
                timeout_graceful_shutdown=GRACE_S,
            ),
            on_start=lambda: _welcome(site),
            on_stop=lambda: running.withdraw(settings.data_dir),
        )
        server.run(sockets=[door])
    if not server.started:
        raise typer.Exit(FAILED)


def worker(data_dir: DataDir = None) -> None:
    """Do the background work of a hub whose server runs with ETABLI_EMBEDDED_WORKER=false."""
    _log_to_stderr()
    site = open_site(settings_of(data_dir))
    helper = Worker(site, alone=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: helper.stop())
    helper.start()
    tell(say("Working for the hub in {folder}. Stop with Ctrl-C.", folder=site.settings.data_dir))
    helper.wait()
    site.close()


class _Server(uvicorn.Server):
    """Uvicorn, with a word when the site is ready and another when it is down."""

    def __init__(
        self, config: uvicorn.Config, on_start: Callable[[], None], on_stop: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_start, self._on_stop = on_start, on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)


def _listen(settings: Settings) -> socket.socket:
    """
    Raises:
        PortTakenError, CannotListenError: the address cannot be had.
    """
    host, port = settings.host, settings.port
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        door = socket.socket(family, socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(address)
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise PortTakenError(host, port) from error
        shown = error if isinstance(error, OSError) else OSError(errno.EINVAL, str(error))
        raise CannotListenError(host, port, shown) from error
    return door


def _welcome(site: Site) -> None:
    settings = site.settings
    url = settings.resolved_public_url
    tell(say("Établi is at {url}", url=url))
    tell(say("Its data is in {folder}", folder=settings.data_dir.resolve()))
    with site.open_hub() as hub:
        token = None if hub.accounts.is_set_up() else hub.accounts.issue_setup_token()
    if token:
        tell(say("There is no account yet. Open this address once, to make the administrator's:"))
        typer.echo(f"\n    {url}/setup?token={token}\n")
    tell(say("Stop with Ctrl-C."))
    running.announce(settings.data_dir, url)


def _log_to_stderr() -> None:
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )

"""Start a hub: `etabli serve`, and `etabli worker` for its background work elsewhere."""

import asyncio
import errno
import signal
import socket
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated
from urllib.parse import urlsplit

import typer

from etabli.cli.terminal import FAILED, DataDir, open_site, require_writable, settings_of, tell
from etabli.foundation.i18n.messages import msg
from etabli.server import instance_lock
from etabli.server.child_process import ChildProcess
from etabli.server.connection_limits import raise_open_files
from etabli.server.connection_passing import Kind
from etabli.server.errors import StartError
from etabli.server.uvicorn_server import HubServer, Terms, log_to_stderr
from etabli.server.worker import Worker
from etabli.settings import MAX_PROCESSES, Settings
from etabli.site import Site

CHILD_AGAIN_AFTER_S = 1.0


class PortTakenError(StartError):
    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            msg(
                "Port {port} of {host} is in use by another program. "
                "Choose another with --port, for example --port {other}.",
                port=str(port),
                host=host,
                other=str(port + 1),
            )
        )


class PublicUrlError(StartError):
    def __init__(self, url: str) -> None:
        super().__init__(
            msg(
                "ETABLI_PUBLIC_URL is {url}, and a hub needs a name of its own: "
                "give an address such as https://hub.example.org, with no path after it.",
                url=url,
            )
        )


class CannotListenError(StartError):
    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(
            msg(
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
    processes: Annotated[
        int | None,
        typer.Option(
            help="How many processes answer; all but the first one sleep until they are needed.",
            min=1,
            max=MAX_PROCESSES,
            show_default="2",
        ),
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
    log_to_stderr()
    raise_open_files()
    settings = settings_of(data_dir, host=host, port=port, processes=processes)
    _check_public_url(settings.public_url)
    require_writable(settings.data_dir)
    children = _begin_children(settings)
    with ExitStack() as held:
        if settings.resolved_database_url.startswith("sqlite"):
            held.enter_context(instance_lock.only_server(settings.data_dir))
        door = held.enter_context(_listen(settings))
        settings = settings.model_copy(update={"port": door.getsockname()[1]})
        terms = Terms(settings=settings, access_log=access_log, behind_proxy=behind_proxy)
        server = _Server(open_site(settings, may_begin=True), terms, children)
        server.run(sockets=[door])
    if not server.started:
        raise typer.Exit(FAILED)


def worker(data_dir: DataDir = None) -> None:
    """Do the background work of a hub whose server runs with ETABLI_EMBEDDED_WORKER=false."""
    log_to_stderr()
    site = open_site(settings_of(data_dir))
    helper = Worker(site, alone=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: helper.stop())
    helper.start()
    tell(msg("Working for the hub in {folder}. Stop with Ctrl-C.", folder=site.settings.data_dir))
    helper.wait()
    site.close()


class _Server(HubServer):
    """With a word when the site is ready and another when it is down, and children beside it."""

    def __init__(self, site: Site, terms: Terms, children: Sequence[ChildProcess]) -> None:
        super().__init__(site, terms, Kind.QUICK)
        self._site, self._terms, self._children = site, terms, children

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            for child in self._children:
                child.begin(self._terms, self, self._child_gone)
            _welcome(self._site)

    def _child_gone(self, child: ChildProcess) -> None:
        asyncio.get_running_loop().call_later(CHILD_AGAIN_AFTER_S, self._begin_again, child)

    def _begin_again(self, child: ChildProcess) -> None:
        if not self.should_exit:
            child.begin_again(self._terms, self, self._child_gone)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        instance_lock.withdraw(self._terms.settings.data_dir)
        for child in self._children:
            child.ask_to_stop()
        await super().shutdown(sockets)
        for child in self._children:
            child.wait()


def _begin_children(settings: Settings) -> Sequence[ChildProcess]:
    """Before there are threads or open files."""
    kinds = [Kind.BYTES] if settings.carrier else []
    kinds += [Kind.LONG] * (settings.processes - 1)
    return [ChildProcess(kind) for kind in kinds]


def _check_public_url(url: str) -> None:
    """
    Raises:
        PublicUrlError: it is not the address of a whole site: pages and clients start at its root.
    """
    try:
        parts = urlsplit(url.rstrip("/"))
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if url and not (is_whole and f"{parts.scheme}://{parts.netloc}" == url.rstrip("/")):
        raise PublicUrlError(url)


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
    tell(msg("Établi is at {url}", url=url))
    tell(msg("Its data is in {folder}", folder=settings.data_dir.resolve()))
    with site.open_hub() as hub:
        token = None if hub.accounts.is_set_up() else hub.accounts.issue_setup_token()
    if token:
        tell(msg("There is no account yet. Open this address once, to make the administrator's:"))
        typer.echo(f"\n    {url}/setup?token={token}\n")
    tell(msg("Stop with Ctrl-C."))
    instance_lock.announce(settings.data_dir, url)

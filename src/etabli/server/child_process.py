"""The other processes of a server: one that carries bytes, and those that take what takes long.

Each serves the same site by the same routes; `connection_passing.py` says which requests are for
it. While it is down, or sleeps, the process that started it answers them; if it dies, that one
starts another.
"""

import gc
import logging
import os
import signal
import socket
import struct
import sys
import time
import traceback
from collections.abc import Callable
from typing import NoReturn

from etabli.server.connection_passing import Kind
from etabli.server.uvicorn_server import GRACE_S, HubServer, Terms, log_to_stderr
from etabli.site import Site

log = logging.getLogger(__name__)

NICENESS = {Kind.LONG: 2, Kind.BYTES: 5}
"""They give way to the process that answers what is quick."""

_LENGTH = struct.Struct("!I")
_ends: set[socket.socket] = set()
"""Of the pairs by which this process reaches its children."""


class ChildProcess:
    """One of them, as its parent holds it. Make it before there are threads or open files."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        # A fork shares most of its memory with its parent; macOS does not take it well.
        self._pid, self._end = (_fork if sys.platform == "linux" else _spawn)(kind)

    def begin(
        self, terms: Terms, server: HubServer, on_gone: Callable[["ChildProcess"], None]
    ) -> None:
        """Let it serve, and share the connections of `server` with it. In the running loop.

        It sleeps, with next to no memory, until it is sent a connection, or woken.
        """
        said = terms.model_dump_json().encode()
        try:
            self._end.sendall(_LENGTH.pack(len(said)) + said)
        except OSError:
            on_gone(self)
        else:
            server.link(self.kind, self._end, lambda: on_gone(self))

    def begin_again(
        self, terms: Terms, server: HubServer, on_gone: Callable[["ChildProcess"], None]
    ) -> None:
        """It has died: start another. In the running loop."""
        log.error("A process of this server has died (%s). Another one is started.", self.kind.name)
        _reap(self._pid, within_s=0)
        self._pid, self._end = _spawn(self.kind)
        self.begin(terms, server, on_gone)

    def ask_to_stop(self) -> None:
        """It ends what it is doing, for as long as any server here does."""
        _signal(self._pid, signal.SIGTERM)

    def wait(self) -> None:
        """Until it has gone, for some seconds; then it is killed."""
        if not _reap(self._pid, within_s=GRACE_S + 2):
            _signal(self._pid, signal.SIGKILL)


class _ChildServer(HubServer):
    def __init__(self, site: Site, terms: Terms, kind: Kind, end: socket.socket) -> None:
        super().__init__(site, terms, kind)
        self._end = end

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})  # now it is listened to
        await super().startup(sockets)
        self.link(Kind.QUICK, self._end, self._orphaned)

    def _orphaned(self) -> None:
        """The parent was killed. What it had not acknowledged shall not be acknowledged now, when
        another server may already be serving the folder."""
        if not self.should_exit:
            os._exit(1)


def _fork(kind: Kind) -> tuple[int, socket.socket]:
    ours, theirs = socket.socketpair()
    _ends.add(ours)
    gc.collect()
    gc.freeze()  # what the collector never touches stays in memory once
    pid = os.fork()
    if pid == 0:
        for end in _ends:
            end.close()  # its brothers would else not notice when the parent dies
        serve_child(kind, theirs)
    theirs.close()
    return pid, ours


def _spawn(kind: Kind) -> tuple[int, socket.socket]:
    ours, theirs = socket.socketpair()
    with theirs:
        os.set_inheritable(theirs.fileno(), True)
        program = (
            "from etabli.server.child_process import serve_by; "
            f"serve_by({kind.name!r}, {theirs.fileno()})"
        )
        pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ)
    return pid, ours


def serve_by(kind: str, descriptor: int) -> NoReturn:
    log_to_stderr()
    os.set_inheritable(descriptor, False)
    serve_child(Kind[kind], socket.socket(fileno=descriptor))


def serve_child(kind: Kind, end: socket.socket) -> NoReturn:
    """The life of the child, from its parent's first word to the last."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the parent, until the server takes it
    try:
        terms = _receive_terms(end)
        if terms is not None and _has_work(end):
            # Asked to stop while it starts, it still answers what it was started for.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
            os.nice(NICENESS[kind])
            _ChildServer(Site(terms.settings), terms, kind, end).run(sockets=[])
    finally:
        if sys.exc_info()[1] is not None:
            traceback.print_exc()  # nobody is above it to tell
        os._exit(0)  # a fork must not end what its parent has begun


def _receive_terms(end: socket.socket) -> Terms | None:
    """None: the parent ended before it served."""
    length = end.recv(_LENGTH.size, socket.MSG_WAITALL)
    if len(length) < _LENGTH.size:
        return None
    size = _LENGTH.unpack(length)[0]
    said = end.recv(size, socket.MSG_WAITALL)
    return Terms.model_validate_json(said) if len(said) == size else None


def _has_work(end: socket.socket) -> bool:
    """Wait for the first word, with next to no memory. False: the parent ended before."""
    return bool(end.recv(1, socket.MSG_PEEK))


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _reap(pid: int, within_s: float) -> bool:
    """Whether it has ended, within so many seconds."""
    until = time.monotonic() + within_s
    while True:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return True
        except ChildProcessError:
            return True
        if time.monotonic() >= until:
            return False
        time.sleep(0.01)

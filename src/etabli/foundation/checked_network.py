"""Connections to addresses that were checked, and to no others, with an end to every wait.

A name is resolved once; the connection goes to one of the addresses that were checked.
"""

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import httpcore2

from etabli.foundation.errors import ForbiddenError
from etabli.foundation.i18n.messages import msg, plain
from etabli.foundation.networks import Network, is_reachable

Resolve = Callable[[str, int], Sequence[str]]
"""Gives the IP addresses of a host name. Raises OSError when there is none."""


class AddressRefusedError(ForbiddenError):
    """The host is, or one of its addresses is, not of the public internet."""

    def __init__(self, host: str) -> None:
        super().__init__(
            msg(
                "{host} is an address of a private network, which this hub does not reach for "
                "others. The operator can allow it in ETABLI_ALLOWED_PRIVATE_NETWORKS.",
                host=plain(host)[:200],
            )
        )


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """By the name servers of this machine, which bound their own time."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Deadline:
    """When all of a request must be done."""

    def __init__(self, within_s: float) -> None:
        self.within_s = within_s
        self._until_s = time.monotonic() + within_s

    def cap(self, timeout_s: float | None) -> float:
        """The shorter of a limit and of what is left.

        Raises:
            httpcore2.TimeoutException: nothing is left.
        """
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise httpcore2.TimeoutException
        return left_s if timeout_s is None else min(left_s, timeout_s)


class CheckedNetwork(httpcore2.NetworkBackend):
    """Opens connections to addresses that were checked, and to no others."""

    def __init__(self, allowed: Sequence[Network], resolve: Resolve, deadline: Deadline) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._deadline = deadline
        self._system = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failed: httpcore2.ConnectError | httpcore2.ConnectTimeout | None = None
        for address in self._checked_addresses(host, port):
            try:
                # An address, and no name: nobody is asked again what it stands for.
                stream = self._system.connect_tcp(
                    address, port, self._deadline.cap(timeout), local_address, socket_options
                )
                return _TimedStream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed or httpcore2.ConnectError("no address")

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore2.NetworkStream:
        raise httpcore2.ConnectError("not a network address")

    def _checked_addresses(self, host: str, port: int) -> Sequence[str]:
        """
        Raises:
            AddressRefusedError: one of them may not be reached. Then none is: a name that leads
                both out and in is no name of the public internet.
        """
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(str(error)) from error
        if not all(is_reachable(address, self._allowed) for address in addresses):
            raise AddressRefusedError(host)
        return addresses


class _TimedStream(httpcore2.NetworkStream):
    """A connection whose every wait ends by the deadline, however few bytes come at a time."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.cap(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.cap(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.cap(timeout))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)

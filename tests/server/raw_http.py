"""HTTP by hand, for what no client would send."""

import contextlib
import socket
from collections.abc import Iterator

import httpx

PATIENCE_S = 10


@contextlib.contextmanager
def connected(url: str | httpx.URL, *pieces: bytes) -> Iterator[socket.socket]:
    """A connection on which these were sent."""
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port), PATIENCE_S) as connection:
        for piece in pieces:
            connection.sendall(piece)
        yield connection


def read_to_end(connection: socket.socket) -> bytes:
    """All that still comes until the server closes, or cuts, the connection."""
    read = bytearray()
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(1 << 16):
            read += piece
    return bytes(read)


def is_open(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return bool(connection.recv(1, socket.MSG_PEEK))
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    finally:
        connection.settimeout(PATIENCE_S)


def status(answer: bytes) -> int:
    assert answer.startswith(b"HTTP/1.1 "), answer[:200]
    return int(answer[9:12])

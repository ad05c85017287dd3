"""One connection's limits, with applications that real requests reach by real sockets."""

import asyncio
import socket
import threading
import time
from functools import partial

import pytest
import uvicorn

from etabli.server.connection_limits import (
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PIPELINED,
    ConnectionLimits,
)
from etabli.server.connections import Connections
from etabli.server.limited_protocol import LimitedProtocol
from tests.server.raw_http import connected, is_open, read_to_end, status

LIMITS = ConnectionLimits(
    max_connections=50, max_per_network=50, head_timeout_s=1, stall_timeout_s=1
)
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LAST = b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


class Served(uvicorn.Server):
    """An application behind the protocol, in a thread."""

    def __init__(self, app, limits=LIMITS):
        self.all = Connections(limits)
        protocol = partial(LimitedProtocol, self.all)
        config = uvicorn.Config(app, http=protocol, ws="none", lifespan="off", log_level="critical")
        super().__init__(config)

    async def on_tick(self, counter):
        self.all.look()
        return await super().on_tick(counter)

    def __enter__(self):
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        self._thread = threading.Thread(target=self.run, args=([self._door],))
        self._thread.start()
        while not self.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.should_exit = self.force_exit = True
        self._thread.join()


async def answer(send, body=b"ok"):
    head = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": body})


async def read_body(receive):
    body, more = b"", True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        body += message["body"]
        more = message["more_body"]
    return body


async def plain_app(scope, receive, send):
    await answer(send)


async def echo_app(scope, receive, send):
    await answer(send, await read_body(receive))


@pytest.fixture
def served(request):
    with Served(getattr(request, "param", plain_app)) as served:
        yield served


def head_of(size_bytes):
    start = b"GET / HTTP/1.1\r\nConnection: close\r\nX: "
    return start + b"x" * (size_bytes - len(start) - 4) + b"\r\n\r\n"


def in_pieces(content, size_bytes):
    return [content[at : at + size_bytes] for at in range(0, len(content), size_bytes)]


@pytest.mark.parametrize("piece_bytes", [1000, 1 << 20])
def test_a_head_may_have_as_many_bytes_and_no_more(served, piece_bytes):
    for size_bytes, expected in ((MAX_HEAD_BYTES, 200), (MAX_HEAD_BYTES + 1, 431)):
        pieces = in_pieces(head_of(size_bytes), piece_bytes)
        with connected(served.url, *pieces) as connection:
            said = read_to_end(connection)
        assert status(said) == expected
    assert said.endswith(b"32 KiB, 200 headers. Send less of them.\n")


@pytest.mark.parametrize(
    "flood",
    [
        b"GET /" + b"a" * 300_000,
        b"GET / HTTP/1.1\r\nX: " + b"a" * 300_000,
        b"GET / HTTP/1.1\r\n" + b"a:\r\n" * 75_000,
        b"\r\n" * 150_000,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 600_000,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 600_000,
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a:\r\n" * 150_000,
    ],
    ids=["address", "header", "headers", "lines", "extension", "trailer", "trailers"],
)
@pytest.mark.parametrize("served", [echo_app], indirect=True)
def test_nothing_that_has_no_end_is_kept(served, flood):
    with connected(served.url) as connection:
        try:
            connection.sendall(flood)
        except ConnectionError:
            return
        said = read_to_end(connection)
    assert not said or status(said) == 431


def test_a_request_may_have_as_many_headers_and_no_more(served):
    for count, expected in ((MAX_HEADERS, 200), (MAX_HEADERS + 1, 431)):
        request = b"GET / HTTP/1.1\r\nConnection: close\r\n" + b"a: b\r\n" * (count - 1) + b"\r\n"
        with connected(served.url, request) as connection:
            assert status(read_to_end(connection)) == expected


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: 123456789012345678901234567890\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: -1\r\n",
        b"Transfer-Encoding: gzip\r\n",
        b"A\x00: b\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_not_read(served, headers):
    with connected(served.url, b"POST / HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n") as connection:
        said = read_to_end(connection)
    assert status(said) == 400
    assert b"not a request that this hub can read" in said


def test_requests_in_a_row_are_answered_in_a_row(served):
    with connected(served.url, GET + GET + LAST) as connection:
        assert read_to_end(connection).count(b"HTTP/1.1 200 OK") == 3


def test_of_too_many_in_a_row_the_first_are_answered(served):
    with connected(served.url, GET * 2000) as connection:
        said = read_to_end(connection)
    assert said.count(b"HTTP/1.1") == said.count(b"HTTP/1.1 200 OK") == 1 + MAX_PIPELINED
    assert said.count(b"connection: close") == 1


def test_nonsense_behind_a_request_does_not_end_up_in_its_answer():
    go_on = threading.Event()

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while not go_on.is_set():
            await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"ok"})

    with Served(app) as served, connected(served.url, GET) as connection:
        assert status(connection.recv(1000)) == 200
        connection.sendall(b"\x16\x03\x01")
        said = read_to_end(connection)
        go_on.set()
    assert b"400" not in said


def test_trailers_are_no_headers():
    seen = []

    async def app(scope, receive, send):
        await read_body(receive)
        seen.extend(name for name, _ in scope["headers"])
        await answer(send)

    chunked = (
        b"POST / HTTP/1.1\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
    )
    trailers = b"0\r\nAuthorization: Bearer x\r\n\r\n"
    with Served(app) as served, connected(served.url, chunked, trailers) as connection:
        assert status(read_to_end(connection)) == 200
    assert seen == [b"connection", b"transfer-encoding"]


@pytest.mark.slow
def test_a_head_that_does_not_end_is_not_waited_for(served):
    with (
        connected(served.url) as silent,
        connected(served.url, b"\r\n") as dropping,
        connected(served.url, b"GET / HTTP/1.1\r\nHost") as begun,
        connected(served.url, GET + b"GET / HT") as second,
    ):
        assert read_to_end(silent) == b""
        assert status(read_to_end(dropping)) == 408
        assert status(read_to_end(begun)) == 408
        said = read_to_end(second)
    assert said.index(b"200 OK") < said.index(b"408 Request Timeout")
    assert said.endswith(b"Send it again.\n")


BODIES = {
    "length": b"POST / HTTP/1.1\r\nContent-Length: 1000\r\n\r\nx",
    "chunked": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
    "extension": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;a=",
    "trailer": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
    "continued": b"POST / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("served", [echo_app], indirect=True)
@pytest.mark.parametrize("start", BODIES.values(), ids=BODIES)
def test_a_body_that_does_not_go_on_is_not_waited_for(served, start):
    with connected(served.url, start) as connection:
        said = read_to_end(connection)
    assert status(said.removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")) == 408


@pytest.mark.slow
def test_the_application_learns_that_the_rest_of_a_body_will_not_come():
    told = []

    async def app(scope, receive, send):
        message = await receive()
        while message["type"] == "http.request":
            message = await receive()
        told.append(message["type"])

    with Served(app) as served, connected(served.url, BODIES["length"]) as connection:
        assert status(read_to_end(connection)) == 408
    assert told == ["http.disconnect"]


@pytest.mark.slow
def test_a_body_that_stops_when_its_answer_has_begun_is_cut():
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await read_body(receive)

    with Served(app) as served, connected(served.url, BODIES["length"]) as connection:
        said = read_to_end(connection)
    assert said.count(b"HTTP/1.1") == 1


def trickle(connection, size_bytes, times, every_s):
    for _ in range(times):
        time.sleep(every_s)
        connection.sendall(b"x" * size_bytes)


@pytest.mark.slow
@pytest.mark.parametrize("served", [echo_app], indirect=True)
def test_who_sends_slowly_and_steadily_is_heard_to_the_end(served):
    head = b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 6000\r\n\r\n"
    with connected(served.url, head) as connection:
        trickle(connection, 300, times=20, every_s=0.2)  # three times as fast as need be
        assert read_to_end(connection).count(b"x") == 6000


@pytest.mark.slow
@pytest.mark.parametrize("served", [echo_app], indirect=True)
def test_who_sends_a_byte_now_and_then_is_not(served):
    with connected(served.url, BODIES["length"]) as connection:
        try:
            trickle(connection, 1, times=25, every_s=0.2)
        except ConnectionError:
            return
        assert status(read_to_end(connection)) == 408


@pytest.mark.slow
def test_the_server_may_take_its_time():
    async def app(scope, receive, send):
        await asyncio.sleep(3.5)  # with more sent than it keeps: the connection is not read
        body = await read_body(receive)
        await asyncio.sleep(2.5)
        await answer(send, str(len(body)).encode())

    head = b"POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 400000\r\n\r\n"
    with Served(app) as served, connected(served.url, head, b"x" * 400_000) as connection:
        assert read_to_end(connection).endswith(b"\r\n\r\n400000")


@pytest.mark.slow
def test_who_was_told_to_wait_may_wait():
    async def app(scope, receive, send):
        await asyncio.sleep(3)
        await answer(send, await read_body(receive))

    with Served(app) as served, connected(served.url) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n"
            b"Connection: close\r\n\r\n"
        )
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ok")
        assert read_to_end(connection).endswith(b"\r\n\r\nok")


async def large_app(scope, receive, send):
    size_bytes = 40_000_000
    head = [(b"content-length", str(size_bytes).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    for left in range(size_bytes - 100_000, -1, -100_000):
        await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": left > 0})


@pytest.mark.slow
@pytest.mark.parametrize("served", [large_app], indirect=True)
def test_who_does_not_take_the_answer_is_cut(served):
    with connected(served.url, GET) as connection:
        connection.recv(1)
        while served.server_state.connections:
            time.sleep(0.05)
        assert len(read_to_end(connection)) < 40_000_000


async def whole_app(scope, receive, send):
    await answer(send, b"x" * 40_000_000)


@pytest.mark.slow
@pytest.mark.parametrize("served", [whole_app], indirect=True)
def test_who_does_not_take_what_is_sent_before_closing_is_cut(served):
    with connected(served.url, LAST) as connection:
        connection.recv(1)
        while served.server_state.connections:
            time.sleep(0.05)
        assert len(read_to_end(connection)) < 40_000_000


@pytest.mark.slow
@pytest.mark.parametrize("served", [large_app], indirect=True)
def test_who_takes_the_answer_slowly_and_steadily_gets_it(served):
    with connected(served.url, LAST) as connection:
        taken = 0
        for _ in range(40):
            time.sleep(0.1)
            taken += len(connection.recv(200_000))
        assert taken + len(read_to_end(connection)) > 40_000_000


def test_the_longest_idle_makes_room_for_the_newest():
    limits = ConnectionLimits(3, 50, head_timeout_s=20, stall_timeout_s=20)
    with (
        Served(plain_app, limits) as served,
        connected(served.url, GET) as first,
        connected(served.url) as second,
    ):
        assert status(first.recv(1000)) == 200
        first.sendall(GET)
        assert status(first.recv(1000)) == 200  # so that the second is idle since longer ago
        with connected(served.url) as third, connected(served.url, LAST) as fourth:
            assert status(read_to_end(fourth)) == 200
            assert read_to_end(second) == b""
            assert is_open(first)
            assert is_open(third)


def test_where_none_is_idle_the_newest_is_sent_away():
    limits = ConnectionLimits(2, 50, head_timeout_s=20, stall_timeout_s=20)
    with (
        Served(plain_app, limits) as served,
        connected(served.url, b"GET /") as first,
        connected(served.url, b"GET /") as second,
    ):
        while served.all._idle:
            time.sleep(0.01)
        with connected(served.url, GET) as third:
            said = read_to_end(third)
        assert status(said) == 503
        assert b"Retry-After: 5\r\n" in said
        for connection in (first, second):
            connection.sendall(b" HTTP/1.1\r\nConnection: close\r\n\r\n")
            assert status(read_to_end(connection)) == 200
        with connected(served.url, LAST) as fourth:
            assert status(read_to_end(fourth)) == 200

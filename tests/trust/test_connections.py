"""Connections that never end, on a real server with both of its processes."""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.server.raw_http import connected, read_to_end, status
from tests.trust.hub_process import HubProcess, commit_large, etabli

TOKEN = "hf_connections_0123456789abcdef"
CONTENT = os.urandom(1_000_000) * 20
"""So large that it is sent by the process that carries bytes, and by the kernel."""

LFS = b"PUT /lfs/" + b"0" * 64 + b" HTTP/1.1\r\nHost: localhost\r\n"
COMMIT = (
    b"POST /api/models/alice/big/commit/main HTTP/1.1\r\nHost: localhost\r\n"
    b"Authorization: Bearer " + TOKEN.encode() + b"\r\n"
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("connections") / "data"
    etabli(data_dir, "users", "add", "alice", "--no-password")
    etabli(data_dir, "tokens", "add", "alice", "--role", "write", "--stdin", given=TOKEN)
    hub = HubProcess(data_dir)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ETABLI_HEAD_TIMEOUT_S", "1")
        patch.setenv("ETABLI_STALL_TIMEOUT_S", "2")
        patch.setenv("ETABLI_MAX_CONNECTIONS", "40")
        hub.start()
    yield hub
    hub.stop()
    assert "Traceback" not in hub.log.read_text()


@pytest.fixture(scope="module")
def client(hub):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=url_of(hub), headers=headers, timeout=20) as client:
        client.post("/api/repos/create", json={"name": "big"}).raise_for_status()
        commit_large(client, "alice/big", "x.bin", CONTENT)
        yield client


def url_of(hub):
    return json.loads((hub.data_dir / "server.json").read_text())["url"]


def carrier_of(hub):
    child, *_ = Path(f"/proc/{hub.pid}/task/{hub.pid}/children").read_text().split()
    return int(child)


@pytest.mark.parametrize(
    "start", [b"GET / HTTP/1.1\r\nX: ", LFS + b"X: "], ids=["server", "carrier"]
)
def test_headers_without_end_are_refused_by_either_process(hub, client, start):
    with connected(url_of(hub), start) as connection:
        sent_bytes = 0
        with contextlib.suppress(ConnectionError):
            while sent_bytes < 50_000_000:
                sent_bytes += connection.send(b"x" * 65536)
                if sent_bytes > 1_000_000:
                    break  # what nobody keeps can be sent for a while
        assert status(read_to_end(connection)) == 431
    assert client.get("/api/whoami-v2").status_code == 200


SLOW = {
    "head": b"GET / HTTP/1.1\r\n",
    "head-carrier": LFS,
    "length": COMMIT + b"Content-Length: 1000\r\n\r\n{",
    "length-carrier": COMMIT + b"Content-Length: 1500000\r\n\r\n{",
    "chunked": COMMIT + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "form": b"POST /login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 99\r\n\r\nname=",
}


@pytest.mark.slow
def test_who_stops_in_the_middle_is_told_so_while_others_are_answered(hub, client):
    with contextlib.ExitStack() as stack:
        slow = {
            name: stack.enter_context(connected(url_of(hub), start)) for name, start in SLOW.items()
        }
        for _ in range(20):
            assert client.get("/api/whoami-v2").status_code == 200
        said = {name: read_to_end(connection) for name, connection in slow.items()}
    assert {name: status(answer) for name, answer in said.items()} == dict.fromkeys(SLOW, 408)


@pytest.mark.slow
def test_a_download_that_is_not_taken_is_cut(hub, client):
    request = b"GET /alice/big/resolve/main/x.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with connected(url_of(hub)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.sendall(request)
        time.sleep(8)
        assert len(read_to_end(connection)) < len(CONTENT)
    assert client.get("/alice/big/resolve/main/x.bin").content == CONTENT


@pytest.mark.slow
def test_what_the_server_does_not_read_in_time_is_not_its_clients_fault(hub, client):
    line = json.dumps({"key": "header", "value": {"summary": "s" * 1_500_000}}).encode()
    head = COMMIT + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(line)
    with connected(url_of(hub), head, line[:1000]) as connection:
        carrier = carrier_of(hub)
        time.sleep(0.5)
        os.kill(carrier, signal.SIGSTOP)
        time.sleep(4)  # twice as long as a client may take
        os.kill(carrier, signal.SIGCONT)
        connection.sendall(line[1000:])
        assert status(read_to_end(connection)) not in (408, 500)


@pytest.mark.slow
def test_connections_are_bounded_and_calls_go_on(hub, client):
    url = url_of(hub)
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(connected(url)) for _ in range(60)]
        for _ in range(5):
            assert httpx.get(f"{url}/api/models").status_code == 200
        assert read_to_end(idle[0]) == b""
    with contextlib.ExitStack() as stack:
        begun = [stack.enter_context(connected(url, b"GET / HT")) for _ in range(60)]
        answers = list(map(read_to_end, begun))
    assert {status(answer) for answer in answers} == {408, 503}
    assert httpx.get(f"{url}/api/models").status_code == 200


def test_a_large_body_is_carried_however_its_headers_are_cut(hub, client):
    """Whoever cuts them would else choose the process that answers people for it."""
    assert client.put("/lfs/0", content=b"").status_code in (403, 404)  # the carrier is up
    head = COMMIT + b"Connection: close\r\nContent-Length: 1500000\r\n\r\n"
    carrier = carrier_of(hub)
    os.kill(carrier, signal.SIGSTOP)
    try:
        with connected(url_of(hub)) as connection:
            for piece in (head[:3], head[3:90], head[90:-2], head[-2:], b" " * 1_500_000):
                connection.sendall(piece)
                time.sleep(0.02)
            connection.settimeout(0.5)
            with pytest.raises(TimeoutError):
                connection.recv(1)
            os.kill(carrier, signal.SIGCONT)
            connection.settimeout(10)
            assert status(read_to_end(connection)) == 200  # of empty lines: nothing to commit
    finally:
        os.kill(carrier, signal.SIGCONT)


def test_the_server_may_open_as_many_files_as_it_may_allow_itself(hub):
    soft, _ = limits_of(hub.pid)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft == min(hard, 65_536)


def test_where_few_files_may_be_open_fewer_connections_are_taken():
    program = (
        "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (100, 456))\n"
        "from etabli.server.connection_limits import ConnectionLimits, raise_open_files\n"
        "from etabli.settings import Settings\n"
        "raise_open_files(); raise_open_files()\n"
        "print(ConnectionLimits.of(Settings()).max_connections)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "100"


def limits_of(pid):
    lines = Path(f"/proc/{pid}/limits").read_text().splitlines()
    fields = next(line for line in lines if line.startswith("Max open files")).split()
    return int(fields[3]), int(fields[4])

"""The server's two processes behind one port: whichever answers, a client sees one server."""

import hashlib
import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from etabli.features.accounts import TokenRole
from etabli.server.connection_passing import carries_bytes
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import HubProcess, commit_lines

SIZE = 3_000_000


@pytest.fixture
def hub(tmp_path):
    process = HubProcess(tmp_path / "data")
    yield process
    if process.is_up:
        process.kill()


@pytest.fixture
def client(hub):
    site = Site(Settings(data_dir=hub.data_dir))
    site.migrate()
    with site.open_hub() as unit:
        unit.accounts.register("alice", "correct horse")
        token = unit.accounts.issue_token("alice", TokenRole.WRITE, "test").secret
    site.close()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=hub.start(), headers=headers, timeout=20) as client:
        client.post("/api/repos/create", json={"name": "m"}).raise_for_status()
        yield client


@pytest.fixture
def cut(hub):
    """Wait until the worker has cut a file into chunks."""

    def cut(content):
        site = Site(Settings(data_dir=hub.data_dir))
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with site.read_hub() as unit:
                blob = unit.blobs.find(hashlib.sha256(content).hexdigest())
            if blob.key is None:
                break
            time.sleep(0.1)
        site.close()
        assert blob.key is None

    return cut


def carrier_of(hub):
    pid = hub.pid
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # ended, and nobody has asked how


def upload_address(client, content):
    asked = {
        "operation": "upload",
        "objects": [{"oid": hashlib.sha256(content).hexdigest(), "size": len(content)}],
    }
    answer = client.post("/alice/m.git/info/lfs/objects/batch", json=asked).json()
    actions = answer["objects"][0].get("actions")
    return actions["upload"]["href"] if actions else None


def commit(client, content):
    oid = hashlib.sha256(content).hexdigest()
    lines = [
        {"key": "header", "value": {"summary": "Add"}},
        {"key": "lfsFile", "value": {"path": f"{oid}.bin", "algo": "sha256", "oid": oid}},
    ]
    body = "".join(json.dumps(line) + "\n" for line in lines)
    client.post("/api/models/alice/m/commit/main", content=body).raise_for_status()
    return f"/alice/m/resolve/main/{oid}.bin"


def test_one_connection_goes_to_and_fro(hub, client):
    ports = set()

    def note(response):
        ports.add(response.extensions["network_stream"].get_extra_info("client_addr"))

    client.event_hooks["response"].append(note)
    for _ in range(5):
        content = os.urandom(SIZE)
        client.put(upload_address(client, content), content=content).raise_for_status()
        assert client.get(commit(client, content)).content == content
    assert len(ports) == 1  # all of it by one connection


def test_each_request_is_answered_by_the_process_that_it_is_for(hub, client):
    content = os.urandom(SIZE)
    address = upload_address(client, content)
    os.kill(carrier_of(hub), signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        sent = threads.submit(httpx.put, address, content=content, timeout=20)
        large = commit_lines("Many", "a.txt", "x" * 1_100_000)
        committed = threads.submit(client.post, "/api/models/alice/m/commit/main", content=large)
        time.sleep(0.5)
        assert client.get("/api/whoami-v2").status_code == 200
        assert client.get("/alice/m").status_code == 200
        assert not sent.done()
        assert not committed.done()
        os.kill(carrier_of(hub), signal.SIGCONT)
        assert sent.result().status_code == 200
        assert committed.result().status_code == 200
    assert upload_address(client, content) is None  # it is held


@pytest.mark.slow
def test_what_must_be_unpacked_to_be_sent_is_carried(hub, client, cut):
    content = os.urandom(SIZE)
    client.put(upload_address(client, content), content=content).raise_for_status()
    address = commit(client, content)
    cut(content)
    os.kill(carrier_of(hub), signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        whole = threads.submit(client.get, address)
        time.sleep(0.5)
        assert client.head(address).headers["content-length"] == str(SIZE)
        part = client.get(address, headers={"Range": "bytes=2000000-2000999"})
        assert part.content == content[2_000_000:2_001_000]
        assert not whole.done()
        os.kill(carrier_of(hub), signal.SIGCONT)
        assert whole.result().content == content
    assert client.get(address).content == content  # by a connection that has been there
    os.kill(carrier_of(hub), signal.SIGKILL)
    time.sleep(0.1)
    assert client.get(address).content == content


@pytest.mark.slow
def test_when_one_has_died_the_other_serves_until_there_is_a_new_one(hub, client):
    died = carrier_of(hub)
    os.kill(died, signal.SIGKILL)
    time.sleep(0.1)
    contents = [os.urandom(SIZE) for _ in range(3)]
    for content in contents[:2]:
        client.put(upload_address(client, content), content=content).raise_for_status()
    until = time.monotonic() + 10
    while time.monotonic() < until and carrier_of(hub) == died:
        time.sleep(0.05)
    assert carrier_of(hub) != died
    time.sleep(2)
    client.put(upload_address(client, contents[2]), content=contents[2]).raise_for_status()
    for content in contents:
        assert client.get(commit(client, content)).content == content
    assert "has died" in hub.log.read_text()


@pytest.mark.slow
def test_what_it_had_not_acknowledged_when_it_died_is_not_there_and_can_be_sent_again(hub, client):
    content = os.urandom(SIZE)
    address = upload_address(client, content)
    killed = []

    def until_it_dies():
        for start in range(0, SIZE, SIZE // 10):
            if start > SIZE // 2 and not killed:
                killed.append(carrier_of(hub))
                os.kill(killed[0], signal.SIGKILL)
            yield content[start : start + SIZE // 10]
            time.sleep(0.02)

    with pytest.raises(httpx.TransportError):
        httpx.put(address, content=until_it_dies(), headers={"Content-Length": str(SIZE)})
    address = upload_address(client, content)
    assert address is not None
    httpx.put(address, content=content).raise_for_status()
    assert client.get(commit(client, content)).content == content


@pytest.mark.slow
def test_it_ends_with_the_server_however_that_ends(hub, client):
    for end in (hub.stop, hub.kill):
        carrier = carrier_of(hub)
        end()
        until = time.monotonic() + 5
        while time.monotonic() < until and is_running(carrier):
            time.sleep(0.01)
        assert not is_running(carrier)
        hub.start()
    assert "Traceback" not in hub.log.read_text()


@pytest.mark.slow
def test_what_is_under_way_when_the_server_is_stopped_still_ends(hub, client):
    content, staging = os.urandom(SIZE), hub.data_dir / "blobs" / "staging"
    address = upload_address(client, content)

    def slowly():
        for start in range(0, SIZE, SIZE // 10):
            time.sleep(0.1)
            yield content[start : start + SIZE // 10]

    with ThreadPoolExecutor() as threads:
        headers = {"Content-Length": str(SIZE)}
        sent = threads.submit(httpx.put, address, content=slowly(), headers=headers)
        while not any(path.stat().st_size for path in staging.iterdir()):
            time.sleep(0.01)
        hub.stop()
        assert sent.result().status_code == 200


def test_a_request_in_pieces_is_answered(hub, client):
    """A first packet may say too little to hand the request over: the whole head does."""
    content = os.urandom(SIZE)
    address = httpx.URL(upload_address(client, content))
    head = (
        f"PUT {address.raw_path.decode()} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {SIZE}\r\n"
        "Connection: close\r\n\r\n"
    ).encode()
    with socket.create_connection((address.host, address.port)) as connection:
        for piece in (head[:3], head[3:40], head[40:], content):
            connection.sendall(piece)
            time.sleep(0.05)
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    assert upload_address(client, content) is None


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"PUT /lfs/abc?signed=1 HTTP/1.1\r\n", True),
        (b"GET /cas/1/v1/reconstructions/abc HTTP/1.1\r\n", True),
        (b"POST /alice/m.git/git-receive-pack HTTP/1.1\r\n", True),
        (b"POST /datasets/alice/m/git-upload-pack HTTP/1.1\r\n", True),
        (b"GET /alice/m.git/info/refs?service=git-upload-pack HTTP/1.1\r\n", False),
        (b"GET /alice/m/resolve/main/a HTTP/1.1\r\nX: 1\r\n\r\n", False),
        (b"POST /x HTTP/1.1\r\nContent-Length: 999999\r\n\r\n", False),
        (b"POST /x HTTP/1.1\r\nHost: a\r\ncontent-length:1000000\r\n\r\n", True),
        (b"POST /x HTTP/1.1\r\nHost: a\r\n\r\nbody\r\nContent-Length: 2000000\r\n\r\n", False),
        (b"POST /x HTTP/1.1\r\nContent-Length: 2000000\r\n", False),  # not whole: stays
        (b"", False),
    ],
)
def test_what_carries_bytes(start, expected):
    assert carries_bytes(start) is expected

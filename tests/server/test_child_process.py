"""The server's two processes behind one port: whichever answers, a client sees one server."""

import hashlib
import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import httpx
import pytest

from etabli.features.accounts import TokenRole
from etabli.server.connection_passing import Kind, kind_of
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
    return children_of(hub)[0]


def children_of(hub):
    """Those that the server has begun first, first."""
    pid = hub.pid
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


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


B, Q, L = Kind.BYTES, Kind.QUICK, Kind.LONG


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"PUT /lfs/abc?signed=1 HTTP/1.1\r\n", B),
        (b"GET /cas/1/v1/reconstructions/abc HTTP/1.1\r\n", B),
        (b"POST /alice/m.git/git-receive-pack HTTP/1.1\r\n", B),
        (b"POST /datasets/alice/m/git-upload-pack HTTP/1.1\r\n", B),
        (b"POST /x HTTP/1.1\r\nHost: a\r\ncontent-length:1000000\r\n\r\n", B),
        (b"GET /alice/m.git/info/refs?service=git-upload-pack HTTP/1.1\r\n", Q),
        (b"POST /alice/m.git/info/lfs/objects/batch HTTP/1.1\r\nContent-Length: 9\r\n", Q),
        (b"GET /alice/m/resolve/main/a HTTP/1.1\r\nX: 1\r\n\r\n", Q),
        (b"HEAD /datasets/alice/m/raw/main/a HTTP/1.1\r\n", Q),
        (b"GET /api/whoami-v2 HTTP/1.1\r\n", Q),
        (b"GET /api/models?search=/commits/ HTTP/1.1\r\n", Q),
        (b"GET /api/models/alice/m/tree/main?recursive=1 HTTP/1.1\r\n", Q),
        (b"POST /run/alice/m HTTP/1.1\r\n", Q),
        (b"POST /alice/m/ask HTTP/1.1\r\n", Q),
        (b"GET /static/1/site.css HTTP/1.1\r\n", Q),
        (b"GET /healthz HTTP/1.1\r\n", Q),
        (b"GET / HTTP/1.1\r\n", L),
        (b"GET /alice/m HTTP/1.1\r\n", L),
        (b"GET /models?search=/resolve/ HTTP/1.1\r\n", L),
        (b"GET /api/models/alice/m/commits/main HTTP/1.1\r\n", L),
        (b"GET /api/models/alice/m/tree/main?recursive=1&expand=1 HTTP/1.1\r\n", L),
        (b"POST /api/models/alice/m/commit/main HTTP/1.1\r\nContent-Length: 999999\r\n\r\n", L),
        (b"DELETE /api/repos/delete HTTP/1.1\r\n", L),
        (b"POST /x HTTP/1.1\r\nHost: a\r\n\r\nbody\r\nContent-Length: 2000000\r\n\r\n", L),
        (b"POST /x HTTP/1.1\r\nContent-Length: 2000000\r\n", L),  # not whole
        (b"GET /alice/m/resol", None),
        (b"", None),
    ],
)
def test_what_kind_a_request_is(start, expected):
    assert kind_of(start) is expected


# Those that take what takes long


def crowd(client, times=4):
    """So many at once that the first process wakes the others."""
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(client.get, ["/", "/models", "/alice/m", "/search?q=m"] * times)
        assert {answer.status_code for answer in answers} == {200}


def awake(hub, client):
    """Who has come to help: it serves, and has told so."""
    helper = children_of(hub)[1]
    until = time.monotonic() + 20
    while time.monotonic() < until:
        crowd(client, times=1)
        if answers_pages(helper, client):
            return helper
    raise AssertionError(hub.log.read_text())


def answers_pages(helper, client):
    os.kill(helper, signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        page = threads.submit(client.get, "/login")
        is_answered = bool(wait([page], timeout=2).done)
        os.kill(helper, signal.SIGCONT)
    return not is_answered


@pytest.mark.slow
def test_alone_nobody_wakes_the_others(hub, client):
    helper = children_of(hub)[1]
    for _ in range(5):
        client.get("/alice/m").raise_for_status()
    assert len(list(Path(f"/proc/{helper}/task").iterdir())) == 1


@pytest.mark.slow
def test_in_a_crowd_what_takes_long_holds_up_nothing_quick(hub, client):
    helper = awake(hub, client)
    os.kill(helper, signal.SIGSTOP)
    with ThreadPoolExecutor() as threads:
        page = threads.submit(client.get, "/alice/m")
        commits = [
            threads.submit(
                client.post,
                "/api/models/alice/m/commit/main",
                content=commit_lines("One", f"{number}.txt", "x"),
            )
            for number in range(3)
        ]
        time.sleep(0.5)
        assert client.get("/api/whoami-v2").status_code == 200
        assert client.get("/api/models/alice/m").status_code == 200
        assert not page.done()
        assert not any(one.done() for one in commits)
        os.kill(helper, signal.SIGCONT)
        assert page.result().status_code == 200
        assert {one.result().status_code for one in commits} == {200}
    assert client.get("/alice/m/resolve/main/2.txt").text == "x"
    content = os.urandom(SIZE)  # by a connection that has been with the helper
    client.get("/alice/m").raise_for_status()
    client.put(upload_address(client, content), content=content).raise_for_status()
    assert client.get(commit(client, content)).content == content


@pytest.mark.slow
def test_when_a_helper_has_died_the_first_answers_and_another_comes(hub, client):
    died = awake(hub, client)
    os.kill(died, signal.SIGKILL)
    time.sleep(0.2)
    crowd(client)
    until = time.monotonic() + 10
    while time.monotonic() < until and (died in children_of(hub) or len(children_of(hub)) < 2):
        time.sleep(0.05)
    assert died not in children_of(hub)
    assert awake(hub, client) != died
    assert "LONG" in hub.log.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("is_awake", [False, True])
def test_helpers_end_with_the_server_however_that_ends(hub, client, is_awake):
    for end in (hub.stop, hub.kill):
        if is_awake:
            awake(hub, client)
        helpers = children_of(hub)
        end()
        until = time.monotonic() + 5
        while time.monotonic() < until and any(map(is_running, helpers)):
            time.sleep(0.01)
        assert not any(map(is_running, helpers))
        client.base_url = hub.start()
    assert "Traceback" not in hub.log.read_text()

"""Whoever began to send before a file was checked writes nothing into it after."""

import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from etabli.features.accounts import TokenRole
from etabli.features.repos import RepoType
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import HubProcess
from tests.trust.sending import PART_BYTES, SMALL_PARTS, Sender, part_of, parts_of, sha256
from tests.xet_client import noise

pytestmark = pytest.mark.slow

CONTENT = noise(3 * PART_BYTES)
EVIL = b"EVIL WEIGHTS! " * 100_000


@pytest.fixture
def people(tmp_path):
    """Bob, who would poison, and Alice, each with a repository at a running hub."""
    site = Site(Settings(data_dir=tmp_path / "data", database_url=""))
    site.migrate()
    tokens = {}
    with site.open_hub() as hub:
        for person in ("bob", "alice"):
            actor = hub.accounts.register(person)
            hub.repos.create(actor, RepoType.MODEL, person, "model")
            tokens[person] = hub.accounts.issue_token(person, TokenRole.WRITE, "test").secret
    site.close()
    hub = HubProcess(tmp_path / "data", SMALL_PARTS)
    url = hub.start()
    yield {name: Sender(url, token, f"{name}/model") for name, token in tokens.items()}
    hub.kill()  # what hangs is not waited for


@pytest.fixture
def bob(people):
    return people["bob"]


@pytest.fixture
def alice(people):
    return people["alice"]


@pytest.fixture
def hang(tmp_path):
    """Begins a request that has sent this much of its body, and waits."""

    def hang(*request):
        connection = connections.enter_context(_begin(*request))
        wait_until(lambda: list(staging.iterdir()))
        return connection

    staging = tmp_path / "data/blobs/staging"
    with ExitStack() as connections:
        yield hang


def _begin(address, body, length):
    url = urlsplit(address)
    connection = socket.create_connection((url.hostname, url.port), timeout=20)
    target = f"{url.path}?{url.query}"
    head = f"PUT {target} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def wait_until(is_so):
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def require_honest(alice):
    """What Alice sends, her repository serves."""
    alice.by_basic(CONTENT)
    alice.commit(CONTENT)
    got = alice.download()
    assert got.headers["etag"] == f'"{sha256(CONTENT)}"'
    assert got.content == CONTENT


@pytest.mark.parametrize("sent_before", [16, 1_500_000])
def test_a_part_that_hangs_changes_no_published_file(alice, bob, hang, sent_before):
    action = bob.ask(CONTENT, "multipart")["actions"]["upload"]
    parts = parts_of(action)
    late = hang(parts[1], CONTENT[:sent_before], PART_BYTES)
    for number, address in parts.items():
        httpx.put(address, content=part_of(CONTENT, number)).raise_for_status()
    assert httpx.post(action["href"]).status_code == 200
    late.sendall(EVIL[: PART_BYTES - sent_before])
    late.sendall(bytes(max(0, PART_BYTES - sent_before - len(EVIL))))
    answer = late.recv(1000)  # it has written all that it ever will
    require_honest(alice)
    assert answer.startswith(b"HTTP/1.1 503")


def test_parts_that_hang_while_it_is_joined_again_and_again(alice, bob, hang):
    action = bob.ask(CONTENT, "multipart")["actions"]["upload"]
    parts = parts_of(action)
    hanging = [
        hang(parts[n], part_of(CONTENT, n)[: n * 500_000], PART_BYTES) for n in parts for _ in "ab"
    ]
    for number, address in parts.items():
        httpx.put(address, content=part_of(CONTENT, number)).raise_for_status()
    for connection in hanging:
        connection.sendall(EVIL[: PART_BYTES - 1_500_000])
        assert httpx.post(action["href"]).status_code in (200, 422, 503)
    require_honest(alice)


def test_a_whole_file_that_hangs_is_in_nobodys_way(alice, bob, hang):
    action = bob.ask(CONTENT, "basic")["actions"]["upload"]
    late = hang(action["href"], CONTENT[:100_000], len(CONTENT))
    httpx.put(action["href"], content=CONTENT).raise_for_status()
    late.sendall(EVIL[:500_000])
    require_honest(alice)

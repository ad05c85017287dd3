"""Whoever began to send before a file was checked writes nothing into it after."""

import hashlib
import json
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx
import pytest

from etabli.features.accounts import TokenRole
from etabli.features.repos import RepoType
from etabli.hub import Site
from etabli.settings import Settings
from tests.trust.hub_process import HubProcess
from tests.xet_client import noise

pytestmark = pytest.mark.slow

PART_BYTES = 2_000_000
SMALL_PARTS = (
    f"from etabli.api.git import lfs; lfs.PART_BYTES = lfs.IN_PARTS_FROM_BYTES = {PART_BYTES}"
)
CONTENT = noise(3 * PART_BYTES)
OID, SIZE = hashlib.sha256(CONTENT).hexdigest(), len(CONTENT)
EVIL = b"EVIL WEIGHTS! " * 100_000


@pytest.fixture
def people(tmp_path):
    """The tokens of two who have a repository each: bob/poison, alice/victim."""
    site = Site(Settings(data_dir=tmp_path / "data", database_url=""))
    site.migrate()
    tokens = {}
    with site.open_hub() as hub:
        for person, repo in (("bob", "poison"), ("alice", "victim")):
            actor = hub.accounts.register(person)
            hub.repos.create(actor, RepoType.MODEL, person, repo)
            tokens[person] = hub.accounts.issue_token(person, TokenRole.WRITE, "test").secret
    site.close()
    return tokens


@pytest.fixture
def url(people, tmp_path):
    hub = HubProcess(tmp_path / "data", first=SMALL_PARTS)
    yield hub.start()
    hub.kill()  # what hangs is not waited for


def ask(url, token, repo, *transfers):
    body = {
        "operation": "upload",
        "transfers": list(transfers),
        "objects": [{"oid": OID, "size": SIZE}],
    }
    headers = {"Authorization": f"Bearer {token}"}
    answer = httpx.post(f"{url}/{repo}.git/info/lfs/objects/batch", json=body, headers=headers)
    return answer.json()["objects"][0]["actions"]["upload"]


def parts_of(upload):
    return {int(n): href for n, href in upload["header"].items() if n != "chunk_size"}


def part_of(number):
    return CONTENT[(number - 1) * PART_BYTES : number * PART_BYTES]


@pytest.fixture
def hang():
    """Begins a request that has sent this much of its body, and waits."""
    with ExitStack() as connections:
        yield lambda *request: connections.enter_context(_begin(*request))


def _begin(address, body, length):
    url = urlsplit(address)
    connection = socket.create_connection((url.hostname, url.port))
    target = f"{url.path}?{url.query}"
    head = f"PUT {target} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {length}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def wait_until(is_so):
    until = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def serves(url, token):
    """Whether alice's honest upload is what her repository serves."""
    action = ask(url, token, "alice/victim", "basic")
    httpx.put(action["href"], content=CONTENT).raise_for_status()
    header = {"key": "header", "value": {"summary": "m"}}
    file = {"path": "m.safetensors", "algo": "sha256", "oid": OID, "size": SIZE}
    lines = f"{json.dumps(header)}\n{json.dumps({'key': 'lfsFile', 'value': file})}\n"
    httpx.post(
        f"{url}/api/models/alice/victim/commit/main",
        content=lines,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/x-ndjson"},
    ).raise_for_status()
    got = httpx.get(f"{url}/alice/victim/resolve/main/m.safetensors")
    assert got.headers["etag"] == f'"{OID}"'
    return got.content == CONTENT


@pytest.mark.parametrize("sent_before", [16, 1_500_000])
def test_a_part_that_hangs_changes_no_published_file(url, people, tmp_path, hang, sent_before):
    upload = ask(url, people["bob"], "bob/poison", "multipart", "basic")
    parts = parts_of(upload)
    late = hang(parts[1], CONTENT[:sent_before], PART_BYTES)
    staging = tmp_path / "data/blobs/staging"
    wait_until(lambda: list(staging.glob("parts-*")))
    for number, address in parts.items():
        httpx.put(address, content=part_of(number)).raise_for_status()
    assert httpx.post(upload["href"]).status_code == 200
    late.sendall(EVIL[: PART_BYTES - sent_before])
    late.sendall(bytes(max(0, PART_BYTES - sent_before - len(EVIL))))
    late.settimeout(20)
    assert late.recv(1000).startswith(b"HTTP/1.1 503")  # it has written all that it ever will
    assert serves(url, people["alice"])


def test_a_part_that_hangs_while_the_whole_is_joined_again_and_again(url, people, tmp_path, hang):
    upload = ask(url, people["bob"], "bob/poison", "multipart", "basic")
    parts = parts_of(upload)
    staging = tmp_path / "data/blobs/staging"
    hanging = [hang(parts[n], part_of(n)[: n * 500_000], PART_BYTES) for n in parts for _ in "ab"]
    wait_until(lambda: list(staging.glob("parts-*")))
    for number, address in parts.items():
        httpx.put(address, content=part_of(number)).raise_for_status()
    for connection in hanging:
        connection.sendall(EVIL[:1_100_000])
        answer = httpx.post(upload["href"]).status_code
        assert answer in (200, 422, 503)
    assert serves(url, people["alice"])


def test_a_whole_file_that_hangs_is_in_nobodys_way(url, people, hang):
    action = ask(url, people["bob"], "bob/poison", "basic")
    late = hang(action["href"], CONTENT[:100_000], SIZE)
    httpx.put(action["href"], content=CONTENT).raise_for_status()
    late.sendall(EVIL[:500_000])
    assert serves(url, people["alice"])

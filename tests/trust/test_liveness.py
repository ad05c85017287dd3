"""Many at once, of all kinds: everybody is answered, and nobody for having waited too long.

Before, a request held the writer's transaction from one hop to the next, and those who waited for
it held the threads that the next hop needed: eight at once stopped a hub for half a minute.
"""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import httpx
import pytest

from etabli.features.accounts import TokenRole
from etabli.features.repos import RepoType
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import HubProcess, post_commit

AT_ONCE, ROUNDS = 24, 5
WAIT_S = 60
"""No measure: only so that a test of a hub that has stopped ends."""


@pytest.fixture
def token(tmp_path) -> str:
    site = Site(Settings(data_dir=tmp_path / "data", database_url=""))
    site.migrate()
    with site.open_hub() as hub:
        alice = hub.accounts.register("alice")
        secret = hub.accounts.issue_token("alice", TokenRole.WRITE, "test").secret
        for number in range(3):
            hub.repos.create(alice, RepoType.MODEL, "alice", f"m{number}")
    site.close()
    return secret


@pytest.fixture
def hub(tmp_path, token):
    process = HubProcess(tmp_path / "data")
    yield process
    process.stop()


def client_of(url: str, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=url, headers=headers, timeout=WAIT_S)


def batch(client: httpx.Client, number: int, operation: str = "download") -> httpx.Response:
    body = {"operation": operation, "objects": [{"oid": "ab" * 32, "size": 5}]}
    return client.post(f"/alice/m{number % 3}.git/info/lfs/objects/batch", json=body)


def upload(client: httpx.Client, number: int) -> httpx.Response:
    content = f"large file {number}".encode() * 1000
    oid = sha256(content).hexdigest()
    asked = {
        "operation": "upload",
        "transfers": ["basic"],
        "objects": [{"oid": oid, "size": len(content)}],
    }
    answer = client.post(f"/alice/m{number % 3}.git/info/lfs/objects/batch", json=asked)
    [told] = answer.raise_for_status().json()["objects"]
    if "actions" not in told:
        return answer
    return httpx.put(told["actions"]["upload"]["href"], content=content, timeout=WAIT_S)


def commit(client: httpx.Client, number: int) -> httpx.Response:
    return post_commit(client, f"alice/m{number % 3}", "one more", f"f{number}", "x" * 200)


KINDS = (
    batch,
    commit,
    upload,
    lambda client, _: client.get("/api/models"),
    lambda client, number: client.get(f"/alice/m{number % 3}"),
    lambda client, _: client.get("/"),
    lambda client, number: client.get(f"/api/models/alice/m{number % 3}"),
    lambda client, number: client.post(
        "/api/repos/create", json={"name": f"new{number}", "type": "dataset"}
    ),
)


def test_eight_at_once_who_ask_where_files_are(hub, token):
    url = hub.start()

    def ask(number: int) -> list[int]:
        with client_of(url, token) as client:
            return [batch(client, number).status_code for _ in range(ROUNDS)]

    with ThreadPoolExecutor(8) as pool:
        seen = Counter(status for statuses in pool.map(ask, range(8)) for status in statuses)
    assert seen == {200: 8 * ROUNDS}


@pytest.mark.slow
def test_many_at_once_of_all_kinds(hub, token):
    url = hub.start()

    def work(number: int) -> list[int]:
        with client_of(url, token) as client:
            kinds = [KINDS[(number + turn) % len(KINDS)] for turn in range(ROUNDS)]
            return [
                kind(client, number * ROUNDS + turn).status_code for turn, kind in enumerate(kinds)
            ]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        seen = Counter(status for statuses in pool.map(work, range(AT_ONCE)) for status in statuses)
    assert seen == {200: AT_ONCE * ROUNDS}

"""A request is let in before its body is read, and all of it is then one hop to a thread."""

import json
import threading
from contextlib import contextmanager

import pytest

from etabli.features.repos import RepoType
from etabli.foundation.db import Database
from etabli.http import routing
from etabli.pools import COMMITS, READS, TABLES, Pool

CREATE = "/api/repos/create"


@pytest.fixture
def hops(monkeypatch) -> list[str]:
    """The pools that requests hop to, in order."""
    seen = []

    async def counted(self, work, *args, **kwargs):
        if getattr(work, "__name__", "") != "_keep_usage_once":  # the server does it by itself
            seen.append(self.name)
        return await run(self, work, *args, **kwargs)

    run = Pool.run
    monkeypatch.setattr(Pool, "run", counted)
    return seen


@pytest.fixture
def bert(site, alice):
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "bert", private=True)


@pytest.mark.parametrize("path", [CREATE, "/api/models/alice/bert/preupload/main", "/settings"])
async def test_a_stranger_is_refused_before_the_body_is_asked_for(app, client, bert, path):
    asked = []

    async def receive():
        asked.append(True)
        return {"type": "http.request", "body": b"{}", "more_body": False}

    answers = []

    async def send(message):
        answers.append(message)

    headers = [(b"host", b"testserver"), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
        "state": {},
    }
    await app(scope, receive, send)
    assert answers[0]["status"] in (401, 404, 303)
    assert not asked


def test_a_read_is_one_hop(alices_client, bert, hops):
    assert alices_client.get("/api/models/alice/bert").status_code == 200
    assert hops == [READS.name]


def test_a_file_is_one_hop_and_one_unit_of_work(site, alices_client, bert, hops, monkeypatch):
    units = []

    @contextmanager
    def counted(self):
        units.append(True)
        with read(self) as session:
            yield session

    read = Database.reading
    monkeypatch.setattr(Database, "reading", counted)
    answer = alices_client.get("/alice/bert/resolve/main/.gitattributes")
    assert answer.status_code == 200
    assert hops == [READS.name]
    assert len(units) == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_an_address_that_is_only_read_says_which_methods_it_takes(alices_client, bert, method):
    answer = alices_client.request(method, "/alice/bert/resolve/main/a.txt")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_text_in_the_query_reaches_an_endpoint_as_it_is_written(site, alices_client, bert):
    """The last one counts; the address counts for more than the query."""
    with site.open_hub() as hub:
        hub.refs.create_branch(hub.accounts.actor("alice"), bert, "dev", "main")
    read = alices_client.get("/api/models/alice/bert?revision=none&revision=dev")
    assert read.status_code == 200
    assert alices_client.get("/api/models/alice/bert?revision=none").status_code == 404
    named = alices_client.get("/api/models/alice/bert/revision/dev?revision=none")
    assert named.status_code == 200


def test_a_write_is_let_in_by_one_hop_and_done_by_another(alices_client, hops):
    answer = alices_client.post(CREATE, json={"name": "new", "type": "model"})
    assert answer.status_code == 200
    assert hops == [READS.name, COMMITS.name]


@pytest.mark.parametrize(
    ("address", "pool"),
    [
        ("/api/models/alice/bert/discussions/1/merge", COMMITS),
        ("/api/etabli/runs/none/make", TABLES),
        ("/api/etabli/runs/none/publish", COMMITS),
        ("/alice/bert/edit/main/a.txt", COMMITS),
        ("/create/none/check", TABLES),
    ],
)
def test_what_takes_long_takes_no_thread_of_those_who_write_a_few_rows(
    alices_client, bert, hops, address, pool
):
    alices_client.post(address, json={}, follow_redirects=False)
    assert hops == [READS.name, pool.name]


def test_a_stranger_takes_no_writers_turn(site, client):
    before = site.database.writers.figures().turns
    assert client.post(CREATE, json={"name": "new", "type": "model"}).status_code == 401
    assert site.database.writers.figures().turns == before


def test_asking_what_to_fetch_takes_no_writers_turn(site, alices_client, bert):
    before = site.database.writers.figures().turns
    body = {"operation": "download", "objects": [{"oid": "ab" * 32, "size": 5}]}
    assert (
        alices_client.post("/alice/bert.git/info/lfs/objects/batch", json=body).status_code == 200
    )
    assert site.database.writers.figures().turns == before


def test_json_is_read_in_a_thread_and_not_in_the_loop(alices_client, monkeypatch):
    threads = []

    def seen(model, body):
        threads.append(threading.current_thread().name)
        return read(model, body)

    read = routing._read_json
    monkeypatch.setattr(routing, "_read_json", seen)
    alices_client.post(CREATE, json={"name": "new", "type": "model"})
    assert "AnyIO worker thread" in threads[0]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"", "application/json"),
        (b'{"name": 1}', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b'{"name": "new", "type": "model"}', "text/plain"),
        (b"[" * 100_000, "application/json"),
    ],
)
def test_what_is_not_the_json_that_is_asked_for_gets_a_sentence(alices_client, body, kind):
    answer = alices_client.post(CREATE, content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]


def test_json_in_another_media_type_of_json_is_read(alices_client):
    body = json.dumps({"name": "new", "type": "model"})
    headers = {"Content-Type": "application/vnd.something+json; charset=utf-8"}
    assert alices_client.post(CREATE, content=body, headers=headers).status_code == 200


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio

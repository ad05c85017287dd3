"""Control characters, in every place of every address, in JSON and in commits, over a real wire."""

import json
import re

import httpx
import pytest

from etabli.http import routes_of
from tests.trust.hub_process import HubProcess, etabli

NAMED = re.compile(r"\{(\w+)(?::(\w+))?\}")
HOSTILE = ["%00", "%0D%0AX-Evil:%20yes", "%7F", "%E6%96%87"]
KNOWN = {"plural": "models", "namespace": "alice", "name": "one", "num": "1"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    data_dir = tmp_path_factory.mktemp("hostile") / "data"
    process = HubProcess(data_dir)
    etabli(data_dir, "users", "add", "alice", "--no-password")
    token = etabli(data_dir, "tokens", "add", "alice")
    url = process.start()
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:
        made = client.post("/api/repos/create", json={"name": "one", "type": "model"})
        assert made.status_code == 200
        yield client
    process.stop()


def addresses(app):
    """Every route, with something hostile in the place of each of its names in turn."""
    for route in routes_of(app):
        names = [match[1] for match in NAMED.finditer(route.path)]
        for name in names:
            for text in HOSTILE:
                values = {**KNOWN, name: f"a{text}b"}
                path = NAMED.sub(lambda match, v=values: v.get(match[1], "main"), route.path)
                for method in sorted(route.methods):
                    yield method, path


@pytest.mark.slow
def test_every_route_answers_whatever_stands_in_its_address(app, hub):
    wrong, asked = [], 0
    for method, path in addresses(app):
        asked += 1
        body = {} if method in ("GET", "HEAD") else {"json": {}}
        try:
            answer = hub.request(method, path, **body)
        except httpx.HTTPError as error:
            wrong.append((method, path, repr(error)))
            continue
        if answer.status_code >= 500 and answer.status_code != 501:
            wrong.append((method, path, answer.status_code, answer.text[:200]))
        if "x-evil" in answer.headers:
            wrong.append((method, path, "a header of the client's own"))
    assert asked > 1000
    assert not wrong, "\n".join(map(str, wrong[:30]))


@pytest.mark.parametrize("character", ["\u0000", "\u0001", "\r\n", "\u001b", "\u007f", "\u0085"])
def test_what_is_sent_as_json_is_refused_in_the_doors_own_shape(hub, character):
    name = f"a{character}b"
    made = hub.post("/api/repos/create", json={"name": name, "type": "model"})
    assert made.status_code == 400
    assert made.json()["error"]
    assert made.headers.get("x-error-message", "").isprintable()  # left out where it cannot say it
    lines = [
        {"key": "header", "value": {"summary": "x"}},
        {"key": "file", "value": {"path": name, "content": "", "encoding": "utf-8"}},
    ]
    committed = hub.post(
        "/api/models/alice/one/commit/main",
        content="\n".join(map(json.dumps, lines)),
        headers={"Content-Type": "application/x-ndjson"},
    )
    # C1 characters are letters to git: such a path may stand, and be fetched again.
    assert committed.status_code == (200 if character == "\u0085" else 422), committed.text


def test_what_stands_in_an_address_is_refused_in_the_doors_own_shape(hub):
    refs = hub.get("/api/models/a%00b/x/refs")
    assert refs.status_code == 404
    assert refs.json()["error"]
    assert refs.headers["x-error-code"] == "RepoNotFound"
    page = hub.get("/a%00b/x")
    assert page.status_code == 404
    assert "text/html" in page.headers["content-type"]

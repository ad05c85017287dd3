"""A hub answers to its own names, and to no other: in no link of its own is a stranger's."""

import socket

import pytest
from fastapi.testclient import TestClient

from etabli.http.hosts import known_names
from etabli.settings import Settings

PATHS = ["/", "/login", "/api/models", "/v1/models", "/api/etabli/runs/x", "/nothing/at/all"]


@pytest.fixture
def calls(app, site, monkeypatch):
    """Ask by a name, of a hub with these settings, at an address."""

    def call(name, path="/", server="192.0.2.7", **settings):
        app.state.site = site
        changed = site.settings.model_copy(update={"allowed_hosts": "", **settings})
        monkeypatch.setattr(site, "settings", changed)
        client = TestClient(app, base_url=f"http://{server}", raise_server_exceptions=False)
        return client.get(path, headers={"Host": name})

    return call


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "localhost.",
        "datasets-server.localhost:8000",
        "127.0.0.1:8000",
        "127.8.9.1",
        "[::1]:8000",
        "192.0.2.7:80",
        socket.gethostname(),
        f"{socket.gethostname()}.local:8000",
    ],
)
def test_its_own_names(calls, host):
    assert calls(host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "evillocalhost",
        "127.0.0.1.evil.example",
        "192.0.2.8",
        "[::2]",
        "[::1",
        "",
        "localhost@evil.example",
        "localhost/evil",
        "evil@localhost",
        "two names",
    ],
)
@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_s(calls, host, path):
    answer = calls(host, path)
    assert answer.status_code == 421
    assert "ETABLI_ALLOWED_HOSTS" in answer.text
    assert "ETABLI_ALLOWED_HOSTS" in answer.headers["x-error-message"]
    assert "<" not in answer.text
    assert "location" not in answer.headers


def test_names_that_the_operator_gives(calls):
    for allowed in ("hub.lan", "other, HUB.lan ,", "*"):
        assert calls("hub.lan:8000", allowed_hosts=allowed).status_code == 200
    assert calls("lan", allowed_hosts="hub.lan").status_code == 421
    assert calls("box.lan", host="box.lan").status_code == 200


def test_with_a_public_address_strangers_are_refused_too(calls):
    public = {"public_url": "https://hub.example.org"}
    assert calls("hub.example.org", **public).status_code == 200
    assert calls("localhost", **public).status_code == 200
    assert calls("evil.example", **public).status_code == 421


def test_what_watches_over_it_may_use_any_name(calls):
    for path in ("/healthz", "/readyz"):
        assert calls("10.1.2.3:8000", path).status_code == 200


def test_what_a_proxy_may_be_made_to_say_is_not_believed(client):
    forwarded = {"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    assert "evil.example" not in client.get("/", headers=forwarded).text


def test_the_names_of_a_hub_on_all_addresses(tmp_path):
    names = known_names(Settings(data_dir=tmp_path, host="0.0.0.0", allowed_hosts=""))  # noqa: S104
    assert "" not in names
    assert "localhost" in names

"""What watches over a hub can ask whether it is alive, and whether it is ready."""

import shutil
from types import SimpleNamespace

from etabli.foundation.db import Database
from etabli.pools import READS, BusyError


def test_a_hub_is_alive_whoever_asks_and_however_busy_it_is(client, monkeypatch):
    async def busy(*_args):
        raise BusyError

    monkeypatch.setattr(READS, "run", busy)
    answer = client.get("/healthz", headers={"Authorization": "Bearer wrong-wrong-wrong-wrong"})
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert answer.headers["x-request-id"]


def test_a_hub_is_ready(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (200, "ready\n")


def test_it_is_not_ready_without_its_database(client, site, monkeypatch):
    gone = Database(f"sqlite:///{site.settings.data_dir}/gone/etabli.db")
    with monkeypatch.context() as patch:
        patch.setattr(site, "database", gone)
        answer = client.get("/readyz")
        assert client.get("/healthz").status_code == 200
    gone.close()
    assert answer.status_code == 503
    assert "database" in answer.text


def test_it_is_not_ready_when_its_disk_is_nearly_full(client, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1_000_000))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "disk" in answer.json()["error"]


def test_search_engines_are_told_what_to_leave(client):
    answer = client.get("/robots.txt")
    assert answer.status_code == 200
    assert "Disallow: /api/" in answer.text
    assert answer.headers["content-type"].startswith("text/plain")

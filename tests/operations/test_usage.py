"""What is counted in memory is neither lost nor counted twice."""

import errno
import os
import threading

import pytest
from fastapi.testclient import TestClient

from etabli import usage_counter
from etabli.foundation.errors import UnavailableError
from etabli.operations import usage
from etabli.pools import WRITES
from etabli.server import app as web_server
from etabli.server import writer_figures
from etabli.usage_counter import SAME_DOWNLOAD_WITHIN_S, UsageCounter


def test_what_could_not_be_written_is_written_later(site, alice, monkeypatch):
    site.usage.count_download("gone")
    with monkeypatch.context() as patch:

        def down():
            raise UnavailableError(None)

        patch.setattr(site, "open_hub", down)
        with pytest.raises(UnavailableError):
            usage.keep_usage(site)
    site.usage.count_download("gone")
    assert site.usage.take().downloads == {"gone": 2}


def test_a_token_s_use_is_shown_once_it_is_written(site, alices_client, alice):
    alices_client.get("/api/whoami-v2")
    usage.keep_usage(site)
    with site.read_hub() as hub:
        [token] = hub.accounts.tokens(alice)
    assert token.last_used_at is not None


def test_what_a_client_fetches_without_a_long_pause_is_one_download():
    now = [0.0]
    counter = UsageCounter(clock=lambda: now[0])
    for _ in range(10):
        now[0] += SAME_DOWNLOAD_WITHIN_S
        counter.count_download("data", "alice's")
    counter.count_download("data", "bob's")
    counter.count_download("more", "alice's")
    assert counter.take().downloads == {"data": 2, "more": 1}
    now[0] += SAME_DOWNLOAD_WITHIN_S + 1
    counter.count_download("data", "alice's")
    assert counter.take().downloads == {"data": 1}


def test_no_more_clients_are_remembered_than_there_is_room_for(monkeypatch):
    monkeypatch.setattr(usage_counter, "MAX_RECENT_DOWNLOADS", 3)
    counter = UsageCounter()
    for number in range(10):
        counter.count_download("data", str(number))
    assert len(counter._recent) == 3
    counter.count_download("data", "9")
    assert counter.take().downloads == {"data": 10}


@pytest.fixture
def quick(monkeypatch):
    """What was counted is written down without delay."""
    monkeypatch.setattr(web_server, "KEEP_USAGE_EVERY_S", 0.001)


def test_a_full_disk_does_not_end_the_server(app, site, alice, quick, monkeypatch):
    tried = threading.Semaphore(0)

    def full(*_args):
        tried.release()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(writer_figures, "_write", full)
    app.state.site = site
    with TestClient(app) as client:
        for _ in range(2):  # the first time did not end it
            with site.open_hub():
                pass  # a turn of the writer, of which figures are noted
            assert tried.acquire(timeout=60)
        assert client.get("/api/models").status_code == 200


def test_many_writers_do_not_end_the_server(app, site, alice, quick, monkeypatch):
    refused = threading.Semaphore(0)
    run = WRITES.run

    async def counted(*args):
        try:
            return await run(*args)
        finally:
            refused.release()

    monkeypatch.setattr(WRITES, "run", counted)
    monkeypatch.setattr(WRITES, "max_waiting", -WRITES.threads)  # nobody is let in
    app.state.site = site
    with TestClient(app) as client:
        assert all(refused.acquire(timeout=60) for _ in range(2))
        assert client.get("/api/models").status_code == 200

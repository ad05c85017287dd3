"""A hub, and another one that asks it for what it has not."""

from collections.abc import Iterator

import pytest

from tests.federation.running import RunningHub, make_site, publish


@pytest.fixture(scope="module")
def upstream(tmp_path_factory, empty_database) -> Iterator[RunningHub]:
    """Has `alice/model`."""
    folder = tmp_path_factory.mktemp("upstream") / "data"
    running = RunningHub(make_site(folder, empty_database)).start()
    running.token = running.register("alice")
    with running.client(running.token) as client:
        publish(client, "alice/model")
    yield running
    running.stop()


@pytest.fixture
def downstream(tmp_path, empty_database, upstream) -> Iterator[RunningHub]:
    """Asks `upstream`, each time anew."""
    upstream.between.behave()
    upstream.between.asked.clear()
    site = make_site(tmp_path / "downstream", empty_database, upstream_ask_again_s=0)
    with site.open_hub() as hub:
        hub.federation.add(upstream.url, "up", allow_private=True)
    running = RunningHub(site).start()
    yield running
    running.stop()
    upstream.between.behave()

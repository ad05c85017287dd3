"""What every test may ask for: a site in a temporary folder, an open hub, and people."""

import ipaddress
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, make_url, text

from etabli.features.accounts import Actor, TokenRole, passwords
from etabli.foundation.db import Database, Table
from etabli.hub import Hub
from etabli.migrations import upgrade
from etabli.server.app import create_app
from etabli.settings import Settings
from etabli.site import Site

os.environ["ETABLI_ALLOWED_HOSTS"] = "testserver"  # what starlette's client calls every hub


def _database_of_this_worker(url: str) -> str:
    """The PostgreSQL database that the tests of this process empty: one for each of xdist's.

    Made where it is missing, beside the one that `url` names.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not url or not worker:
        return url
    address = make_url(url)
    name = f"{address.database}_{worker}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if not connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name}):
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return address.set(database=name).render_as_string(hide_password=False)


POSTGRES_URL = _database_of_this_worker(os.environ.get("ETABLI_TEST_DATABASE_URL", ""))
"""When set, the same tests run on this PostgreSQL database, which they empty."""


MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of its own is made there
NEEDED_BYTES = 8 << 30
"""Free memory from which on the tests' files are kept there; they need a quarter of it at most."""


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' files in memory, where there is enough: a hub waits for its disk at each
    commit, and so half of the time went. `--basetemp` names another place, and keeps it.
    """
    if config.option.basetemp is None and _free_memory_bytes() > NEEDED_BYTES:
        for left in MEMORY.glob("etabli-tests-*"):  # by a run that was killed
            if not Path("/proc", left.name.rpartition("-")[2]).exists():
                shutil.rmtree(left, ignore_errors=True)
        folder = MEMORY / f"etabli-tests-{os.getpid()}"
        config.option.basetemp = str(folder)  # xdist gives each of its own a folder in it
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: some tests wait, for a client, a browser or a time limit."""
    return (os.cpu_count() or 1) + 1


def _free_memory_bytes() -> int:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(line for line in lines if line.startswith("MemAvailable:"))
        return min(int(available.split()[1]) << 10, shutil.disk_usage(MEMORY).free)
    except OSError:  # not Linux
        return 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what has a database of its own is run: the rest would say the same again.

    A browser's tests come last: from its first one on, a loop runs in the thread of the tests,
    and no other could be started there.
    """
    if POSTGRES_URL:
        without = [item for item in items if not _has_database(item)]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if _has_database(item)]
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def _has_database(item: pytest.Item) -> bool:
    return "settings" in getattr(item, "fixturenames", ())


@pytest.fixture(autouse=True, scope="session")
def shut_network() -> Iterator[None]:
    """A test speaks to this machine only: what it needs from elsewhere, it brings along."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            host = str(address[0])  # type: ignore[index]
            is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
            assert is_here, f"a test tried to reach {host}: the network is shut"
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


@pytest.fixture(autouse=True, scope="session")
def quick_passwords() -> Iterator[None]:
    """The same hash, made in a hundredth of the time: nearly every test registers somebody."""
    with pytest.MonkeyPatch.context() as patch:
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_NOBODYS_HASH", quick.hash("nobody's"))
        yield


@pytest.fixture(autouse=True)
def english(monkeypatch) -> None:
    """Commands speak the language of the terminal, whatever it is where the tests run."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path / "data", database_url=POSTGRES_URL, embedded_worker=False)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory) -> Path:
    """A migrated SQLite file, to be copied: quicker than migrating one for each test."""
    path = tmp_path_factory.mktemp("empty") / "etabli.db"
    for url in filter(None, (f"sqlite:///{path}", POSTGRES_URL)):
        database = Database(url)
        upgrade(database)
        database.close()
    return path


@pytest.fixture
def site(settings, empty_database) -> Iterator[Site]:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not settings.database_url:
        shutil.copy(empty_database, settings.data_dir / "etabli.db")
    site = Site(settings)
    if settings.database_url:
        _empty(site.database)
    yield site
    site.close()


@pytest.fixture
def hub(site, request) -> Iterator[Hub]:
    # An open hub holds the one writer's place of SQLite: whoever else writes comes first.
    for person in {"alice", "bob"} & set(request.fixturenames):
        request.getfixturevalue(person)
    with site.open_hub() as hub:
        yield hub


@pytest.fixture
def alice(site) -> Actor:
    return _register(site, "alice")


@pytest.fixture
def bob(site) -> Actor:
    return _register(site, "bob")


@pytest.fixture(scope="session")
def app(tmp_path_factory) -> FastAPI:
    """The application, made once: to make it takes longer than most tests."""
    return create_app(Site(Settings(data_dir=tmp_path_factory.mktemp("nobody's"))))


@pytest.fixture
def client(app, site) -> Iterator[TestClient]:
    """Nobody's client: sign in by `headers=bearer(token)`."""
    app.state.site = site
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def alices_token(site, alice) -> str:
    return issue_token(site, "alice")


@pytest.fixture
def alices_client(client, alices_token) -> TestClient:
    client.headers["Authorization"] = f"Bearer {alices_token}"
    return client


def issue_token(site: Site, user: str, role: TokenRole = TokenRole.WRITE) -> str:
    with site.open_hub() as hub:
        return hub.accounts.issue_token(user, role, "test").secret


def _register(site: Site, name: str) -> Actor:
    with site.open_hub() as hub:
        return hub.accounts.register(name, "correct horse")


def _empty(database: Database) -> None:
    """As TRUNCATE ... RESTART IDENTITY does, in a sixth of the time: most tables are empty, and
    that one writes new files for each of them."""
    deletions = [str(table.delete()) for table in reversed(Table.metadata.sorted_tables)]
    restarts = (
        "SELECT setval(quote_ident(sequencename)::regclass, 1, false) "
        "FROM pg_sequences WHERE last_value IS NOT NULL"
    )
    with database.transaction() as db:
        db.connection().exec_driver_sql("; ".join([*deletions, restarts]))

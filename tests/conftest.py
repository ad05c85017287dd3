"""What every test may ask for: a site in a temporary folder, an open hub, and people."""

import os
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from etabli.app import create_app
from etabli.features.accounts import Actor, TokenRole
from etabli.foundation.db import Table
from etabli.hub import Hub, Site
from etabli.settings import Settings

POSTGRES_URL = os.environ.get("ETABLI_TEST_DATABASE_URL", "")
"""When set, the same tests run on this PostgreSQL database, which they empty."""


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(
        data_dir=tmp_path / "data", database_url=POSTGRES_URL, embedded_worker=False
    )


@pytest.fixture
def site(settings) -> Iterator[Site]:
    site = Site(settings)
    if not site.database.is_sqlite:
        Table.metadata.drop_all(site.database.engine)
    Table.metadata.create_all(site.database.engine)
    yield site
    site.close()


@pytest.fixture
def hub(site) -> Iterator[Hub]:
    with site.open_hub() as hub:
        yield hub


@pytest.fixture
def alice(site) -> Actor:
    return _register(site, "alice")


@pytest.fixture
def bob(site) -> Actor:
    return _register(site, "bob")


@pytest.fixture
def client(site) -> Iterator[TestClient]:
    """Nobody's client: sign in by `headers=bearer(token)`."""
    with TestClient(create_app(site), raise_server_exceptions=False) as client:
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

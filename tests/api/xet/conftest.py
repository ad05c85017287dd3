"""Two repositories of two people, and a Xet client for each."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from etabli.features.repos import RepoType
from etabli.site import Site
from tests.conftest import issue_token
from tests.xet_client import MadeFile, MadeXorb, shard_of


@dataclass
class Sender:
    """A client with tokens for one repository."""

    client: TestClient
    base: str
    headers: dict[str, str]
    read_headers: dict[str, str]

    def send_xorb(self, xorb: MadeXorb, body: bytes | None = None, name: str = "") -> Any:
        address = f"{self.base}/v1/xorbs/default/{name or xorb.name}"
        content = xorb.body if body is None else body
        return self.client.post(address, content=content, headers=self.headers)

    def send_shard(self, *files: MadeFile, body: bytes | None = None, version: str = "v1") -> Any:
        content = shard_of(*files) if body is None else body
        address = f"{self.base}/{version}/shards"
        return self.client.post(address, content=content, headers=self.headers)

    def plan(self, file: MadeFile, version: str = "v2", **headers: str) -> Any:
        address = f"{self.base}/{version}/reconstructions/{file.name}"
        return self.client.get(address, headers={**self.read_headers, **headers})

    def fetch(self, url: str, ranges: str, method: str = "GET") -> Any:
        parts = urlsplit(url)
        return self.client.request(method, f"{parts.path}?{parts.query}", headers={"Range": ranges})


def _sender(client: TestClient, site: Site, user: str, name: str) -> Sender:
    headers = {"Authorization": f"Bearer {issue_token(site, user)}"}
    tokens = {}
    for scope in ("read", "write"):
        address = f"/api/models/{user}/{name}/xet-{scope}-token/main"
        tokens[scope] = client.get(address, headers=headers).json()
    return Sender(
        client,
        urlsplit(tokens["write"]["casUrl"]).path,
        {"Authorization": f"Bearer {tokens['write']['accessToken']}"},
        {"Authorization": f"Bearer {tokens['read']['accessToken']}"},
    )


@pytest.fixture
def sender(site, alice, client) -> Sender:
    with site.open_hub() as hub:
        hub.repos.create(alice, RepoType.MODEL, "alice", "large", private=True)
    return _sender(client, site, "alice", "large")


@pytest.fixture
def stranger(site, bob, client) -> Sender:
    with site.open_hub() as hub:
        hub.repos.create(bob, RepoType.MODEL, "bob", "other")
    return _sender(client, site, "bob", "other")

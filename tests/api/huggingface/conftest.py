"""Repositories to ask about, and how a client commits."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from etabli.features.accounts import Actor
from etabli.features.git import AddFile
from etabli.features.repos import Repo, RepoType
from etabli.operations import commits
from etabli.site import Site

Commit = Callable[..., Any]


@pytest.fixture
def bert(site: Site, alice: Actor) -> Repo:
    """alice/bert: a public model with a card, a folder and an odd name."""
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "bert")
    card = (
        b"---\nlicense: mit\nlibrary_name: transformers\npipeline_tag: text-classification\n---\n"
    )
    files = {
        "README.md": card,
        "config.json": b"{}",
        "empty.txt": b"",
        "page.html": b"<script>alert(1)</script>",
        "letters.txt": b"abcdefghij",
        "deep/er/a ?#%,:b.txt": b"odd",
    }
    changes = [AddFile(path, content) for path, content in files.items()]
    commits.commit(site, alice, repo, "main", changes, "Add files\n\nAll of them")
    return repo


@pytest.fixture
def secret(site: Site, alice: Actor) -> Repo:
    with site.open_hub() as hub:
        return hub.repos.create(alice, RepoType.MODEL, "alice", "secret", private=True)


@pytest.fixture
def commit(alices_client: TestClient) -> Commit:
    """Send a commit to alice/bert, as alice."""

    def send(*lines: dict[str, Any], revision: str = "main", **header: str) -> Any:
        first = {"key": "header", "value": {"summary": "Change", "description": "", **header}}
        body = "".join(json.dumps(line) + "\n" for line in (first, *lines))
        return alices_client.post(
            f"/api/models/alice/bert/commit/{revision}",
            content=body,
            headers={"Content-Type": "application/x-ndjson"},
        )

    return send

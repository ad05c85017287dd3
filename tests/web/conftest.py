"""What the pages' tests share: somebody signed in by a browser's cookie, and a model to look at."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from etabli.features.git import AddFile
from etabli.features.repos import Repo, RepoType
from etabli.operations import commits
from etabli.site import Site

CARD = """---
license: apache-2.0
language: [fr]
pipeline_tag: text-classification
---
# Letters

Sorts letters by department. See [the code](train.py).
"""
TABLE = "text,label\n" + '"My card, lost",card\nWhere is it?,delivery\n' * 30


@pytest.fixture
def page_client(app: FastAPI, site: Site) -> Iterator[TestClient]:
    """A browser, nobody's: it keeps its cookies and does not follow redirections."""
    app.state.site = site
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        client.headers["Accept-Language"] = "en"
        yield client


@pytest.fixture
def alices_page(page_client: TestClient, alice) -> TestClient:
    answer = page_client.post("/login", data={"name": "alice", "password": "correct horse"})
    assert answer.status_code == 303
    return page_client


@pytest.fixture
def model(site: Site, alice) -> Repo:
    return make_repo(site, alice, RepoType.MODEL, "letters", {"README.md": CARD, "train.py": "1\n"})


@pytest.fixture
def dataset(site: Site, alice) -> Repo:
    return make_repo(
        site,
        alice,
        RepoType.DATASET,
        "messages",
        {"README.md": "# Messages\n", "data/train.csv": TABLE},
    )


def make_repo(site: Site, actor, type: RepoType, name: str, files: dict[str, str]) -> Repo:
    """A repository with files, as the worker leaves it: indexed."""
    with site.open_hub() as hub:
        repo = hub.repos.create(actor, type, actor.name, name)
    changes = [AddFile(path, text.encode()) for path, text in files.items()]
    commits.commit(site, actor, repo, "main", changes, "Add the files")
    with site.open_hub() as hub:
        hub.catalogue.index(repo.key)
    return repo

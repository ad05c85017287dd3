"""A published model, made by the real recipe."""

import pytest

from etabli.features.git import AddFile
from etabli.features.repos import Repo, RepoType
from etabli.features.workshop import DataSource, InputFiles, Publication
from etabli.foundation.i18n.messages import ENGLISH
from etabli.operations import commits, training
from etabli.operations.publish_model import publish_model
from tests.web.tables import REPLIES, table


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> dict[str, bytes]:
    """The files of a model made by the real recipe, once for all tests."""
    return {}


@pytest.fixture
def sorter(site, alice, made) -> Repo:
    """A published model, as the pages of the making publish it."""
    if not made:
        made.update(_make(site, alice))
        with site.read_hub() as hub:
            return hub.repos.get(alice, RepoType.MODEL, "alice/sorter")
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "sorter")
    commits.commit(site, alice, repo, "main", [AddFile(*one) for one in made.items()], "Publish")
    return repo


def _make(site, alice) -> dict[str, bytes]:
    with site.backends.runs.incoming() as folder:
        (folder / "train").write_text(table())
        (folder / "replies").write_text(REPLIES)
        tables = InputFiles(folder / "train", None, folder / "replies")
        run = training.start_run(site, alice, "sorter", tables, DataSource(license="mit"))
    with site.open_hub() as hub:
        hub.workshop.queue(alice, run.key)
    training.make_run(site, run.key)
    publication = Publication("alice", "sorter", private=False, with_data=True)
    publish_model(site, alice, run.key, publication, ENGLISH)
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(hub.repos.get(alice, RepoType.MODEL, "alice/sorter"))
        return {entry.path: snapshot.read(entry.path) for entry in snapshot.entries()}

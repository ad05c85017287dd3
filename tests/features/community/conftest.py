"""People around a repository of alice's guild, and what they propose."""

import pytest

from etabli.features.accounts import Actor, Role
from etabli.features.git import AddFile
from etabli.features.repos import Repo, RepoType
from etabli.operations import commits, pull_requests
from etabli.site import Site


@pytest.fixture
def people(site: Site) -> dict[str, Actor]:
    """By their standing: nobody is anonymous, and a stranger has an account and no more."""
    with site.open_hub() as hub:
        for name in ("chief", "writer", "reader", "stranger", "other"):
            hub.accounts.register(name)
        hub.accounts.create_org("guild", "chief")
        hub.accounts.set_member("guild", "writer", Role.WRITE)
        hub.accounts.set_member("guild", "reader", Role.READ)
    with site.read_hub() as hub:
        names = ("chief", "writer", "reader", "stranger", "other")
        return {name: hub.accounts.actor(name) for name in names} | {"nobody": Actor(None)}


@pytest.fixture
def repo(site: Site, people) -> Repo:
    with site.open_hub() as hub:
        repo = hub.repos.create(people["chief"], RepoType.MODEL, "guild", "box")
    files = {"notes.md": b"one\ntwo\nthree\nfour\nfive\n", "config.json": b"{}\n"}
    changes = [AddFile(path, content) for path, content in files.items()]
    commits.commit(site, people["chief"], repo, "main", changes, "Add files")
    return repo


@pytest.fixture
def propose(site: Site, repo: Repo, people):
    """Propose files, as the stranger unless another is named; the number of the proposal."""

    def propose(who: str = "stranger", title: str = "Say it better", **files: bytes) -> int:
        named = files or {"notes_md": b"ONE\ntwo\nthree\nfour\nfive\n"}
        changes = [AddFile(name.replace("_", "."), content) for name, content in named.items()]
        return pull_requests.propose(site, people[who], repo, "main", changes, title).num

    return propose

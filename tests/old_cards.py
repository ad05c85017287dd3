"""A README.md that was here before anybody looked at it."""

from etabli.features.accounts import Actor
from etabli.features.git import AddFile, PreparedCommit
from etabli.features.git.commit_builder import CommitBuilder
from etabli.features.repos import Repo
from etabli.operations import refs
from etabli.site import Site


def plant(site: Site, actor: Actor, repo: Repo, content: bytes) -> None:
    """Commit it to main, as a hub did which did not look."""
    with site.open_hub() as hub:
        head = hub.repos.head_sha(repo)
        builder = CommitBuilder(site.backends.git.open(repo.key), head)
        builder.apply([AddFile("README.md", content)])
        sha, objects = builder.commit("card", actor.name or "", hub.work.now)
        site.backends.git.write_pack(repo.key, objects)
        hub.repos.land(PreparedCommit(repo.key, "refs/heads/main", head, sha))
    refs.derive_refs(site, repo.key)

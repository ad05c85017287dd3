"""Git's own refs on disk, which follow from what SQL says."""

from etabli.features.repos import PacksPiledUp, RefDeleted, RevisionPushed
from etabli.site import Site


def derive_refs(site: Site, repo_key: str) -> None:
    """Make git's refs on disk say what SQL says. Idempotent."""
    if not site.backends.git.has(repo_key):
        return  # deleted meanwhile; or lost, and then `etabli doctor` says so
    with site.backends.git.refs_lock(repo_key), site.read_hub() as hub:
        repo = hub.repos.by_key(repo_key)
        if repo is not None:
            refs = {ref.name: ref.git_sha for ref in hub.repos.refs(repo)}
            site.backends.git.derive_refs(repo_key, refs)


def settle(site: Site, repo_key: str) -> None:
    """After a push: git's refs on disk, and a word when packs have piled up."""
    derive_refs(site, repo_key)
    if site.backends.git.has_piled_up(repo_key):
        with site.open_hub() as hub:
            piled_up = PacksPiledUp(repo_key)
            if not hub.jobs.awaits(piled_up):
                hub.work.announce(piled_up)


def recover(site: Site) -> None:
    """Bring the disk back in line with SQL, whatever a killed process left behind.

    Only where something was under way: what is announced in the transaction that moved a ref
    says so. The rest needs nothing, and `tidy_repositories` clears it away, later.
    """
    assert site.signer  # noqa: S101 - its key is made now, and not within another transaction
    with site.read_hub() as hub:
        keys = hub.jobs.unfinished([RevisionPushed, RefDeleted], "repo_key")
    for key in sorted(keys):
        derive_refs(site, key)

"""What git sends, by the way of a commit: objects on disk, then refs in SQL."""

from collections.abc import Sequence
from typing import IO

from etabli.features.accounts import Actor
from etabli.features.repos import RefUpdate, Repo
from etabli.operations import refs
from etabli.site import Site


def push(
    site: Site, actor: Actor, repo: Repo, updates: Sequence[RefUpdate], pack: IO[bytes] | None
) -> None:
    """Take in what git sends, by the way of a commit: objects on disk, then refs in SQL.

    Args:
        pack: read from where it stands; None when nothing but deletions is asked.

    Raises:
        NotAllowedError, PushRefusedError: `actor` may not move one of the refs so.
        BadPackError, PushTooLargeError: nothing was changed.
    """
    names = [update.name for update in updates]
    with site.read_hub() as hub:
        pushable = hub.proposals.pushable(actor, repo, names)
        # Before a byte of the pack is read: others' objects are not even looked at.
        hub.pushes.require(actor, repo, names, pushable)
    with site.backends.git.quarantine(repo.key) as arrived:
        if pack is not None:
            arrived.index(pack, site.settings.max_push_mb * 1_000_000)
        with site.read_hub() as hub:
            hub.pushes.check(repo, arrived)
            targets = hub.pushes.targets(repo, arrived, updates, pushable)
            hub.pushes.check_cards(repo, arrived, updates, targets)
        arrived.publish()
        with site.read_hub() as hub:
            commits = hub.proposals.pushed_commits(repo, updates)
        with site.open_hub() as hub:
            pushable = hub.proposals.pushable(actor, repo, names)
            hub.pushes.land(actor, repo, updates, targets, pushable)
            hub.proposals.note_pushed(actor, repo, commits)
    refs.derive_refs(site, repo.key)

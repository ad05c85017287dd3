"""Operations on whole repositories that take several units of work: disk first, then rows."""

from collections.abc import Mapping, Sequence

from etabli.features.accounts import Actor, Permission
from etabli.features.repos import LargeFileNotHeldError, Repo, RepoType
from etabli.operations import refs
from etabli.site import Site


def duplicate(
    site: Site, actor: Actor, source: Repo, namespace: str, name: str, *, private: bool
) -> Repo:
    """A new repository with the branches, the tags and the history of another one.

    Nothing is left of it when it fails; what a kill leaves is cleared away with the upkeep.

    Raises:
        InvalidRepoNameError, NotAllowedError, RepoExistsError: see `Repos.create`.
        RepoNotFoundError, QuotaReachedError: see `Housekeeping.land_copy`.
        DamagedRepoError: the source cannot be read.
        DiskFullError: there is no room.
    """
    store = site.backends.git
    with site.read_hub() as hub:
        plan = hub.housekeeping.plan_copy(actor, source, namespace, name)
    with store.unfinished(plan.key):
        store.create(plan.key)
        store.copy_objects(plan.source.key, plan.key)
        with site.open_hub() as hub:
            made = hub.housekeeping.land_copy(actor, plan, private=private)
    refs.derive_refs(site, made.key)
    return made


def share(
    site: Site, actor: Actor, source: Repo, target: tuple[RepoType, str], sha256s: Sequence[str]
) -> Mapping[str, LargeFileNotHeldError]:
    """Let another repository hold large files of this one, for a commit to name them there.

    Returns: those that could not be, and why.

    Raises:
        RepoNotFoundError, NotAllowedError: `actor` may not read the one, or write in the other.
        QuotaReachedError: see `Housekeeping.share`.
        DamagedRepoError: the source cannot be read.
    """
    with site.read_hub() as hub:
        hub.repos.get(actor, *target, Permission.WRITE_REPO)  # before the long look
        named = hub.housekeeping.named(actor, source)
    with site.open_hub() as hub:
        taker = hub.repos.get(actor, *target, Permission.WRITE_REPO)
        return hub.housekeeping.share(
            actor,
            source,
            taker,
            sha256s,
            named,
        )

"""Publishing what was made: its files by stream, then the rows of all of it at once."""

from contextlib import ExitStack

from etabli.features.accounts import Actor
from etabli.features.workshop import PlannedRepo, Publication, Run
from etabli.foundation.i18n.messages import Translator
from etabli.operations import refs
from etabli.operations.new_repos import Prepared, prepared
from etabli.site import Site

MESSAGE = "Publish"


def publish_model(
    site: Site, actor: Actor, run_key: str, publication: Publication, translator: Translator
) -> Run:
    """Publish a model, and its data if asked: both are visible at once, or neither.

    Raises:
        WrongStateError: it is not made, or is published already.
        PersonalDataShownError: it would be public, and nobody has said that it may be.
        RepoExistsError, InvalidRepoNameError, NotAllowedError, QuotaReachedError: see
            `Repos.create`. Nothing of it is there then.
        DiskFullError: there is no room.
    """
    with site.read_hub() as hub:
        plan = hub.workshop.plan_publication(actor, run_key, publication, translator)
    with ExitStack() as waiting:

        def prepare(planned: PlannedRepo) -> Prepared:
            return waiting.enter_context(prepared(site, planned.new, planned.files, MESSAGE))

        data = prepare(plan.data) if plan.data else None
        model = prepare(
            plan.model_naming(f"{data.new.namespace}/{data.new.name}", data.sha)
            if data
            else plan.model
        )
        with site.open_hub() as hub:
            made = model.land(hub, actor)
            shown = data.land(hub, actor) if data else None
            run = hub.workshop.note_published(actor, run_key, made, shown)
    for repo in (made, shown):
        if repo is not None:
            refs.derive_refs(site, repo.key)
    return run

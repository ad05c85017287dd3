"""What a published model says, and when it leaves a message to a person: read, and changed."""

from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel

from etabli.api.etabli.errors import present_error
from etabli.features.accounts import Permission
from etabli.features.serving import Assistant
from etabli.http import ActorDep, HubDep, RepoDep, in_pool, make_router, requires, site_of
from etabli.operations.improve_model import improve_model
from etabli.pools import COMMITS

router = make_router(present_error, tags=["etabli"])
ADDRESS = "/api/etabli/models/{namespace}/{name}/assistant"


class AssistantChange(BaseModel):
    """What is left out stays as it is."""

    replies: dict[str, str] = {}
    """By label; an empty one is taken away."""
    sentences: dict[str, str] = {}
    """For `clarify`, `outside` or `human`; an empty one gives the hub's own words back."""
    certainty: float | None = None
    """From 0 to 1: below it, a message goes to a person."""
    commit: str | None = None
    """The commit that this was written against; when the model has moved since, it is refused."""

    def on(self, now: Assistant) -> Assistant:
        spoken = {now.situation(name): text for name, text in self.sentences.items()}
        return Assistant(
            replies={**now.replies, **self.replies},
            sentences={**now.sentences, **spoken},
            certainty=now.certainty if self.certainty is None else self.certainty,
            runtime=now.runtime,
            commit=self.commit or now.commit,
        )


@router.get(ADDRESS)
@requires(Permission.READ_REPO)
def show(hub: HubDep, repo: RepoDep) -> dict[str, Any]:
    return _present(hub.serving.assistant(repo))


@router.patch(ADDRESS)
@requires(Permission.WRITE_REPO)
@in_pool(COMMITS)
def change(
    request: Request, actor: ActorDep, repo: RepoDep, body: Annotated[AssistantChange, Body()]
) -> dict[str, Any]:
    """Change it in one commit. Idempotent."""
    site = site_of(request)
    with site.read_hub() as hub:
        now = hub.serving.assistant(repo)
    improve_model(site, actor, repo, body.on(now))
    with site.read_hub() as hub:
        return _present(hub.serving.assistant(repo))


def _present(assistant: Assistant) -> dict[str, Any]:
    return {
        "replies": dict(assistant.replies),
        "sentences": {one.value: text for one, text in assistant.sentences.items()},
        "certainty": assistant.certainty,
        "commit": assistant.commit,
    }

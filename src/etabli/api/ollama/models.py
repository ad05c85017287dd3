"""Which models answer here, and what is known of one."""

from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Body, Request
from pydantic import BaseModel

from etabli.api.ollama.errors import present_error
from etabli.api.ollama.names import full_name
from etabli.features.accounts import Permission
from etabli.features.repos import Repo, RepoNotFoundError, RepoType
from etabli.features.serving import NotServableError
from etabli.http import ActorDep, ReadHubDep, make_router, requires, site_of
from etabli.hub import Hub

router = make_router(present_error, takes_placeholders=True, prefix="/api", tags=["ollama"])

Json = dict[str, Any]


class ShowRequest(BaseModel):
    model: str


@router.get("/version")
@requires(Permission.PUBLIC)
async def show_version() -> dict[str, str]:
    """Of this program: clients show it, and ask it for nothing."""
    return {"version": version("etabli")}


@router.get("/tags")
@requires(Permission.PUBLIC)
def list_models(request: Request, actor: ActorDep) -> dict[str, Any]:
    """The newest hundred models that can answer here."""
    with site_of(request).read_hub() as hub:
        return {"models": [_listed(hub, repo) for repo in hub.serving.ready_models(actor)]}


@router.post("/show")
@requires(Permission.PUBLIC)
def show(hub: ReadHubDep, actor: ActorDep, body: Annotated[ShowRequest, Body()]) -> dict[str, Any]:
    """What is known of a model. What Ollama has and we have not (templates, parameters) is empty.

    Raises:
        RepoNotFoundError, NotServableError: there is none that the caller may ask, or it cannot
            answer.
    """
    name = full_name(body.model)
    if name.count("/") != 1:
        raise RepoNotFoundError(name)
    repo = hub.repos.get(actor, RepoType.MODEL, name, Permission.ASK_MODEL)
    served, encoder = hub.serving.find(repo), hub.serving.find_encoder()
    embeds = encoder is not None and encoder.repo == repo.full_name
    if served is None and not embeds:
        raise NotServableError(repo.full_name)
    info: Json = {"general.architecture": _family(hub, repo), "general.name": repo.full_name}
    if served is not None:
        info["etabli.labels"] = list(served.labels)
    return {
        "modified_at": repo.updated_at.isoformat(),
        "modelfile": "",
        "template": "",
        "parameters": "",
        "details": _details(hub, repo),
        "model_info": info,
        "capabilities": ["embedding"] if embeds else ["completion"],
    }


def _listed(hub: Hub, repo: Repo) -> Json:
    snapshot = hub.repos.snapshot(repo)
    return {
        "name": repo.full_name,
        "model": repo.full_name,
        "modified_at": repo.updated_at.isoformat(),
        "size": sum(entry.size_bytes for entry in snapshot.entries() if not entry.is_folder),
        "digest": snapshot.commit.sha,
        "details": _details(hub, repo),
    }


def _details(hub: Hub, repo: Repo) -> Json:
    family = _family(hub, repo)
    return {"format": "safetensors", "family": family, "families": [family]}


def _family(hub: Hub, repo: Repo) -> str:
    served = hub.serving.find(repo)
    return served.runtime.name if served else "encoder"

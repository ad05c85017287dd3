"""Repositories: their life, what they say of themselves, and lists of them."""

from typing import Any

from fastapi import Request, Response

from etabli.api.huggingface.addresses import repo_url
from etabli.api.huggingface.buckets import bucket_url
from etabli.api.huggingface.errors import NotServedError, present_error
from etabli.api.huggingface.repo_info import (
    RepoView,
    expanded_fields,
    gated_word,
    info_fields,
    present,
)
from etabli.api.huggingface.schemas import (
    CreateRepoRequest,
    DeleteRepoRequest,
    DuplicateRepoRequest,
    MoveRepoRequest,
    SettingsRequest,
    SpaceWishes,
    json_response,
)
from etabli.features.accounts import Permission
from etabli.features.repos import (
    DEFAULT_BRANCH,
    DEFAULT_SDK,
    InvalidRepoNameError,
)
from etabli.foundation.i18n.messages import msg
from etabli.http import (
    PLURALS,
    ActorDep,
    HubDep,
    ReadHubDep,
    RepoDep,
    in_pool,
    make_router,
    requires,
    site_of,
)
from etabli.operations import duplication, new_repos
from etabli.pools import COMMITS, LONG_READS

router = make_router(present_error, prefix="/api", max_body_size=1_000_000)


@router.post("/repos/create")
@requires(Permission.CREATE_REPO)
@in_pool(COMMITS)
def create_repo(request: Request, actor: ActorDep, body: CreateRepoRequest) -> dict[str, str]:
    """Source: HfApi.create_repo."""
    _refuse_unheard(body)
    repo = new_repos.create(
        site_of(request),
        actor,
        body.type,
        namespace=body.organization or actor.name or "",
        name=body.name,
        private=body.is_private,
        sdk=body.sdk or DEFAULT_SDK,
    )
    return {"url": repo_url(request, repo), "name": repo.full_name, "id": repo.key}


@router.delete("/repos/delete")
@requires(Permission.CREATE_REPO)
def delete_repo(hub: HubDep, actor: ActorDep, body: DeleteRepoRequest) -> dict[str, str]:
    """Source: HfApi.delete_repo: a DELETE with a body."""
    full_name = f"{body.organization or actor.name}/{body.name}"
    hub.repos.delete(actor, hub.repos.get(actor, body.type, full_name))
    return {}


@router.post("/repos/move")
@requires(Permission.CREATE_REPO)
def move_repo(
    request: Request, hub: HubDep, actor: ActorDep, body: MoveRepoRequest
) -> dict[str, str]:
    """Source: HfApi.move_repo, HfApi.move_bucket."""
    namespace, slash, name = body.to_repo.partition("/")
    if not slash:
        raise InvalidRepoNameError(body.to_repo)
    if body.type == "bucket":
        bucket = hub.buckets.get(actor, body.from_repo)
        return {"url": bucket_url(request, hub.buckets.move(actor, bucket, namespace, name))}
    repo = hub.repos.get(actor, body.type, body.from_repo)
    moved = hub.repos.move(actor, repo, namespace, name)
    return {"url": repo_url(request, moved)}


@router.post("/{plural:plural}/{namespace}/{name}/duplicate")
@requires(Permission.READ_REPO)
async def duplicate_repo(
    request: Request, actor: ActorDep, repo: RepoDep, body: DuplicateRepoRequest
) -> dict[str, str]:
    """Source: HfApi.duplicate_repo: as open as the source, unless it says otherwise."""
    _refuse_unheard(body)
    namespace, slash, name = body.repository.partition("/")
    if not slash:
        raise InvalidRepoNameError(body.repository)
    private = body.private if body.visibility is None else body.visibility == "private"
    made = await LONG_READS.run(
        duplication.duplicate,
        site_of(request),
        actor,
        repo,
        namespace,
        name,
        private=repo.private if private is None else private,
    )
    return {"url": repo_url(request, made)}


def _refuse_unheard(wishes: SpaceWishes) -> None:
    """
    Raises:
        NotServedError: something is asked that would be lost.
    """
    if wishes.unheard:
        raise NotServedError(
            msg(
                "This hub cannot heed {what}: it keeps spaces without running them, and has no "
                "resource groups and no regions. Nothing was made or kept. Ask without it.",
                what=", ".join(wishes.unheard),
            )
        )


@router.put("/{plural:plural}/{namespace}/{name}/settings")
@requires(Permission.ADMIN_REPO)
def change_settings(
    hub: HubDep, actor: ActorDep, repo: RepoDep, body: SettingsRequest
) -> dict[str, Any]:
    """Source: HfApi.update_repo_settings."""
    private = body.private if body.visibility is None else body.visibility == "private"
    if private is not None:
        repo = hub.repos.set_private(actor, repo, private)
    if body.gated is not None:
        repo = hub.repos.access.set_gate(actor, repo, body.gate)
    return {"private": repo.private, "gated": gated_word(repo)}


@router.get("/{plural:plural}/{namespace}/{name}")
@router.get("/{plural:plural}/{namespace}/{name}/revision/{revision:path}")
@requires(Permission.SEE_REPO)
def repo_info(
    request: Request, hub: HubDep, repo: RepoDep, revision: str = DEFAULT_BRANCH
) -> Response:
    """Source: HfApi.model_info, dataset_info, space_info; `expand` answers its fields only."""
    fields = expanded_fields(request, repo.type) or info_fields(repo.type)
    snapshot = hub.repos.snapshot(repo, revision)
    view = RepoView(
        repo,
        indexed=hub.catalogue.facts_of(repo),
        open_snapshot=lambda: snapshot,
        with_blobs=request.query_params.get("blobs") in ("true", "True", "1"),
    )
    return json_response(present(view, fields))


@requires(Permission.PUBLIC)
def single_name(
    request: Request, hub: ReadHubDep, actor: ActorDep, name: str, plural: str = "models"
) -> None:
    """Source: ids of one segment, such as `gpt2`, still reach a hub. No repository here has one,
    but it may mean one."""
    raise hub.repos.access.missing(actor, PLURALS[plural], name)


@requires(Permission.SEE_REPO)
def not_served(rest: str) -> None:
    """Whatever else the clients ask of a repository, once it is known that there is one."""
    raise NotServedError(msg("This hub does not serve “{what}” of a repository yet.", what=rest))


last_resort = make_router(present_error)
"""To be included last."""
for _address, _endpoint in (
    ("/api/{plural:plural}/{name}", single_name),
    ("/{name}/resolve/{rest:path}", single_name),
    ("/api/{plural:plural}/{namespace}/{name}/{rest:path}", not_served),
):
    last_resort.add_api_route(
        _address,
        _endpoint,
        methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
        response_model=None,
    )

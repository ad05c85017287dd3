"""Repositories: their life, what they say of themselves, and lists of them."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import Request, Response
from pydantic_core import to_json

from etabli.api.huggingface.addresses import next_page, repo_url
from etabli.api.huggingface.buckets import bucket_url
from etabli.api.huggingface.errors import NotServedError, present_error
from etabli.api.huggingface.repo_info import (
    FROM_GIT,
    RepoView,
    expanded_fields,
    full_fields,
    gated_word,
    info_fields,
    light_fields,
    present,
)
from etabli.api.huggingface.schemas import (
    CreateRepoRequest,
    DeleteRepoRequest,
    DuplicateRepoRequest,
    MoveRepoRequest,
    SettingsRequest,
)
from etabli.features.accounts import Permission
from etabli.features.catalogue import Page, Query, Sort
from etabli.features.git import BrokenRepoError
from etabli.features.repos import (
    DEFAULT_BRANCH,
    DEFAULT_SDK,
    InvalidRepoNameError,
    RepoNotFoundError,
    RepoType,
    RevisionNotFoundError,
)
from etabli.foundation.i18n.messages import msg
from etabli.http import (
    PLURALS,
    ActorDep,
    HubDep,
    RepoDep,
    in_pool,
    make_router,
    requires,
    site_of,
    whole_number,
)
from etabli.hub import Hub
from etabli.operations import duplication, new_repos
from etabli.pools import COMMITS, LONG_READS, READS, Pool

log = logging.getLogger(__name__)

MAX_ON_A_PAGE = 1000
ON_A_PAGE = 100
"""For who says no `limit`: the clients follow the address of the next page."""
MAX_WITH_FILES = 100
"""For lists whose every item opens its repository on disk."""
MAX_FILES_ON_A_PAGE = 50_000
"""A page of repositories that has shown more ends there, and the next one goes on."""

_SORTS = {"downloads": Sort.DOWNLOADS, "createdAt": Sort.CREATED}

_SHOWN_WHEN_SORTED_BY = ("lastModified", "trendingScore")

router = make_router(present_error, prefix="/api", max_body_size=1_000_000)


@router.post("/repos/create")
@requires(Permission.CREATE_REPO)
@in_pool(COMMITS)
def create_repo(request: Request, actor: ActorDep, body: CreateRepoRequest) -> dict[str, str]:
    """Source: HfApi.create_repo."""
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
    return _json(present(view, fields))


def _pool_of_a_list(request: Request) -> Pool:
    """Lists whose every item opens its repository on disk take long."""
    asked = [*request.query_params.getlist("expand"), *request.query_params.getlist("expand[]")]
    return LONG_READS if _is_set(request, "full") or set(asked) & set(FROM_GIT) else READS


@router.get("/{plural:plural}")
@requires(Permission.PUBLIC)
@in_pool(_pool_of_a_list)
def list_repos(request: Request, hub: HubDep, actor: ActorDep, plural: str) -> Response:
    """Source: HfApi.list_models, list_datasets, list_spaces; always the largest first."""
    query, type = request.query_params, PLURALS[plural]
    fields = _fields_of_a_list(request, type)
    asked = Query(
        type=type,
        words=[word for text in query.getlist("search") for word in text.split()],
        every_word=True,
        tags=[*query.getlist("filter"), *query.getlist("pipeline_tag")],
        owner=query.get("author"),
        sort=_SORTS.get(query.get("sort", ""), Sort.UPDATED),
    )
    most = MAX_WITH_FILES if set(fields) & set(FROM_GIT) else MAX_ON_A_PAGE
    limit, cursor = _limit(query.get("limit"), most), query.get("cursor")
    page = hub.catalogue.search(actor, asked, limit=limit, cursor=cursor)
    items = _items(hub, page, fields)
    if len(items) < len(page.items):  # so that the next page begins where this one ends
        page = hub.catalogue.search(actor, asked, limit=len(items), cursor=cursor)
    more = next_page(request, request.url.path, cursor=page.next_cursor or "")
    return _json(items, more if page.next_cursor else None)


def _json(content: Any, headers: Mapping[str, str] | None = None) -> Response:
    return Response(to_json(content), headers=headers, media_type="application/json")


def _fields_of_a_list(request: Request, type: RepoType) -> Sequence[str]:
    return expanded_fields(request, type) or [
        *light_fields(type),
        *(full_fields(type) if _is_set(request, "full") else ()),
        *(["config"] if _is_set(request, "config") else ()),
        *(["cardData"] if _is_set(request, "cardData") else ()),
        *[name for name in _SHOWN_WHEN_SORTED_BY if name == request.query_params.get("sort")],
    ]


def _items(hub: Hub, page: Page, fields: Sequence[str]) -> list[dict[str, Any]]:
    """One or more from the beginning of a page, as many as `MAX_FILES_ON_A_PAGE` allows."""
    items: list[dict[str, Any]] = []
    files = 0
    for item in page.items:
        view = RepoView(item.repo, item.facts, partial(hub.repos.snapshot, item.repo), fresh=False)
        items.append(_present_or_name(view, fields))
        files += len(items[-1].get("siblings", ()))
        if files > MAX_FILES_ON_A_PAGE:
            break
    return items


def _present_or_name(view: RepoView, fields: Sequence[str]) -> dict[str, Any]:
    """A repository that cannot be read is shown by what the database says of it."""
    try:
        return present(view, fields)
    except (BrokenRepoError, RevisionNotFoundError) as error:
        log.warning("%s is listed without its files: %s", view.repo.full_name, error)
        return present(view, [field for field in fields if field not in FROM_GIT])


@requires(Permission.PUBLIC)
def single_name(name: str) -> None:
    """Source: ids of one segment, such as `gpt2`, still reach a hub. No repository here has one."""
    raise RepoNotFoundError(name)


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


def _limit(given: str | None, most: int) -> int:
    return min(whole_number(given) or ON_A_PAGE, most)


def _is_set(request: Request, flag: str) -> bool:
    return request.query_params.get(flag, "").lower() in ("true", "1")

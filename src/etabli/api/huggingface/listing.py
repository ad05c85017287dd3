"""Lists of repositories."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from fastapi import Request, Response
from pydantic_core import to_json

from etabli.api.huggingface.addresses import next_page
from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.list_query import query_of
from etabli.api.huggingface.repo_info import (
    FROM_GIT,
    RepoView,
    expanded_fields,
    full_fields,
    light_fields,
    present,
)
from etabli.features.accounts import Permission
from etabli.features.catalogue import Listing, Page
from etabli.features.git import BrokenRepoError
from etabli.features.repos import RepoType, RevisionNotFoundError
from etabli.foundation.lru import LruCache
from etabli.http import (
    PLURALS,
    ActorDep,
    HubDep,
    in_pool,
    make_router,
    requires,
    whole_number,
)
from etabli.hub import Hub
from etabli.pools import LONG_READS, READS, Pool

log = logging.getLogger(__name__)

MAX_ON_A_PAGE = 1000
ON_A_PAGE = 100
"""For who says no `limit`: the clients follow the address of the next page."""
MAX_WITH_FILES = 100
"""For lists whose every item opens its repository on disk."""
MAX_FILES_ON_A_PAGE = 50_000
"""A page of repositories that has shown more ends there, and the next one goes on."""

MAX_KEPT_BYTES = 2_000_000
"""Of items as JSON; what they were made of is kept along, and takes some three times as much."""

_SHOWN_WHEN_SORTED_BY = ("lastModified", "trendingScore")

router = make_router(present_error, prefix="/api")


def _pool_of_a_list(request: Request) -> Pool:
    """Lists whose every item opens its repository on disk take long."""
    asked = [*request.query_params.getlist("expand"), *request.query_params.getlist("expand[]")]
    return LONG_READS if _is_set(request, "full") or set(asked) & set(FROM_GIT) else READS


@router.get("/{plural:plural}")
@requires(Permission.PUBLIC)
@in_pool(_pool_of_a_list)
def list_repos(request: Request, hub: HubDep, actor: ActorDep, plural: str) -> Response:
    """Source: HfApi.list_models, list_datasets, list_spaces; always the largest first."""
    type = PLURALS[plural]
    fields = _fields_of_a_list(request, type)
    asked = query_of(request, type)
    most = MAX_WITH_FILES if set(fields) & set(FROM_GIT) else MAX_ON_A_PAGE
    limit, cursor = _limit(request, most), request.query_params.get("cursor")
    page = hub.catalogue.search(actor, asked, limit=limit, cursor=cursor)
    items = _items(hub, page, fields)
    if len(items) < len(page.items):  # so that the next page begins where this one ends
        page = hub.catalogue.search(actor, asked, limit=len(items), cursor=cursor)
    more = next_page(request, request.url.path, cursor=page.next_cursor or "")
    content = b"[" + b",".join(items) + b"]"
    headers = more if page.next_cursor else None
    return Response(content, headers=headers, media_type="application/json")


def _fields_of_a_list(request: Request, type: RepoType) -> Sequence[str]:
    return expanded_fields(request, type) or [
        *light_fields(type),
        *(full_fields(type) if _is_set(request, "full") else ()),
        *(["config"] if _is_set(request, "config") else ()),
        *(["cardData"] if _is_set(request, "cardData") else ()),
        *(["datasets", "models"] if _is_set(request, "linked") else ()),
        *[name for name in _SHOWN_WHEN_SORTED_BY if name == request.query_params.get("sort")],
    ]


def _items(hub: Hub, page: Page, fields: Sequence[str]) -> list[bytes]:
    """One or more from the beginning of a page, as many as `MAX_FILES_ON_A_PAGE` allows."""
    if not set(fields) & set(FROM_GIT):
        return [_kept_or_made(hub, item, tuple(fields)) for item in page.items]
    items: list[bytes] = []
    files = 0
    for item in page.items:
        shape = _present_or_name(_view(hub, item), fields)
        items.append(to_json(shape))
        files += len(shape.get("siblings", ()))
        if files > MAX_FILES_ON_A_PAGE:
            break
    return items


def _view(hub: Hub, item: Listing) -> RepoView:
    return RepoView(item.repo, item.facts, partial(hub.repos.snapshot, item.repo), fresh=False)


def _kept_or_made(hub: Hub, item: Listing, fields: tuple[str, ...]) -> bytes:
    """An item that says only what the database does. The catalogue gives the same object for as
    long as that stays the same; it is kept along, so that no other gets its `id`."""
    key = (id(item), fields)
    kept = _kept.find(key)
    if kept is not None:
        return kept[1]
    made = to_json(present(_view(hub, item), fields))
    _kept.keep(key, (item, made), len(made))
    return made


def _present_or_name(view: RepoView, fields: Sequence[str]) -> dict[str, Any]:
    """A repository that cannot be read is shown by what the database says of it."""
    try:
        return present(view, fields)
    except (BrokenRepoError, RevisionNotFoundError) as error:
        log.warning("%s is listed without its files: %s", view.repo.full_name, error)
        return present(view, [field for field in fields if field not in FROM_GIT])


def _limit(request: Request, most: int) -> int:
    return min(whole_number(request.query_params.get("limit")) or ON_A_PAGE, most)


def _is_set(request: Request, flag: str) -> bool:
    return request.query_params.get(flag, "").lower() in ("true", "1")


_kept: LruCache[tuple[int, tuple[str, ...]], tuple[Listing, bytes]] = LruCache(MAX_KEPT_BYTES)

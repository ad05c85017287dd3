"""Buckets: their life, and lists of them."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.api.huggingface.addresses import next_page
from etabli.api.huggingface.errors import NotServedError, present_error
from etabli.api.huggingface.schemas import (
    BucketSettingsRequest,
    CreateBucketRequest,
    wire_time,
)
from etabli.api.huggingface.xet import token_answer
from etabli.features.accounts import Permission
from etabli.features.buckets import Bucket, BucketNotFoundError
from etabli.foundation.i18n.messages import msg
from etabli.http import (
    ActorDep,
    BucketDep,
    HubDep,
    make_router,
    public_url,
    requires,
)

BUCKETS_ON_A_PAGE = 100
OWN = "me"
"""How a client names the namespace of whoever asks."""

router = make_router(present_error, prefix="/api/buckets", max_body_size=1_000_000)


@router.post("/{namespace}/{name}")
@requires(Permission.CREATE_REPO)
def create_bucket(
    request: Request,
    hub: HubDep,
    actor: ActorDep,
    namespace: str,
    name: str,
    body: CreateBucketRequest | None = None,
) -> dict[str, str]:
    """Source: HfApi.create_bucket. There is one region here, so what is said of it is not read."""
    owner = (actor.name or "") if namespace == OWN else namespace
    private = body.is_private if body else None
    bucket = hub.buckets.create(actor, owner, name, private=private)
    return {"url": bucket_url(request, bucket), "id": bucket.full_name, "name": bucket.full_name}


@router.get("/{namespace}")
@requires(Permission.PUBLIC)
def list_buckets(
    request: Request,
    hub: HubDep,
    actor: ActorDep,
    namespace: str,
    search: str = "",
    cursor: str = "",
) -> JSONResponse:
    """Source: HfApi.list_buckets. A bucket's name without its owner comes here too: not found."""
    if namespace == OWN:
        hub.accounts.require(actor, Permission.SIGNED_IN)
        namespace = actor.name or ""
    owner = hub.accounts.find_namespace(namespace)
    if owner is None:
        raise BucketNotFoundError(namespace)
    most = BUCKETS_ON_A_PAGE
    found = hub.buckets.in_namespace(actor, owner.name, search[:200], cursor, most + 1)
    more = None
    if len(found) > most:
        more = next_page(request, request.url.path, cursor=found[most - 1].full_name_key)
    return JSONResponse([_shape(bucket) for bucket in found[:most]], headers=more)


@router.delete("/{namespace}")
@requires(Permission.PUBLIC)
def delete_namespace(namespace: str) -> None:
    """Source: HfApi.delete_bucket of a name without its owner."""
    raise BucketNotFoundError(namespace)


@router.get("/{namespace}/{name}")
@requires(Permission.SEE_REPO)
def bucket_info(bucket: BucketDep) -> dict[str, Any]:
    """Source: HfApi.bucket_info."""
    return _shape(bucket)


@router.delete("/{namespace}/{name}")
@requires(Permission.ADMIN_REPO)
def delete_bucket(hub: HubDep, actor: ActorDep, bucket: BucketDep) -> dict[str, str]:
    """Source: HfApi.delete_bucket."""
    hub.buckets.delete(actor, bucket)
    return {}


@router.put("/{namespace}/{name}/settings")
@requires(Permission.ADMIN_REPO)
def change_bucket(
    hub: HubDep, actor: ActorDep, bucket: BucketDep, body: BucketSettingsRequest
) -> dict[str, Any]:
    """Source: HfApi.update_bucket_settings."""
    if body.is_private is not None:
        bucket = hub.buckets.set_private(actor, bucket, body.is_private)
    return {"private": bucket.private}


@router.get("/{namespace}/{name}/xet-read-token")
@requires(Permission.READ_REPO)
def bucket_read_token(
    request: Request, hub: HubDep, actor: ActorDep, bucket: BucketDep
) -> JSONResponse:
    """Source: `xet_connection_info_refresh_url` in huggingface_hub/utils/_xet.py: no revision."""
    return token_answer(request, hub, actor, bucket, "read")


@router.get("/{namespace}/{name}/xet-write-token")
@requires(Permission.WRITE_REPO)
def bucket_write_token(
    request: Request, hub: HubDep, actor: ActorDep, bucket: BucketDep
) -> JSONResponse:
    """The same, before anything is sent: so whoever has no room is told so now."""
    hub.buckets.require_room(bucket, {"": 1})
    return token_answer(request, hub, actor, bucket, "write")


last_resort = make_router(present_error)
"""To be included after all that is of buckets."""


@requires(Permission.SEE_REPO)
def bucket_not_served(rest: str) -> None:
    """Whatever else the clients ask of a bucket, once it is known that there is one."""
    raise NotServedError(msg("This hub does not serve “{what}” of a bucket yet.", what=rest))


last_resort.add_api_route(
    "/api/buckets/{namespace}/{name}/{rest:path}",
    bucket_not_served,
    methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
    response_model=None,
)


def bucket_url(request: Request, bucket: Bucket) -> str:
    """Source: BucketUrl in huggingface_hub/_buckets.py."""
    return f"{public_url(request)}/buckets/{bucket.full_name}"


def _shape(bucket: Bucket) -> dict[str, Any]:
    """Source: BucketInfo in huggingface_hub/_buckets.py."""
    return {
        "_id": bucket.key,
        "id": bucket.full_name,
        "author": bucket.namespace,
        "private": bucket.private,
        "visibility": "private" if bucket.private else "public",
        "createdAt": wire_time(bucket.created_at),
        "updatedAt": wire_time(bucket.updated_at),
        "size": bucket.total_bytes,
        "totalFiles": bucket.file_count,
    }

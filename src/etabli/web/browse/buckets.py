"""The page of a bucket: one folder of it at a time, to look, to fetch and to delete."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Form as Field
from fastapi import Request, Response

from etabli.features.accounts import Permission, can
from etabli.features.buckets import Bucket, BucketFolder, RemoveFile
from etabli.http import ActorDep, BucketDep, HubDep, actor_of, make_router, requires, site_of
from etabli.hub import Hub
from etabli.operations.buckets import change_files
from etabli.pools import PAGES
from etabli.web.kit.errors import present_error
from etabli.web.kit.forms import MAX_FORM_BYTES
from etabli.web.kit.rendering import render, see_other

ENTRIES_ON_A_PAGE = 200

router = make_router(present_error, reads=PAGES, max_body_size=MAX_FORM_BYTES)


@router.get("/buckets/{namespace}/{name}")
@requires(Permission.SEE_REPO)
def bucket_page(
    request: Request, hub: HubDep, bucket: BucketDep, after: str = "", delete: str = ""
) -> Response:
    return _folder_page(request, hub, bucket, "", after, delete)


@router.get("/buckets/{namespace}/{name}/tree/{path:path}")
@requires(Permission.SEE_REPO)
def bucket_folder_page(
    request: Request, hub: HubDep, bucket: BucketDep, path: str, after: str = "", delete: str = ""
) -> Response:
    """Source: `HfFileSystem.url` in huggingface_hub: the address of a folder."""
    return _folder_page(request, hub, bucket, path.strip("/"), after, delete)


@router.post("/buckets/{namespace}/{name}/delete")
@requires(Permission.WRITE_REPO)
def delete_bucket_file(
    request: Request, actor: ActorDep, bucket: BucketDep, path: Annotated[str, Field()] = ""
) -> Response:
    """Delete one file: the page has asked whether it is meant."""
    for _path, error in change_files(site_of(request), actor, bucket, [RemoveFile(path)]):
        raise error
    folder = path.rpartition("/")[0]
    return see_other(
        f"{_base(bucket)}/tree/{quote(folder)}" if folder else _base(bucket), "deleted"
    )


def _folder_page(
    request: Request, hub: Hub, bucket: Bucket, path: str, after: str, deleting: str
) -> Response:
    """`deleting`: the path of a file of which to ask whether it is to be deleted."""
    level = hub.buckets.level(bucket, f"{path}/" if path else "", after, ENTRIES_ON_A_PAGE)
    return render(
        request,
        "bucket.html",
        bucket=bucket,
        base=_base(bucket),
        path=path,
        entries=[(isinstance(entry, BucketFolder), entry) for entry in level.entries],
        next_after=level.next_after,
        is_first=not after,
        deleting=deleting if deleting in hub.buckets.find(bucket, [deleting]) else "",
        may_write=can(actor_of(request), Permission.WRITE_REPO, bucket.resource),
    )


def _base(bucket: Bucket) -> str:
    return f"/buckets/{bucket.full_name}"

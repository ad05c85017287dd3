"""The files of a bucket: what there is, the bytes, and changes of many at once."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from etabli.api.huggingface.addresses import next_page
from etabli.api.huggingface.bucket_batch import MAX_BATCH_BYTES, read_batch
from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.file_headers import content_headers
from etabli.api.huggingface.schemas import MAX_PATHS_ASKED, PathsRequest, wire_time
from etabli.features.accounts import Permission
from etabli.features.buckets import EMPTY_SHA256, Bucket, BucketFile, BucketFolder
from etabli.http import (
    ActorDep,
    BucketDep,
    HubDep,
    ReadHubDep,
    make_router,
    public_url,
    requires,
    site_of,
)
from etabli.http.file_responses import Download, download_of, respond
from etabli.hub import Hub
from etabli.operations import buckets
from etabli.operations.buckets import EMPTY_FILE_HASH, Asked
from etabli.pools import LONG_READS, READS, WRITES

FILES_ON_A_PAGE = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

router = make_router(present_error, max_body_size=MAX_BATCH_BYTES)
_API = "/api/buckets/{namespace}/{name}"


@router.get(_API + "/tree")
@router.get(_API + "/tree/{prefix:path}")
@requires(Permission.SEE_REPO)
def list_bucket_tree(
    request: Request,
    hub: HubDep,
    bucket: BucketDep,
    prefix: str = "",
    recursive: str = "true",
    cursor: str = "",
) -> JSONResponse:
    """Source: HfApi.list_bucket_tree: all files whose paths begin so, unless `recursive` says no;
    then one level, with folders. What is not there is an empty list."""
    entries: Sequence[BucketFile | BucketFolder]
    if recursive.lower() in ("false", "0"):
        entries, after = _level(hub, bucket, prefix.rstrip("/"), cursor)
    else:
        entries, after = hub.buckets.page(bucket, prefix, cursor, FILES_ON_A_PAGE)
    more = next_page(request, request.url.path, cursor=after) if after else None
    return JSONResponse(_shapes(hub, entries), headers=more)


def _level(
    hub: Hub, bucket: Bucket, path: str, cursor: str
) -> tuple[Sequence[BucketFile | BucketFolder], str | None]:
    """Of a file, itself; of a folder, what is directly in it."""
    folder = f"{path}/" if path else ""
    level = hub.buckets.level(bucket, folder, cursor, FILES_ON_A_PAGE)
    itself = [] if cursor or not path else list(hub.buckets.find(bucket, [path]).values())
    return [*itself, *level.entries], level.next_after


@router.post(_API + "/paths-info")
@requires(Permission.SEE_REPO)
def bucket_paths_info(hub: ReadHubDep, bucket: BucketDep, body: PathsRequest) -> JSONResponse:
    """Source: HfApi.get_bucket_paths_info. Of files alone; unknown paths are left out."""
    asked = list(dict.fromkeys(body.paths))[:MAX_PATHS_ASKED]
    found = hub.buckets.find(bucket, asked)
    return JSONResponse(_shapes(hub, [found[path] for path in asked if path in found]))


@router.post(_API + "/batch")
@requires(Permission.WRITE_REPO)
async def change_bucket_files(request: Request, actor: ActorDep, bucket: BucketDep) -> JSONResponse:
    """Source: HfApi.batch_bucket_files: what failed is listed, and 422 is for all of it."""
    asked = await READS.run(read_batch, await request.body())
    copies = any(isinstance(one, buckets.Put) and one.source for one in asked)
    pool = LONG_READS if copies else WRITES
    refused = await pool.run(buckets.change_files, site_of(request), actor, bucket, asked)
    failed = [{"path": path, "error": str(error)} for path, error in refused]
    return JSONResponse(
        _outcome(asked, failed), 422 if asked and len(failed) == len(asked) else 200
    )


def _outcome(asked: Sequence[Asked], failed: Sequence[dict[str, str]]) -> dict[str, Any]:
    return {
        "success": not failed,
        "processed": len(asked),
        "succeeded": len(asked) - len(failed),
        "failed": failed,
    }


@router.get("/buckets/{namespace}/{name}/resolve/{path:path}")
@router.head("/buckets/{namespace}/{name}/resolve/{path:path}")
@requires(Permission.READ_REPO)
def resolve_in_bucket(request: Request, hub: HubDep, bucket: BucketDep, path: str) -> Response:
    """One file's bytes, or only its headers. Source: HfApi.get_bucket_file_metadata."""
    file = hub.buckets.file(bucket, path)
    blob = hub.blobs.find(file.sha256)
    file_hash = EMPTY_FILE_HASH if file.sha256 == EMPTY_SHA256 else blob and blob.file_hash
    headers = {
        **content_headers(
            file.name, file.content_type, shown="download" not in request.query_params
        ),
        "ETag": f'"{file.sha256}"',
        "X-Linked-ETag": f'"{file.sha256}"',
        "X-Linked-Size": str(file.size_bytes),
        "Cache-Control": "private, no-cache" if bucket.private else "no-cache",
    }
    if file_hash:
        token_url = f"{public_url(request)}/api/buckets/{bucket.full_name}/xet-read-token"
        headers |= {"X-Xet-Hash": file_hash, "Link": f'<{token_url}>; rel="xet-auth"'}
    if file.sha256 == EMPTY_SHA256:
        return respond(request, Download(0, _nothing), headers)
    return respond(request, download_of(hub.blobs, hub.blobs.get(file.sha256)), headers)


def _nothing(_sent: range) -> Iterator[bytes]:
    return iter(())


def _shapes(hub: Hub, entries: Sequence[BucketFile | BucketFolder]) -> list[dict[str, Any]]:
    """Source: BucketFile and BucketFolder in huggingface_hub/_buckets.py."""
    files = [entry for entry in entries if isinstance(entry, BucketFile)]
    blobs = hub.blobs.find_many(list({file.sha256 for file in files}))
    hashes = {sha256: blob.file_hash or "" for sha256, blob in blobs.items()}
    hashes[EMPTY_SHA256] = EMPTY_FILE_HASH
    return [
        _file(entry, hashes.get(entry.sha256, ""))
        if isinstance(entry, BucketFile)
        else {
            "type": "directory",
            "path": entry.path[:-1],
            "uploadedAt": wire_time(entry.uploaded_at),
        }
        for entry in entries
    ]


def _file(file: BucketFile, file_hash: str) -> dict[str, Any]:
    shape = {
        "type": "file",
        "path": file.path,
        "size": file.size_bytes,
        "xetHash": file_hash,
        "mtime": wire_time(_EPOCH + timedelta(milliseconds=file.mtime_ms)),
        "uploadedAt": wire_time(file.uploaded_at),
    }
    if file.content_type:
        shape["contentType"] = file.content_type
    return shape

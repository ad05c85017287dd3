"""What clients ask besides: whether chunks are known, and what this hub does not do."""

from fastapi import Request, Response

from etabli.api.cas_tokens import check_epoch
from etabli.api.xet.errors import BadHashError, present_error
from etabli.features.accounts import Permission
from etabli.features.blobs import BlobNotFoundError, is_hash
from etabli.http import door, needs, site_of

router = door(present_error, prefix="/cas/{epoch}")


@needs(Permission.CAS_READ)
def find_chunk(request: Request, name: str) -> Response:
    """Source: `query_for_global_dedup_shard` in huggingface/xet-core. 404 is the usual answer."""
    check_epoch(request)
    if not is_hash(name):
        raise BadHashError(name)
    with site_of(request).read_hub() as hub:
        shard = hub.blobs.chunked.answer_dedup(name)
    if shard is None:
        return Response(status_code=404)
    return Response(shard, media_type="application/octet-stream")


for _chunks in ("/v1/chunks", "/chunks", "/chunk"):
    router.add_api_route(_chunks + "/{prefix}/{name}", find_chunk, methods=["GET"])


@router.post("/v1/xorb-grants/{prefix}/{name}")
@needs(Permission.CAS_WRITE)
async def grant(name: str) -> Response:
    """No grant: the client then sends the xorb to the hub itself. Any answer but 404 stops it."""
    raise BlobNotFoundError(name)


@router.post("/v1/telemetry")
@needs(Permission.CAS_READ)
async def ignore_telemetry() -> Response:
    return Response(status_code=200)

"""What clients ask besides: whether chunks are known, and what this hub does not do."""

from fastapi import Request, Response

from etabli.api.cas_tokens import check_epoch
from etabli.api.xet.errors import BadHashError, present_error
from etabli.features.accounts import Permission
from etabli.features.blobs import BlobNotFoundError, is_hash
from etabli.http import make_router, requires, site_of
from etabli.pools import LONG_READS, READS, BusyError
from etabli.site import Site

router = make_router(present_error, prefix="/cas/{epoch}")


@requires(Permission.CAS_READ)
async def find_chunk(request: Request, name: str) -> Response:
    """Source: `query_for_global_dedup_shard` in huggingface/xet-core. 404 is the usual answer."""
    check_epoch(request)
    if not is_hash(name):
        raise BadHashError(name)
    site = site_of(request)
    try:
        # To look is a moment's work; to answer takes a second where a large upload is known.
        is_known = await READS.run(_knows_chunk, site, name)
        shard = await LONG_READS.run(_answer_dedup, site, name) if is_known else None
    except BusyError:
        shard = None  # the client sends what it could have left out, and waits for nothing
    if shard is None:
        return Response(status_code=404)
    return Response(shard, media_type="application/octet-stream")


def _knows_chunk(site: Site, name: str) -> bool:
    with site.read_hub() as hub:
        return hub.blobs.chunked.knows_chunk(name)


def _answer_dedup(site: Site, name: str) -> bytes | None:
    with site.read_hub() as hub:
        return hub.blobs.chunked.answer_dedup(name)


for _chunks in ("/v1/chunks", "/chunks", "/chunk"):
    router.add_api_route(_chunks + "/{prefix}/{name}", find_chunk, methods=["GET"])


@router.post("/v1/xorb-grants/{prefix}/{name}")
@requires(Permission.CAS_WRITE)
async def grant(name: str) -> Response:
    """No grant: the client then sends the xorb to the hub itself. Any answer but 404 stops it."""
    raise BlobNotFoundError(name)


@router.post("/v1/telemetry")
@requires(Permission.CAS_READ)
async def ignore_telemetry() -> Response:
    return Response(status_code=200)

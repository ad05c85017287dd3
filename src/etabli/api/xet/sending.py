"""What a client sends: xorbs, then shards that say which files they make."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from functools import partial
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.requests import ClientDisconnect

from etabli.api.cas_tokens import check_epoch, sender_of_token
from etabli.api.xet.checking import in_the_background
from etabli.api.xet.errors import BadHashError, CutError, present_error
from etabli.features.accounts import Permission
from etabli.features.blobs import StagedFile, is_hash
from etabli.foundation.errors import EtabliError
from etabli.http import door, needs, site_of, status_of
from etabli.hub import Site
from etabli.storing import keep_shard, keep_xorb

MOST_BODY_BYTES = 64 * 1024 * 1024 + 1024 * 1024
"""A xorb of the largest size, and the footer that old clients send with it."""
HEARTBEAT_S = 10.0

router = door(present_error, prefix="/cas/{epoch}", max_body_size=MOST_BODY_BYTES)


@needs(Permission.CAS_WRITE)
async def send_xorb(request: Request, name: str) -> JSONResponse:
    """Source: `upload_xorb` in cas_client/src/remote_client.rs of huggingface/xet-core."""
    check_epoch(request)
    if not is_hash(name):
        raise BadHashError(name)
    site = site_of(request)
    with site.backends.blobs.stage(hashed=False) as staged:
        await _receive(request, staged)
        inserted = await in_the_background(partial(_keep_xorb, site, name, staged))
    return JSONResponse({"was_inserted": inserted})


def _keep_xorb(site: Site, name: str, staged: StagedFile) -> bool:
    with site.read_hub() as hub:
        known = hub.blobs.chunked.find_xorb(name)
    if known is None:
        return keep_xorb(site, name, staged)
    if known.condemned_at is not None:
        with site.open_hub() as hub:
            hub.blobs.chunked.need_xorb(name)
    return False


@needs(Permission.CAS_READ)
def find_xorb(request: Request, name: str) -> Response:
    check_epoch(request)
    with site_of(request).read_hub() as hub:
        xorb = hub.blobs.chunked.find_xorb(name)
    if xorb is None:
        return Response(status_code=404)
    return Response(headers={"Content-Length": str(xorb.stored_bytes)})


@needs(Permission.CAS_WRITE)
async def send_shard(request: Request) -> JSONResponse:
    """Source: `upload_shard` there. The answer comes when all of it is true."""
    check_epoch(request)
    with site_of(request).backends.blobs.stage(hashed=False) as staged:
        await _receive(request, staged)
        await in_the_background(partial(_keep_shard, request, staged, lambda *_: None))
    return JSONResponse({"result": 1})


@needs(Permission.CAS_WRITE)
async def send_shard_and_watch(request: Request) -> StreamingResponse:
    """The same, told line by line: a client waits for five minutes without one, and no longer."""
    check_epoch(request)
    site = site_of(request)
    with ExitStack() as stack:
        staged = stack.enter_context(site.backends.blobs.stage(hashed=False))
        await _receive(request, staged)
        # All is received before the first line is sent: reading while sending loses bytes.
        task = _ShardTask(request, staged, stack.pop_all())
    return StreamingResponse(task.lines(), media_type="application/x-ndjson")


class _ShardTask:
    """The checking of one shard, which goes on whether or not somebody listens."""

    def __init__(self, request: Request, staged: StagedFile, held: ExitStack) -> None:
        self._verified, self._total = 0, 0
        self._task = in_the_background(partial(self._run, request, staged, held))

    def _run(self, request: Request, staged: StagedFile, held: ExitStack) -> None:
        with held:
            _keep_shard(request, staged, self._note)

    def _note(self, verified: int, total: int) -> None:
        self._verified, self._total = verified, total

    async def lines(self) -> AsyncIterator[bytes]:
        yield self._progress()
        while not (await asyncio.wait({self._task}, timeout=HEARTBEAT_S))[0]:
            yield self._progress()
        try:
            self._task.result()
        except EtabliError as error:
            retryable = status_of(error) >= 500
            yield _line(type="error", message=str(error), retryable=retryable)
        else:
            yield _line(type="committing", stage="syncing")
            yield _line(type="result", result=1)

    def _progress(self) -> bytes:
        return _line(type="validating", verified=self._verified, total=self._total)


def _keep_shard(request: Request, staged: StagedFile, progress: Callable[[int, int], None]) -> None:
    site = site_of(request)
    with site.read_hub() as hub:
        repo, brought_by = sender_of_token(request, hub)
    with staged.path.open("rb", buffering=1 << 20) as shard:
        keep_shard(site, repo.key, shard, progress, brought_by)


async def _receive(request: Request, staged: StagedFile) -> None:
    """To disk, and not in memory: clients send up to 64 bodies of 64 MB at once."""
    try:
        async for piece in request.stream():
            if piece:
                staged.write(piece)
    except ClientDisconnect as error:
        raise CutError from error


def _line(**fields: Any) -> bytes:
    return json.dumps(fields).encode() + b"\n"


# Clients of 2025 know the addresses without a version; the first of them, in the singular.
for _xorbs, _shards in (
    ("/v1/xorbs", "/v1/shards"),
    ("/xorbs", "/shards"),
    ("/xorb", "/shard/{prefix}/{name}"),
):
    router.add_api_route(_xorbs + "/{prefix}/{name}", send_xorb, methods=["POST"])
    router.add_api_route(_xorbs + "/{prefix}/{name}", find_xorb, methods=["HEAD"])
    router.add_api_route(_shards, send_shard, methods=["POST"])
router.add_api_route("/shard/{prefix}/{name}", send_shard, methods=["PUT"])
router.add_api_route("/v2/shards", send_shard_and_watch, methods=["POST"], response_model=None)

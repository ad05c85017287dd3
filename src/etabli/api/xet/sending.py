"""What a client sends: xorbs, then shards that say which files they make."""

import hashlib
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.requests import ClientDisconnect

from etabli.api.cas_tokens import check_epoch, holder_of_token, sender_of_token
from etabli.api.xet.errors import BadHashError, CutError, present_error
from etabli.api.xet.shard_jobs import Steps, Verification, verifications
from etabli.features.accounts import Permission
from etabli.features.blobs import StagedFile, is_hash
from etabli.foundation.errors import EtabliError
from etabli.http import claims_of, make_router, requires, site_of, status_of
from etabli.operations.xet_uploads import Sender, keep_shard, keep_xorb
from etabli.pools import VERIFICATIONS

MAX_BODY_BYTES = 64 * 1024 * 1024 + 1024 * 1024
"""A xorb of the largest size, and the footer that old clients send with it."""
HEARTBEAT_S = 10.0
LOOKS_EVERY_S = 1.0
"""Whether a client that is told nothing meanwhile still waits."""

router = make_router(present_error, prefix="/cas/{epoch}", max_body_size=MAX_BODY_BYTES)


@requires(Permission.CAS_WRITE)
async def send_xorb(request: Request, name: str) -> JSONResponse:
    """Source: `upload_xorb` in cas_client/src/remote_client.rs of huggingface/xet-core."""
    check_epoch(request)
    if not is_hash(name):
        raise BadHashError(name)
    site, account = site_of(request), _account_of(request)
    turns_of = _turns_of(account)
    VERIFICATIONS.require_room(turns_of)
    with site.backends.blobs.stage(hashed=False) as staged:
        await _receive(request, staged)
        inserted = await VERIFICATIONS.run(turns_of, keep_xorb, site, account, name, staged)
    return JSONResponse({"was_inserted": inserted})


@requires(Permission.CAS_READ)
def find_xorb(request: Request, name: str) -> Response:
    check_epoch(request)
    with site_of(request).read_hub() as hub:
        xorb = hub.blobs.chunked.find_xorb(name)
    if xorb is None:
        return Response(status_code=404)
    return Response(headers={"Content-Length": str(xorb.stored_bytes)})


@requires(Permission.CAS_WRITE)
async def send_shard(request: Request) -> JSONResponse:
    """Source: `upload_shard` there. The answer comes when all of it is true."""
    verification = await _verification(request)
    async with aclosing(verification.watch(LOOKS_EVERY_S)) as watched:
        async for _progress in watched:
            if await request.is_disconnected():
                raise CutError
    return JSONResponse({"result": 1})


@requires(Permission.CAS_WRITE)
async def send_shard_and_watch(request: Request) -> StreamingResponse:
    """The same, told line by line: a client waits for five minutes without one, and no longer."""
    # All is received before the first line is sent: reading while sending loses bytes.
    verification = await _verification(request)
    return StreamingResponse(_lines(verification), media_type="application/x-ndjson")


async def _lines(verification: Verification) -> AsyncIterator[bytes]:
    try:
        async with aclosing(verification.watch(HEARTBEAT_S)) as watched:
            async for verified, total in watched:
                yield _line(type="validating", verified=verified, total=total)
    except EtabliError as error:
        yield _line(type="error", message=str(error), retryable=status_of(error) >= 500)
    else:
        yield _line(type="committing", stage="syncing")
        yield _line(type="result", result=1)


async def _verification(request: Request) -> Verification:
    """Of the shard in this request's body: a new one, or the one that was sent before."""
    check_epoch(request)
    holder = holder_of_token(request)
    turns_of = _turns_of(_account_of(request))
    VERIFICATIONS.require_room(turns_of)
    with ExitStack() as stack:
        staged = stack.enter_context(site_of(request).backends.blobs.stage(hashed=False))
        digest = await _receive(request, staged)
        # By whom and for what too: who joins has what the first one gets.
        key = (turns_of, holder.kind, holder.key, digest)
        return verifications().join(
            key, turns_of, lambda: (_steps(request, staged), stack.pop_all())
        )


def _steps(request: Request, staged: StagedFile) -> Steps:
    """Those of `keep_shard`, for whoever the token is of: whether they may is asked again."""
    site = site_of(request)
    with site.read_hub() as hub:
        holding, charged_to = sender_of_token(request, hub)
    sender = Sender(holding.holder, _account_of(request), charged_to)
    with staged.path.open("rb", buffering=1 << 20) as shard:
        yield from keep_shard(site, sender, shard)


def _account_of(request: Request) -> str | None:
    """Whose work it counts as; None: the hub's own."""
    claims = claims_of(request)
    return None if claims.get("by_hub") else str(claims["user"])


def _turns_of(account: str | None) -> str:
    return account or ""  # no account has an empty name


async def _receive(request: Request, staged: StagedFile) -> str:
    """To disk, and not in memory: clients send up to 64 bodies of 64 MB at once.

    Returns:
        A hash of the body.
    """
    digest = hashlib.sha256()
    try:
        async for piece in request.stream():
            if piece:
                digest.update(piece)
                staged.write(piece)
    except ClientDisconnect as error:
        raise CutError from error
    return digest.hexdigest()


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

"""The bytes of large files, at addresses that this hub has signed: no other credential is asked.

Source: docs/api/basic-transfers.md of git-lfs; `_upload_multi_part` in huggingface_hub/lfs.py,
which sends neither a token nor a header.
"""

from collections.abc import Awaitable, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from etabli.api.git.lfs_errors import (
    LongerThanSaidError,
    ObjectNotHeldError,
    UnfinishedUploadError,
    present_error,
)
from etabli.api.pulling import respond_pulling
from etabli.features.accounts import Permission
from etabli.features.blobs import Part, StagedFile
from etabli.features.git import Pointer
from etabli.features.repos import RepoNotFoundError
from etabli.http import claims_of, make_router, requires, site_of
from etabli.http.file_responses import download_of, respond
from etabli.http.upload_forms import ANY_SIZE
from etabli.operations import blobs, pulled_files
from etabli.pools import UPLOADS
from etabli.site import Site

router = make_router(present_error, prefix="/lfs", max_body_size=ANY_SIZE)


@router.put("/{sha256}")
@requires(Permission.SIGNED_ADDRESS)
async def receive(request: Request) -> Response:
    """A whole file. It counts once this answers, and not before."""
    claims, site = claims_of(request), site_of(request)
    with site.backends.blobs.stage() as staged:
        await _receive(request, staged, claims["size"])
        await UPLOADS.run(_keep, site, claims, staged)
    return Response()


@router.put("/parts/{upload}/{number}")
@requires(Permission.SIGNED_ADDRESS)
async def receive_part(request: Request) -> Response:
    """One part; sent again, it takes the place of the one before."""
    claims, site = claims_of(request), site_of(request)
    parts, upload, number = site.backends.parts, claims["upload"], claims["number"]
    start = (number - 1) * claims["part_bytes"]
    size_bytes = min(claims["part_bytes"], claims["size"] - start)
    part = parts.receive(upload, number, start)
    await _receive(request, part, size_bytes)
    await UPLOADS.run(part.finish, size_bytes)
    parts.keep(upload, number)
    return Response(headers={"ETag": f'"{number}"'})


@router.post("/parts/{upload}")
@requires(Permission.SIGNED_ADDRESS)
async def join_parts(request: Request) -> Response:
    """All parts have been sent: what they make is hashed, and counts once this answers."""
    claims, site = claims_of(request), site_of(request)
    await UPLOADS.run(_join, site, claims)
    return JSONResponse({})


@router.get("/{sha256}")
@requires(Permission.SIGNED_ADDRESS)
def send(request: Request) -> Response | Awaitable[Response]:
    """A file, or a part of it: git-lfs goes on where it was cut."""
    claims = claims_of(request)
    with site_of(request).read_hub() as hub:
        repo = hub.repos.by_key(claims["repo"])
        sha256 = claims["sha256"]
        headers = {"ETag": f'"{sha256}"', "Content-Type": "application/octet-stream"}
        if repo is None:
            raise ObjectNotHeldError(sha256)
        may_go_on = not (repo.is_mirror and hub.federation.is_tainted(sha256))
        if "path" in claims:
            pointer = Pointer(sha256, claims["size"])
            wanted = pulled_files.find_wanted(hub, repo, pointer, claims["path"], claims["commit"])
            if wanted is not None:
                return respond_pulling(request, wanted, headers, may_go_on=may_go_on)
        if not hub.repos.has_blob(repo, sha256):
            raise ObjectNotHeldError(sha256)
        blob = hub.blobs.get(sha256)
        return respond(request, download_of(hub.blobs, blob, may_go_on=may_go_on), headers)


async def _receive(request: Request, file: StagedFile | Part, size_bytes: int) -> None:
    """
    Raises:
        LongerThanSaidError: more arrives; the rest is not read.
        UnfinishedUploadError: the client has gone.
    """
    try:
        async for piece in request.stream():
            if file.size_bytes + len(piece) > size_bytes:
                raise LongerThanSaidError
            file.write(piece)
    except ClientDisconnect as error:
        raise UnfinishedUploadError from error


def _join(site: Site, claims: Mapping[str, Any]) -> None:
    parts = site.backends.parts
    with site.read_hub() as hub:
        repo = hub.repos.by_key(claims["repo"])
        blob = hub.blobs.find(claims["sha256"])
        is_here = blob is not None and not hub.blobs.is_lost(blob)
        if is_here and repo is not None and hub.repos.has_blob(repo, claims["sha256"]):
            return  # the answer to the first time was lost
    with parts.joined(claims["upload"], claims["parts"]) as whole:
        _keep(site, claims, whole)
    parts.delete(claims["upload"])


def _keep(site: Site, claims: Mapping[str, Any], staged: StagedFile) -> None:
    staged.finish(claims["sha256"], claims["size"])
    with site.read_hub() as hub:
        repo = hub.repos.by_key(claims["repo"])
    if repo is None:
        raise RepoNotFoundError(claims["repo"])
    blobs.keep_blob(site, repo, staged, claims.get("charged_to"))

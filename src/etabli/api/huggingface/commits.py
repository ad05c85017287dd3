"""Uploading: what to send, then one commit of it."""

import base64
import binascii
import tempfile
from functools import partial
from typing import IO, Any

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar
from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from etabli.api.huggingface.addresses import repo_url
from etabli.api.huggingface.commit_body import MB, most_body_bytes, read_commit
from etabli.api.huggingface.errors import (
    CommitTooLargeError,
    PullRequestsNotServedError,
    UnfinishedCommitError,
    present_error,
)
from etabli.api.huggingface.ignore import IgnoreRules
from etabli.api.huggingface.schemas import PreuploadFile, PreuploadRequest
from etabli.features.accounts import Actor, Permission
from etabli.features.repos import Entry, FileTooLargeError, Repo
from etabli.http import ActorDep, RepoDep, door, needs, site_of
from etabli.hub import Site
from etabli.uploads import ANY_SIZE

COMMITS_AT_ONCE = 2
"""A commit is in memory while it is made, and shall not take the threads of all the others."""
IN_MEMORY_BYTES = 1 << 20
LARGEST_BINARY_IN_GIT = 300_000

_limiter: RunVar[anyio.CapacityLimiter] = RunVar("commits")

_REPO = "/api/{plural:plural}/{namespace}/{name}"
router = door(present_error)


@router.post(_REPO + "/preupload/{revision:path}", max_body_size=32 * MB)
@needs(Permission.WRITE_REPO)
def preupload(
    request: Request, repo: RepoDep, revision: str, body: PreuploadRequest
) -> JSONResponse:
    """Say how to send each file: in the commit itself, or before it as a large file.

    Source: `_fetch_upload_modes` in huggingface_hub/_commit_api.py reads all four keys.
    """
    _refuse_pull_request(request)
    site = site_of(request)
    with site.read_hub() as hub:
        snapshot = hub.repos.snapshot(repo, revision)
        kept = snapshot.find_text(".gitignore") if body.git_ignore is None else body.git_ignore
    rules = IgnoreRules(kept or "")
    shapes: list[dict[str, Any]] = []
    for file in body.files:
        entry = snapshot.find(file.path)
        large = snapshot.attributes.is_large(file.path, file.size) or _looks_large(file)
        if not large and file.size > site.settings.max_file_mb * MB:
            raise FileTooLargeError(file.path, site.settings.max_file_mb)
        shapes.append(
            {
                "path": file.path,
                "uploadMode": "lfs" if large else "regular",
                "shouldIgnore": rules.ignores(file.path),
                "oid": _oid(entry),
            }
        )
    return JSONResponse({"files": shapes})


@router.post(_REPO + "/commit/{revision:path}", max_body_size=ANY_SIZE)
@needs(Permission.WRITE_REPO)
async def commit(request: Request, actor: ActorDep, repo: RepoDep, revision: str) -> JSONResponse:
    """Source: `_send_commit` in huggingface_hub/_commit_api.py."""
    _refuse_pull_request(request)
    site = site_of(request)
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=str(site.settings.data_dir)) as file:
        await _keep_body(request, file, site.settings.max_commit_mb)
        make = partial(_commit, site, actor, repo, revision, file)
        sha = await anyio.to_thread.run_sync(make, limiter=_commit_limiter())
    return JSONResponse(
        {
            "success": True,
            "commitUrl": f"{repo_url(request, repo)}/commit/{sha}",
            "commitOid": sha,
            "hookOutput": "",
        }
    )


def _commit(site: Site, actor: Actor, repo: Repo, branch: str, file: IO[bytes]) -> str:
    settings = site.settings
    body = read_commit(file, max_file_mb=settings.max_file_mb, max_commit_mb=settings.max_commit_mb)
    draft = site.commit(actor, repo, branch, body.changes, body.message, parent_sha=body.parent_sha)
    return draft.commit_sha


async def _keep_body(request: Request, file: IO[bytes], max_commit_mb: int) -> None:
    """Put the body in `file`: whoever sends slowly takes disk, and no memory.

    What is too much is read to its end, then refused: a client that is cut while it sends reports
    the cut, and not the reason.
    """
    received_bytes, most_bytes = 0, most_body_bytes(max_commit_mb)
    try:
        async for piece in request.stream():
            received_bytes += len(piece)
            if received_bytes <= most_bytes:
                file.write(piece)
            elif received_bytes > 4 * most_bytes:
                break
    except ClientDisconnect as error:
        raise UnfinishedCommitError from error
    if received_bytes > most_bytes:
        raise CommitTooLargeError(max_commit_mb)
    file.seek(0)


def _oid(entry: Entry | None) -> str | None:
    """What is at a path: the client leaves a file out of the commit that it finds there."""
    if entry is None or entry.is_folder:
        return None
    return entry.large.sha256 if entry.large else entry.sha


def _looks_large(file: PreuploadFile) -> bool:
    """Whether it is binary, and more than git should carry for ever."""
    try:
        sample = base64.b64decode(file.sample)
    except binascii.Error:
        return False
    return file.size > LARGEST_BINARY_IN_GIT and b"\0" in sample


def _refuse_pull_request(request: Request) -> None:
    if request.query_params.get("create_pr", "").lower() in ("1", "true"):
        raise PullRequestsNotServedError


def _commit_limiter() -> anyio.CapacityLimiter:
    """One for each event loop, made when it is first needed."""
    limiter = _limiter.get(None)
    if limiter is None:
        limiter = anyio.CapacityLimiter(COMMITS_AT_ONCE)
        _limiter.set(limiter)
    return limiter

"""Uploading: what to send, then one commit of it."""

import base64
import binascii
import tempfile
from collections.abc import Collection
from typing import IO, Any

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from etabli.api.huggingface.addresses import repo_url
from etabli.api.huggingface.commit_body import MB, CommitBody, most_body_bytes, read_commit
from etabli.api.huggingface.errors import (
    CommitTooLargeError,
    UnfinishedCommitError,
    present_error,
)
from etabli.api.huggingface.ignore import IGNORE, MAX_RULES_BYTES, IgnoreRules
from etabli.api.huggingface.schemas import PreuploadFile, PreuploadRequest
from etabli.features.accounts import Actor, Permission
from etabli.features.git import Entry, Snapshot, path_parts
from etabli.features.repos import FileTooLargeError, Repo
from etabli.http import ActorDep, RepoDep, make_router, requires, site_of
from etabli.http.upload_forms import ANY_SIZE
from etabli.operations import pull_requests
from etabli.pools import COMMITS, READS, UPLOADS
from etabli.site import Site

IN_MEMORY_BYTES = 1 << 20
LARGEST_BINARY_IN_GIT = 300_000

_REPO = "/api/{plural:plural}/{namespace}/{name}"
router = make_router(present_error)


@router.post(_REPO + "/preupload/{revision:path}", max_body_size=32 * MB)
@requires(Permission.PROPOSE)
async def preupload(
    request: Request, actor: ActorDep, repo: RepoDep, revision: str, body: PreuploadRequest
) -> JSONResponse:
    """Say how to send each file: in the commit itself, or before it as a large file.

    Source: `_fetch_upload_modes` in huggingface_hub/_commit_api.py reads all four keys.
    """
    return await UPLOADS.run(_preupload, request, actor, repo, revision, body)


def _preupload(
    request: Request, actor: Actor, repo: Repo, revision: str, body: PreuploadRequest
) -> JSONResponse:
    site = site_of(request)
    for file in body.files:
        path_parts(file.path)
    with site.read_hub() as hub:
        proposes = asks_for_pull_request(request)
        hub.proposals.require_sender(actor, repo, revision, proposes=proposes)
        snapshot = hub.repos.snapshot(repo, revision)
        entries = {file.path: snapshot.find(file.path) for file in body.files}
        lost = hub.blobs.lost_among([e.large.sha256 for e in entries.values() if e and e.large])
        if body.git_ignore is None:
            kept = snapshot.find_bytes(IGNORE, MAX_RULES_BYTES + 1)
        else:
            kept = body.git_ignore.encode("utf-8", "replace")
        rules = IgnoreRules(kept or b"")
        shapes = [
            _upload_mode(site, snapshot, rules, file, _oid(entries[file.path], lost))
            for file in body.files
        ]
    return JSONResponse({"files": shapes})


def _upload_mode(
    site: Site, snapshot: Snapshot, rules: IgnoreRules, file: PreuploadFile, oid: str | None
) -> dict[str, Any]:
    large = snapshot.attributes.is_large(file.path, file.size) or _looks_large(file)
    if not large and file.size > site.settings.max_file_mb * MB:
        raise FileTooLargeError(file.path, site.settings.max_file_mb)
    return {
        "path": file.path,
        "uploadMode": "lfs" if large else "regular",
        "shouldIgnore": rules.ignores(file.path),
        "oid": oid,
    }


@router.post(_REPO + "/commit/{revision:path}", max_body_size=ANY_SIZE)
@requires(Permission.PROPOSE)
async def commit(request: Request, actor: ActorDep, repo: RepoDep, revision: str) -> JSONResponse:
    """Source: `_send_commit` in huggingface_hub/_commit_api.py."""
    site = site_of(request)
    # Before the body is read: what is not to be kept is not received.
    await READS.run(_require_sender, request, actor, repo, revision)
    send = _propose if asks_for_pull_request(request) else _commit
    with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES, dir=str(site.settings.data_dir)) as file:
        await _keep_body(request, file, site.settings.max_commit_mb)
        sha, num = await COMMITS.run(send, site, actor, repo, revision, file)
    shape = {
        "success": True,
        "commitUrl": f"{repo_url(request, repo)}/commit/{sha}",
        "commitOid": sha,
        "hookOutput": "",
    }
    if num is not None:
        # Source: CommitInfo reads the number at the very end of it.
        shape["pullRequestUrl"] = f"{repo_url(request, repo)}/discussions/{num}"
    return JSONResponse(shape)


def asks_for_pull_request(request: Request) -> bool:
    return request.query_params.get("create_pr", "").lower() in ("1", "true")


def _require_sender(request: Request, actor: Actor, repo: Repo, revision: str) -> None:
    with site_of(request).read_hub() as hub:
        proposes = asks_for_pull_request(request)
        hub.proposals.require_sender(actor, repo, revision, proposes=proposes)


def _commit(
    site: Site, actor: Actor, repo: Repo, revision: str, file: IO[bytes]
) -> tuple[str, int | None]:
    body = _read(site, file)
    sha = pull_requests.commit(
        site, actor, repo, revision, body.changes, body.message, parent_sha=body.parent_sha
    )
    return sha, None


def _propose(
    site: Site, actor: Actor, repo: Repo, base: str, file: IO[bytes]
) -> tuple[str, int | None]:
    """Source: `create_commit(create_pr=True)`: the commit's two texts are the pull request's."""
    body = _read(site, file)
    made = pull_requests.propose(
        site,
        actor,
        repo,
        base,
        body.changes,
        body.summary,
        body.description,
        parent_sha=body.parent_sha,
    )
    return made.commit_sha, made.num


def _read(site: Site, file: IO[bytes]) -> CommitBody:
    settings = site.settings
    return read_commit(file, max_file_mb=settings.max_file_mb, max_commit_mb=settings.max_commit_mb)


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


def _oid(entry: Entry | None, lost: Collection[str]) -> str | None:
    """What is at a path: the client neither sends nor commits what it finds there. So it must not
    find what this hub has lost."""
    if entry is None or entry.is_folder:
        return None
    if entry.large is None:
        return entry.sha
    return None if entry.large.sha256 in lost else entry.large.sha256


def _looks_large(file: PreuploadFile) -> bool:
    """Whether it is binary, and more than git should carry for ever."""
    try:
        sample = base64.b64decode(file.sample)
    except binascii.Error:
        return False
    return file.size > LARGEST_BINARY_IN_GIT and b"\0" in sample

"""The large files of a repository: what there is, and letting it go."""

from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from etabli.api.huggingface.addresses import api_path, next_page
from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.schemas import DeleteLargeRequest, ShareRequest, wire_time
from etabli.features.accounts import Permission
from etabli.features.repos import LargeFile, Repo
from etabli.foundation.i18n.messages import msg
from etabli.http import ActorDep, RepoDep, make_router, requires, site_of
from etabli.operations import commits, duplication
from etabli.pools import COMMITS, LONG_READS

FILES_ON_A_PAGE = 1000

HISTORY_STAYS = msg(
    "The files are gone from every branch, and their bytes will be. History is not rewritten here: "
    "earlier commits keep their names, and pointers to files that they can no longer show."
)

router = make_router(
    present_error,
    prefix="/api/{plural:plural}/{namespace}/{name}/lfs-files",
    max_body_size=4_000_000,
)


@router.get("")
@requires(Permission.WRITE_REPO)
async def list_large_files(request: Request, repo: RepoDep) -> JSONResponse:
    """Source: HfApi.list_lfs_files: across branches, in pages."""
    return await LONG_READS.run(_list_large_files, request, repo)


def _list_large_files(request: Request, repo: Repo) -> JSONResponse:
    given = request.query_params.get("cursor", "")
    start = int(given) if given.isdecimal() and len(given) < 10 else 0
    with site_of(request).read_hub() as hub:
        found = hub.housekeeping.large_files(repo)
    end = start + FILES_ON_A_PAGE
    more = next_page(request, f"{api_path(repo)}/lfs-files", cursor=str(end))
    shapes = [_shape(file) for file in found[start:end]]
    return JSONResponse(shapes, headers=more if len(found) > end else None)


@router.post("/batch")
@requires(Permission.WRITE_REPO)
async def delete_large_files(
    request: Request, actor: ActorDep, repo: RepoDep, body: DeleteLargeRequest
) -> dict[str, Any]:
    """Source: HfApi.permanently_delete_lfs_files. Old commits keep their pointers, to nothing:
    their SHA-1 stay what they were, whatever `rewriteHistory` says. The answer says so."""
    await COMMITS.run(commits.delete_large, site_of(request), actor, repo, body.deletions.sha)
    return {"rewroteHistory": False, "message": str(HISTORY_STAYS)}


@router.post("/duplicate")
@requires(Permission.READ_REPO)
async def share_large_files(
    request: Request, actor: ActorDep, repo: RepoDep, body: ShareRequest
) -> dict[str, Any]:
    """Source: HfApi.duplicate_lfs_files: the address is the source's, the body names the target."""
    failed = await LONG_READS.run(
        duplication.share,
        site_of(request),
        actor,
        repo,
        (body.target.type, body.target.name),
        [file.sha256 for file in body.files],
    )
    return {"failed": [{"sha256": sha256, "error": str(e)} for sha256, e in failed.items()]}


def _shape(file: LargeFile) -> dict[str, Any]:
    return {
        "fileOid": file.sha256,
        "filename": file.path,
        "oid": file.sha256,
        "pushedAt": wire_time(file.arrived_at),
        "ref": file.ref,
        "size": file.size_bytes,
    }

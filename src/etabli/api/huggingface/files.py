"""Files: what is in a folder, and the bytes."""

import hashlib
import re
from collections.abc import Awaitable, Iterator, Sequence
from typing import Any
from urllib.parse import parse_qs, quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from etabli.api.huggingface.addresses import api_path, next_page, revision_and_path
from etabli.api.huggingface.errors import present_error
from etabli.api.huggingface.file_headers import content_headers
from etabli.api.huggingface.schemas import MAX_PATHS_ASKED, PathsRequest, tree_entry
from etabli.api.pulling import respond_pulling
from etabli.features.accounts import Permission
from etabli.features.git import Entry, EntryNotFoundError, Snapshot
from etabli.features.repos import Repo, RepoType
from etabli.http import HubDep, RepoDep, make_router, public_url, requires, site_of
from etabli.http.file_responses import Download, download_of, is_from_the_start, respond
from etabli.hub import Hub
from etabli.operations import pulled_files
from etabli.pools import LONG_READS, READS, Pool

ENTRIES_ON_A_PAGE = 1000
ENTRIES_WITH_COMMITS_ON_A_PAGE = 50
STAND_FOR_ALL = (
    "config.json",
    "model_index.json",
    "adapter_config.json",
    "config.yaml",
    "hyperparams.yaml",
    "meta.yaml",
)
"""Of a model, the first that is there: its download counts as one of the model."""

_FULL_SHA = re.compile(r"[0-9a-f]{40}")

router = make_router(present_error, max_body_size=16_000_000)
_API = "/api/{plural:plural}/{namespace}/{name}"


@router.get(_API + "/tree/{rest:path}")
@requires(Permission.SEE_REPO)
async def list_tree(request: Request, repo: RepoDep) -> JSONResponse:
    """Source: HfApi.list_repo_tree. The next page is of the same commit."""
    expand = _is_true(request.query_params.get("expand"))
    return await _pool(expand=expand).run(_list_tree, request, repo, expand)


def _list_tree(request: Request, repo: Repo, expand: bool) -> JSONResponse:
    query = request.query_params
    recursive = _is_true(query.get("recursive"))
    revision, path = revision_and_path(request)
    size = ENTRIES_WITH_COMMITS_ON_A_PAGE if expand else ENTRIES_ON_A_PAGE
    start = _number(query.get("cursor"))
    end = start + size
    with site_of(request).read_hub() as hub:
        snapshot = hub.repos.snapshot(repo, revision)
        found = snapshot.page(path.strip("/"), start, end + 1, recursive=recursive)
        headers = {"X-Repo-Commit": snapshot.commit_sha}
        if len(found) > size:
            address = f"{api_path(repo)}/tree/{snapshot.commit_sha}/{quote(path, safe='')}"
            headers |= next_page(request, address.rstrip("/"), cursor=str(end))
        return JSONResponse(
            _shapes(hub, repo, snapshot, found[:size], expand=expand), headers=headers
        )


@router.post(_API + "/paths-info/{revision:path}")
@requires(Permission.SEE_REPO)
async def paths_info(request: Request, repo: RepoDep, revision: str) -> JSONResponse:
    """Source: HfApi.get_paths_info sends a form; other clients send JSON. Unknown paths are left
    out."""
    paths, expand = await _asked_paths(request)
    return await _pool(expand=expand).run(_paths_info, request, repo, revision, paths, expand)


def _pool(*, expand: bool) -> Pool:
    """Which commit touched a file last is looked for in the history, and that may take seconds."""
    return LONG_READS if expand else READS


def _paths_info(
    request: Request, repo: Repo, revision: str, paths: Sequence[str], expand: bool
) -> JSONResponse:
    with site_of(request).read_hub() as hub:
        snapshot = hub.repos.snapshot(repo, revision)
        found = [snapshot.find(path.rstrip("/")) for path in paths]
        entries = [entry for entry in found if entry is not None]
        return JSONResponse(_shapes(hub, repo, snapshot, entries, expand=expand))


def resolve(request: Request, hub: HubDep, repo: RepoDep) -> Response | Awaitable[Response]:
    """One file's bytes, or only its headers. This is the busiest address.

    Source: get_hf_file_metadata and http_get in huggingface_hub/file_download.py.
    """
    revision, path = revision_and_path(request)
    snapshot = hub.repos.snapshot(repo, revision)
    entry = snapshot.get(path)
    headers = _headers(request, repo, revision, snapshot, entry)
    _count(request, repo, snapshot, path)
    if entry.large is not None:
        return _resolve_large(request, hub, repo, entry, snapshot.commit_sha, headers)

    def pieces(sent: range) -> Iterator[bytes]:
        return snapshot.pieces(entry, sent.start, sent.stop)

    return respond(request, Download(entry.size_bytes, pieces), headers)


def raw(request: Request, hub: HubDep, repo: RepoDep) -> Response:
    """A file as git keeps it: of a large one, the pointer. For people, in a browser."""
    revision, path = revision_and_path(request)
    snapshot = hub.repos.snapshot(repo, revision)
    entry = snapshot.get(path)
    headers = _headers(request, repo, revision, snapshot, entry)
    content = snapshot.as_in_git(entry)

    def pieces(sent: range) -> Iterator[bytes]:
        return iter([content[sent.start : sent.stop]])

    return respond(request, Download(len(content), pieces), headers)


def _resolve_large(
    request: Request, hub: Hub, repo: Repo, entry: Entry, commit_sha: str, headers: dict[str, str]
) -> Response | Awaitable[Response]:
    """Source: a redirect to another origin carries the metadata itself (get_hf_file_metadata)."""
    assert entry.large is not None  # noqa: S101
    headers |= {
        "ETag": f'"{entry.large.sha256}"',
        "X-Linked-ETag": f'"{entry.large.sha256}"',
        "X-Linked-Size": str(entry.large.size_bytes),
    }
    may_go_on = not (repo.is_mirror and hub.federation.is_tainted(entry.large.sha256))
    wanted = pulled_files.find_wanted(hub, repo, entry.large, entry.path, commit_sha)
    if wanted is not None:  # it has no Xet hash yet: clients then take the plain way
        return respond_pulling(request, wanted, headers, may_go_on=may_go_on)
    if not hub.repos.has_blob(repo, entry.large.sha256):
        raise EntryNotFoundError(entry.path, commit_sha)
    blob = hub.blobs.get(entry.large.sha256)
    if repo.is_mirror:
        site_of(request).usage.count_mirrored(repo.key, blob.sha256)
    if blob.file_hash is not None:
        headers |= {
            "X-Xet-Hash": blob.file_hash,
            "Link": f'<{_read_token_url(request, repo, commit_sha)}>; rel="xet-auth"',
        }
    elsewhere = hub.blobs.redirect_url(blob, entry.name)
    if elsewhere is not None:
        return Response(status_code=302, headers={**headers, "Location": elsewhere})

    return respond(request, download_of(hub.blobs, blob, may_go_on=may_go_on), headers)


def _read_token_url(request: Request, repo: Repo, commit_sha: str) -> str:
    return f"{public_url(request)}{api_path(repo)}/xet-read-token/{commit_sha}"


def _count(request: Request, repo: Repo, snapshot: Snapshot, path: str) -> None:
    counts = request.headers.get("x-hf-download-counter", "1") == "1"
    if not counts or not is_from_the_start(request) or not request.app.state.counts_downloads:
        return
    whole = _standing_for_all(repo, snapshot, path)
    if whole is None:
        site_of(request).usage.count_download(repo.key, _client(request))
    elif whole == path:
        site_of(request).usage.count_download(repo.key)


def _standing_for_all(repo: Repo, snapshot: Snapshot, path: str) -> str | None:
    """The file that whoever fetches a model fetches once, if it has such a file.

    Source: huggingface.co/docs/hub/models-download-stats.
    """
    if repo.type is not RepoType.MODEL:
        return None
    if path == STAND_FOR_ALL[0]:
        return path
    return next((name for name in STAND_FOR_ALL if snapshot.find(name) is not None), None)


def _client(request: Request) -> str:
    """As much as there is to tell two apart, in one process and until it ends."""
    told = (request.headers.get(name, "") for name in ("authorization", "user-agent", "cookie"))
    address = request.client.host if request.client else ""
    return hashlib.sha256("\n".join((address, *told)).encode()).hexdigest()


for _prefix in ("", "/datasets", "/spaces"):
    for _verb, _endpoint in (("resolve", resolve), ("raw", raw)):
        router.add_api_route(
            f"{_prefix}/{{namespace}}/{{name}}/{_verb}/{{rest:path}}",
            requires(Permission.READ_REPO)(_endpoint),
            methods=["GET", "HEAD"],
            response_model=None,
        )


def _headers(
    request: Request, repo: Repo, revision: str, snapshot: Snapshot, entry: Entry
) -> dict[str, str]:
    return {
        **content_headers(entry.name, shown="download" not in request.query_params),
        "X-Repo-Commit": snapshot.commit_sha,
        "ETag": f'"{entry.sha}"',
        "Cache-Control": _caching(repo, revision),
    }


def _caching(repo: Repo, revision: str) -> str:
    """A commit never changes. Who may read what is private is asked each time."""
    if repo.private:
        return "private, no-cache"
    if _FULL_SHA.fullmatch(revision):
        return "public, max-age=31536000, immutable"
    return "no-cache"


async def _asked_paths(request: Request) -> tuple[list[str], bool]:
    body = await request.body()
    if "json" in request.headers.get("content-type", ""):
        try:
            asked = PathsRequest.model_validate_json(body)
        except ValidationError as error:
            raise RequestValidationError(error.errors()) from error
        return asked.paths[:MAX_PATHS_ASKED], bool(asked.expand)
    form = parse_qs(body.decode(errors="replace"), keep_blank_values=True)
    return form.get("paths", [])[:MAX_PATHS_ASKED], _is_true(form.get("expand", [""])[0])


def _shapes(
    hub: Hub, repo: Repo, snapshot: Snapshot, entries: Sequence[Entry], *, expand: bool
) -> list[dict[str, Any]]:
    commits = snapshot.last_commits(entries) if expand else {}
    named = [entry.large.sha256 for entry in entries if entry.large]
    if repo.is_mirror:  # what is not here yet has no Xet hash, whoever else holds it
        named = list(hub.blobs.holdings.held_among(repo.holder, named))
    blobs = hub.blobs.find_many(named)
    return [
        tree_entry(
            entry,
            commits.get(entry.path),
            blobs.get(entry.large.sha256) if entry.large else None,
        )
        for entry in entries
    ]


def _is_true(flag: str | None) -> bool:
    return (flag or "").lower() in ("true", "1")


def _number(given: str | None) -> int:
    return int(given) if given and given.isdecimal() and len(given) < 10 else 0

"""What a client reads: plans of files, and the bytes that they name."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from etabli.api.cas_tokens import holding_of_token
from etabli.api.xet.byteranges import FileParts
from etabli.api.xet.errors import (
    PastTheEndError,
    RangeNeededError,
    TooManyRunsError,
    present_error,
)
from etabli.features.accounts import Permission
from etabli.features.blobs import (
    Blob,
    BlobNotFoundError,
    LostBytesError,
    Reconstruction,
    XorbRange,
    hash_name,
)
from etabli.http import claims_of, make_router, requires, sign_address, site_of
from etabli.hub import Hub
from etabli.site import Site

LIFETIME = timedelta(hours=1)
RANGES_IN_AN_ADDRESS = 64
"""An address names its ranges, and must stay one that every proxy takes."""
MAX_FILES = 1000
MAX_RUNS = 200_000
"""In one answer about several files: as many as one file may have, and 40 MB of JSON."""

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")
_RANGES = re.compile(r"bytes=\s*\d{1,18}-\d{1,18}(?:\s*,\s*\d{1,18}-\d{1,18})*")

router = make_router(present_error, prefix="/cas/{epoch}")


@router.get("/v2/reconstructions/{file_hash}")
@requires(Permission.CAS_READ)
def plan_v2(request: Request, file_hash: str) -> JSONResponse:
    """Source: `QueryReconstructionResponseV2` in cas_types of huggingface/xet-core."""
    plan = _asked_plan(request, file_hash)
    xorbs = {
        hash_name(xorb): [_entry_v2(request, some) for some in _batches(site_of(request), runs)]
        for xorb, runs in plan.by_xorb().items()
    }
    return JSONResponse({**_terms(plan), "xorbs": xorbs})


@requires(Permission.CAS_READ)
def plan_v1(request: Request, file_hash: str) -> JSONResponse:
    """Source: `QueryReconstructionResponse` there. Clients ask on until it is a 416."""
    plan = _asked_plan(request, file_hash)
    return JSONResponse({**_terms(plan), "fetch_info": _fetch_info(request, [plan])})


@requires(Permission.CAS_READ)
def plan_many(request: Request) -> JSONResponse:
    """Source: `BatchQueryReconstructionResponse` there."""
    names = request.query_params.getlist("file_id")[:MAX_FILES]
    with site_of(request).read_hub() as hub:
        plans = _plans(hub, {name: _blob(hub, request, name) for name in names})
    return JSONResponse(
        {
            "files": {name: _terms(plan)["terms"] for name, plan in plans.items()},
            "fetch_info": _fetch_info(request, plans.values()),
        }
    )


def _plans(hub: Hub, blobs: Mapping[str, Blob]) -> Mapping[str, Reconstruction]:
    """
    Raises:
        TooManyRunsError: they are in more parts than one answer may have.
    """
    plans, left = {}, MAX_RUNS
    for name, blob in blobs.items():
        plans[name] = hub.blobs.chunked.plan(blob)
        left -= len(plans[name].runs)
        if left < 0:
            raise TooManyRunsError
    return plans


for _version in ("", "/v1"):
    router.add_api_route(_version + "/reconstructions", plan_many, methods=["GET"])
    router.add_api_route(_version + "/reconstructions/{file_hash}", plan_v1, methods=["GET"])
router.add_api_route("/reconstruction/{file_hash}", plan_v1, methods=["GET"])  # see `sending.py`


@router.head("/v1/files/{file_hash}")
@requires(Permission.CAS_READ)
def find_file(request: Request, file_hash: str) -> Response:
    with site_of(request).read_hub() as hub:
        blob = _blob(hub, request, file_hash)
    return Response(headers={"Content-Length": str(blob.size_bytes)})


@router.api_route("/data/{name}", methods=["GET", "HEAD"])
@requires(Permission.SIGNED_ADDRESS)
def read_xorb(request: Request, name: str) -> Response:
    """Some ranges of a stored xorb: those in the signed address, each or all, and no other."""
    claims = claims_of(request)
    allowed = [range(start, end) for start, end in claims["ranges"]]
    asked = list(_asked_ranges(request.headers.get("range", "")))
    if not asked or not _is_at_most(asked, allowed):
        raise RangeNeededError
    path = site_of(request).backends.blobs.local_path(claims["key"])
    if path is None or not path.exists():
        raise LostBytesError(claims["key"])
    return FileParts(path, asked, head=request.method == "HEAD")


def _asked_plan(request: Request, file_hash: str) -> Reconstruction:
    """
    Raises:
        BlobNotFoundError: what the token is for holds no such file.
        PastTheEndError: it is asked from beyond its end.
    """
    with site_of(request).read_hub() as hub:
        blob = _blob(hub, request, file_hash)
        asked = _RANGE.fullmatch(request.headers.get("range", ""))
        start = int(asked[1]) if asked else 0
        end = min(int(asked[2]) + 1, blob.size_bytes) if asked and asked[2] else blob.size_bytes
        if start >= blob.size_bytes or end <= start:
            raise PastTheEndError(blob.size_bytes)
        return hub.blobs.chunked.plan(blob, start, end)


def _blob(hub: Hub, request: Request, file_hash: str) -> Blob:
    """The file of that hash, if what the token is for holds it: a hash is no right to read."""
    holding = holding_of_token(request, hub, Permission.READ_REPO)
    blob = hub.blobs.chunked.get_by_file_hash(file_hash)
    if not hub.blobs.holdings.holds(holding.holder, blob.sha256):
        raise BlobNotFoundError(file_hash)
    return blob


def _terms(plan: Reconstruction) -> dict[str, Any]:
    return {
        "offset_into_first_range": plan.skipped_bytes,
        "terms": [
            {
                "hash": hash_name(run.xorb),
                "unpacked_length": run.raw_bytes,
                "range": _bounds(run.chunks),
            }
            for run in plan.runs
        ],
    }


def _batches(site: Site, runs: Sequence[XorbRange]) -> Iterator[Sequence[XorbRange]]:
    """What goes under one address: S3 signs one range at a time, the hub itself many."""
    size = RANGES_IN_AN_ADDRESS if _is_local(site, runs[0]) else 1
    for start in range(0, len(runs), size):
        yield runs[start : start + size]


def _is_local(site: Site, run: XorbRange) -> bool:
    return site.backends.blobs.local_path(run.key) is not None


def _entry_v2(request: Request, runs: Sequence[XorbRange]) -> dict[str, Any]:
    ranges = [{"chunks": _bounds(run.chunks), "bytes": _inclusive(run.stored)} for run in runs]
    return {"url": _address(request, runs), "ranges": ranges}


def _fetch_info(request: Request, plans: Iterable[Reconstruction]) -> dict[str, Any]:
    info: dict[str, list[Any]] = {}
    for plan in plans:
        for xorb, runs in plan.by_xorb().items():
            info.setdefault(hash_name(xorb), []).extend(
                {
                    "range": _bounds(run.chunks),
                    "url": _address(request, [run]),
                    "url_range": _inclusive(run.stored),
                }
                for run in runs
            )
    return info


def _address(request: Request, runs: Sequence[XorbRange]) -> str:
    """Good for exactly these ranges: the rest of the xorb may be of somebody's private file."""
    first = runs[0]
    outside = site_of(request).backends.blobs.url(first.key, LIFETIME, span=first.stored)
    if outside is not None:
        return outside
    ranges = [[run.stored.start, run.stored.stop] for run in runs]
    path = f"/cas/{request.path_params['epoch']}/data/{hash_name(first.xorb)}"
    return sign_address(request, "GET", path, {"key": first.key, "ranges": ranges}, LIFETIME)


def _bounds(span: range) -> Mapping[str, int]:
    return {"start": span.start, "end": span.stop}


def _inclusive(span: range) -> Mapping[str, int]:
    return {"start": span.start, "end": span.stop - 1}


def _asked_ranges(header: str) -> Iterator[range]:
    if _RANGES.fullmatch(header):
        for part in header.removeprefix("bytes=").split(","):
            first, _, last = part.strip().partition("-")
            yield range(int(first), int(last) + 1)


def _is_at_most(asked: Sequence[range], allowed: Sequence[range]) -> bool:
    """Whether these are parts of what is allowed, and none of it is asked for again and again."""
    return (
        len(asked) <= len(allowed)
        and sum(map(len, asked)) <= sum(map(len, allowed))
        and all(_is_inside(span, allowed) for span in asked)
    )


def _is_inside(span: range, allowed: Sequence[range]) -> bool:
    return len(span) > 0 and any(
        one.start <= span.start and span.stop <= one.stop for one in allowed
    )

"""Cloning and fetching."""

import re

from fastapi import Request, Response

from etabli.api.git.errors import RequestTooLargeError, UnknownServiceError, present_error
from etabli.api.git.process import UploadPack
from etabli.api.git.pushing import advertise
from etabli.api.git.request_body import read_body
from etabli.features.accounts import Permission
from etabli.http import ActorDep, RepoDep, make_router, requires, site_of
from etabli.operations import refs
from etabli.pools import READS

MAX_MB = 32
_PROTOCOL = re.compile(r"version=[0-2]")
_SERVICE_LINE = b"001e# service=git-upload-pack\n0000"

router = make_router(present_error, max_body_size=MAX_MB * 1_000_000)


async def discover(request: Request, actor: ActorDep, repo: RepoDep) -> Response:
    """What can be fetched, or pushed to. Source: `get_info_refs` in http-backend.c."""
    service = request.query_params.get("service")
    if service == "git-receive-pack":
        return await READS.run(advertise, request, actor, repo)
    if service != "git-upload-pack":
        raise UnknownServiceError
    protocol = _protocol(request)
    await READS.run(refs.derive_refs, site_of(request), repo.key)
    return UploadPack(
        site_of(request).backends.git.path(repo.key),
        ["--advertise-refs"],
        protocol=protocol,
        preamble=b"" if protocol == "version=2" else _SERVICE_LINE,
        headers={"Content-Type": "application/x-git-upload-pack-advertisement"},
    )


async def fetch(request: Request, repo: RepoDep) -> Response:
    """One round of a fetch. Source: `service_rpc` in http-backend.c."""
    site = site_of(request)
    body = await read_body(request, MAX_MB, RequestTooLargeError(MAX_MB))
    await READS.run(refs.derive_refs, site, repo.key)
    return UploadPack(
        site.backends.git.path(repo.key),
        protocol=_protocol(request),
        body=body,
        headers={"Content-Type": "application/x-git-upload-pack-result"},
    )


for _prefix in ("", "/datasets", "/spaces"):
    for _method, _path, _endpoint in (
        ("GET", "info/refs", discover),
        ("POST", "git-upload-pack", fetch),
    ):
        router.add_api_route(
            f"{_prefix}/{{namespace}}/{{name}}/{_path}",
            requires(Permission.READ_REPO)(_endpoint),
            methods=[_method],
            response_model=None,
            max_body_size=2 * MAX_MB * 1_000_000,  # `read_body` refuses it before, in our words
        )


def _protocol(request: Request) -> str:
    """The version that the client asks for, and nothing else of what it says: it goes into the
    environment of a process."""
    found = _PROTOCOL.search(request.headers.get("git-protocol", ""))
    return found[0] if found else "version=0"

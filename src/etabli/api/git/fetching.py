"""Cloning and fetching."""

import re
import tempfile
import zlib
from contextlib import ExitStack
from typing import IO

import anyio.to_thread
from fastapi import Request, Response
from starlette.requests import ClientDisconnect

from etabli.api.git.errors import (
    PushNotServedError,
    RequestTooLargeError,
    UnknownServiceError,
    UnreadableRequestError,
    present_error,
)
from etabli.api.git.process import UploadPack
from etabli.features.accounts import Permission
from etabli.http import RepoDep, door, needs, site_of
from etabli.hub import Site

MOST_MB = 32
_PROTOCOL = re.compile(r"version=[0-2]")
_SERVICE_LINE = b"001e# service=git-upload-pack\n0000"

router = door(present_error, max_body_size=MOST_MB * 1_000_000)


async def discover(request: Request, repo: RepoDep) -> Response:
    """What can be fetched. Source: `get_info_refs` in http-backend.c."""
    service = request.query_params.get("service")
    if service == "git-receive-pack":
        raise PushNotServedError
    if service != "git-upload-pack":
        raise UnknownServiceError
    protocol = _protocol(request)
    await anyio.to_thread.run_sync(site_of(request).derive_refs, repo.key)
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
    body = await _read(request, site)
    await anyio.to_thread.run_sync(site.derive_refs, repo.key)
    return UploadPack(
        site.backends.git.path(repo.key),
        protocol=_protocol(request),
        body=body,
        headers={"Content-Type": "application/x-git-upload-pack-result"},
    )


async def push(request: Request) -> Response:
    raise PushNotServedError


for _prefix in ("", "/datasets", "/spaces"):
    for _method, _path, _endpoint in (
        ("GET", "info/refs", discover),
        ("POST", "git-upload-pack", fetch),
        ("POST", "git-receive-pack", push),
    ):
        router.add_api_route(
            f"{_prefix}/{{namespace}}/{{name}}/{_path}",
            needs(Permission.READ_REPO)(_endpoint),
            methods=[_method],
            response_model=None,
            max_body_size=2 * MOST_MB * 1_000_000,  # `_unpack` refuses it before, in our words
        )


def _protocol(request: Request) -> str:
    """The version that the client asks for, and nothing else of what it says: it goes into the
    environment of a process."""
    found = _PROTOCOL.search(request.headers.get("git-protocol", ""))
    return found[0] if found else "version=0"


async def _read(request: Request, site: Site) -> IO[bytes]:
    """The whole request, unpacked, in a file for the process to read.

    Raises:
        RequestTooLargeError: packed or not, it is more than a fetch can need.
    """
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile(dir=site.settings.data_dir))
        await _unpack(request, file)
        file.seek(0)
        stack.pop_all()  # whoever takes it closes it
        return file


async def _unpack(request: Request, file: IO[bytes]) -> None:
    most_bytes = MOST_MB * 1_000_000
    is_packed = request.headers.get("content-encoding") in ("gzip", "x-gzip")
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if is_packed else None
    received_bytes = 0
    try:
        async for piece in request.stream():
            received_bytes += len(piece)
            if unpacker is not None:
                piece = unpacker.decompress(piece, most_bytes - file.tell() + 1)
            if max(received_bytes, file.tell() + len(piece)) > most_bytes:
                raise RequestTooLargeError(MOST_MB)
            file.write(piece)
    except (zlib.error, ClientDisconnect) as error:
        raise UnreadableRequestError from error

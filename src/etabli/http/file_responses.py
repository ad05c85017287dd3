"""Bytes on their way out: which of them are asked for, and how they leave."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool
from starlette.types import Receive, Scope, Send

from etabli.features.blobs import Blob, Blobs, Extent, LostBytesError
from etabli.foundation.errors import UnavailableError
from etabli.foundation.i18n.messages import msg

SEND_FILE = "etabli.send_file"
"""In a request's scope, where the server offers it: has the kernel send parts of a file."""

CARRY = "etabli.carry"
"""In a request's scope, where another process can answer it instead: has it do so, and says whether
it does. For what has not been answered even in part."""

MANY_BYTES = 1_000_000
MANY_BYTES_FOR_THE_KERNEL = 16_000_000
"""From where a span is worth another process when all that there is to do is to have it sent."""
ONE_ANSWER_BYTES = 256_000
"""Up to here a file leaves as one answer, read where it was looked up; beyond, as a stream."""
PIECE_BYTES = 1 << 20
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_MAX_DIGITS = 18


class CarrierDownError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(msg("This hub cannot send large files just now. Try again in a moment."))


def asked_span(request: Request, etag: str, size_bytes: int) -> range | None:
    """The bytes asked for; empty when there are none such, None when the whole file is meant.

    Source: RFC 9110, section 14: what is not understood, several ranges too, is ignored.
    """
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or request.headers.get("if-range", etag) != etag:
        return None
    first, last = asked[1], asked[2]
    if max(len(first), len(last)) > _MAX_DIGITS or (first and last and int(last) < int(first)):
        return None
    if first:
        end = min(int(last) + 1, size_bytes) if last else size_bytes
        return range(int(first), end)
    return range(max(size_bytes - int(last), 0), size_bytes) if last else None


def is_known(request: Request, etag: str) -> bool:
    given = request.headers.get("if-none-match", "")
    known = {value.strip().removeprefix("W/") for value in given.split(",")}
    return etag in known or "*" in known


@dataclass(frozen=True)
class Download:
    """One file on its way out."""

    size_bytes: int
    pieces: Callable[[range], Iterator[bytes | Extent]]
    """The bytes of a span, or where they lie: what the unit of work that found them is not needed
    for any more."""
    is_light: bool = True
    """Whether to send it takes little more than the kernel does."""
    may_go_on: bool = True
    """Whether who has its beginning may get the rest of it. Otherwise they get all of it again."""


def download_of(blobs: Blobs, blob: Blob, *, may_go_on: bool = True) -> Download:
    """A large file; `respond` within the unit of work that `blobs` is of.

    Raises:
        LostBytesError: this hub has lost its bytes.
    """
    blobs.require_readable(blob)

    def pieces(sent: range) -> Iterator[bytes | Extent]:
        return blobs.stretches(blob, sent.start, sent.stop)

    is_light = blobs.local_path(blob) is not None
    return Download(blob.size_bytes, pieces, is_light, may_go_on)


def respond(request: Request, download: Download, headers: Mapping[str, str]) -> Response:
    """The file, or the part of it that is asked for; to HEAD, what its headers say.

    Args:
        headers: with the file's `ETag`.
    """
    planned = plan(request, download.size_bytes, headers, may_go_on=download.may_go_on)
    if isinstance(planned, Response):
        return planned
    sent, status, said = planned
    if len(sent) <= ONE_ANSWER_BYTES:
        content = b"".join(piece for found in download.pieces(sent) for piece in _cut(found))
        return Response(content, status, said)
    many_bytes = MANY_BYTES_FOR_THE_KERNEL if download.is_light else MANY_BYTES
    if len(sent) >= many_bytes and CARRY in request.scope:
        return Elsewhere()
    return _Sent(download.pieces(sent), status, said)


class Planned(NamedTuple):
    """What an answer is to be, but for its bytes."""

    sent: range
    status: int
    headers: Mapping[str, str]


def plan(
    request: Request, size_bytes: int, headers: Mapping[str, str], *, may_go_on: bool = True
) -> Planned | Response:
    """Which bytes of a file are asked for; or the answer, where it needs none.

    Args:
        headers, may_go_on: as for `respond`.
    """
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=dict(headers))
    span = asked_span(request, headers["ETag"], size_bytes)
    if span and span.start and span.stop == size_bytes and not may_go_on:
        span = None
    if span is not None and not span:
        refusal = {**headers, "Content-Range": f"bytes */{size_bytes}"}
        return Response(status_code=416, headers=refusal)
    sent = range(size_bytes) if span is None else span
    said = {**headers, "Accept-Ranges": "bytes", "Content-Length": str(len(sent))}
    if span is not None:
        said["Content-Range"] = f"bytes {sent.start}-{sent.stop - 1}/{size_bytes}"
    status = 200 if span is None else 206
    if request.method == "HEAD":
        return Response(status_code=status, headers=said)
    return Planned(sent, status, said)


class Elsewhere(Response):
    """What another process answers."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not scope[CARRY]():
            raise CarrierDownError


class _Sent(StreamingResponse):
    """Bytes as they come, and by the kernel what lies in a file, where the server offers that."""

    def __init__(
        self, pieces: Iterator[bytes | Extent], status: int, headers: Mapping[str, str]
    ) -> None:
        super().__init__((), status, headers)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._by_kernel = scope.get(SEND_FILE)
        with suppress(ConnectionError):  # whoever has gone needs no more of it
            await super().__call__(scope, receive, send)

    async def stream_response(self, send: Send) -> None:
        head = {"status": self.status_code, "headers": self.raw_headers}
        await send({"type": "http.response.start", **head})
        async for piece in iterate_in_threadpool(self._pieces):
            if isinstance(piece, Extent) and self._by_kernel is not None:
                with piece.path.open("rb", buffering=0) as file:
                    await self._by_kernel(file.fileno(), piece.spans)
                continue
            async for data in iterate_in_threadpool(_cut(piece)):
                await send({"type": "http.response.body", "body": data, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def is_from_the_start(request: Request) -> bool:
    """Whether this is a download that begins, and no later part of one."""
    return request.method == "GET" and not re.match(
        r"bytes=(0*[1-9]|-)", request.headers.get("range", "")
    )


def _cut(piece: bytes | Extent) -> Iterator[bytes]:
    """Bytes that do not fill the memory while they wait for the network."""
    if isinstance(piece, Extent):
        yield from _read(piece)
    elif len(piece) < 2 * PIECE_BYTES:
        yield piece  # as it is: to cut is to copy
    else:
        view = memoryview(piece)
        for start in range(0, len(view), PIECE_BYTES):
            yield bytes(view[start : start + PIECE_BYTES])


def _read(stretch: Extent) -> Iterator[bytes]:
    with stretch.path.open("rb", buffering=0) as file:
        for span in stretch.spans:
            for start in range(span.start, span.stop, PIECE_BYTES):
                size = min(PIECE_BYTES, span.stop - start)
                piece = os.pread(file.fileno(), size, start)
                if len(piece) < size:
                    raise LostBytesError(stretch.path.name)
                yield piece

"""Bytes on their way out: which of them are asked for, and how they leave."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

SEND_FILE = "etabli.send_file"
"""In a request's scope, where the server offers it: has the kernel send a part of a file."""

CARRY = "etabli.carry"
"""In a request's scope, where another process can answer it instead: has it do so, and says whether
it does. For what has not been answered even in part."""

MANY_BYTES = 1_000_000
PIECE_BYTES = 1 << 20
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_MOST_DIGITS = 18


def asked_span(request: Request, etag: str, size_bytes: int) -> range | None:
    """The bytes asked for; empty when there are none such, None when the whole file is meant.

    Source: RFC 9110, section 14: what is not understood, several ranges too, is ignored.
    """
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None or request.headers.get("if-range", etag) != etag:
        return None
    first, last = asked[1], asked[2]
    if max(len(first), len(last)) > _MOST_DIGITS or (first and last and int(last) < int(first)):
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
    pieces: Callable[[range], Iterator[bytes]]
    """The bytes of a span: what the unit of work that found them is not needed for any more."""
    path: Path | None = None
    """Where all of them lie on this machine, in one piece."""


def respond(request: Request, download: Download, headers: Mapping[str, str]) -> Response:
    """The file, or the part of it that is asked for; to HEAD, what its headers say.

    Args:
        headers: with the file's `ETag`.
    """
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=dict(headers))
    size_bytes = download.size_bytes
    span = asked_span(request, headers["ETag"], size_bytes)
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
    if download.path is not None and SEND_FILE in request.scope:
        return _ByKernel(download.path, sent, status, said)
    return _Unpacked(_cut(download.pieces(sent)), status, said)


class _Unpacked(StreamingResponse):
    """Bytes that pass through Python: many of them do elsewhere, if there is an elsewhere."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        carry = scope.get(CARRY)
        if carry and int(self.headers["Content-Length"]) >= MANY_BYTES and carry():
            return
        await super().__call__(scope, receive, send)


class _ByKernel(Response):
    """A part of a file, which never comes through this process."""

    def __init__(self, path: Path, sent: range, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(status_code=status, headers=dict(headers))
        self._path, self._sent = path, sent

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._path.open("rb", buffering=0) as file:
            head = {"status": self.status_code, "headers": self.raw_headers}
            await send({"type": "http.response.start", **head})
            with suppress(ConnectionError):  # whoever has gone needs no more of it
                await scope[SEND_FILE](file.fileno(), self._sent.start, self._sent.stop)
                await send({"type": "http.response.body", "body": b"", "more_body": False})


def is_from_the_start(request: Request) -> bool:
    """Whether this is a download that begins, and no later part of one."""
    return request.method == "GET" and not re.match(
        r"bytes=(0*[1-9]|-)", request.headers.get("range", "")
    )


def _cut(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes, in pieces that do not fill the memory while they wait for the network."""
    for piece in pieces:
        if len(piece) < 2 * PIECE_BYTES:
            yield piece  # as it is: to cut is to copy
            continue
        view = memoryview(piece)
        for start in range(0, len(view), PIECE_BYTES):
            yield bytes(view[start : start + PIECE_BYTES])

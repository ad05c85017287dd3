"""Parts of a file on this machine, sent a little at a time."""

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from fastapi import Response
from starlette.types import Receive, Scope, Send

from etabli.http.file_responses import SEND_FILE
from etabli.pools import PIECES

SENT_BYTES = 256 * 1024
"""At once: the loop serves nobody else while the system takes them over."""


class FileParts(Response):
    """One range as it is; several as `multipart/byteranges`. Source: RFC 9110, 14.6."""

    def __init__(self, path: Path, spans: Sequence[range], *, head: bool) -> None:
        size_bytes = path.stat().st_size
        self._path, self._spans, self._head = path, spans, head
        self._before = [b""]
        self._after = b""
        headers = {"Accept-Ranges": "bytes", "Cache-Control": "private, max-age=3600"}
        if len(spans) == 1:
            headers["Content-Type"] = "application/octet-stream"
            headers["Content-Range"] = _content_range(spans[0], size_bytes)
        else:
            boundary = uuid4().hex
            headers["Content-Type"] = f"multipart/byteranges; boundary={boundary}"
            self._before = [_part_head(boundary, span, size_bytes) for span in spans]
            self._after = f"\r\n--{boundary}--\r\n".encode()
        length = sum(map(len, spans)) + sum(map(len, self._before)) + len(self._after)
        headers["Content-Length"] = str(length)
        super().__init__(status_code=206, headers=headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": 206, "headers": self.raw_headers}
        await send(start)
        if not self._head:
            number = os.open(self._path, os.O_RDONLY)
            try:
                with suppress(ConnectionError):  # whoever has gone needs no more of it
                    await self._send_parts(number, scope, send)
            finally:
                os.close(number)
        await send({"type": "http.response.body", "body": self._after, "more_body": False})

    async def _send_parts(self, number: int, scope: Scope, send: Send) -> None:
        by_kernel = scope.get(SEND_FILE)
        for before, span in zip(self._before, self._spans, strict=True):
            if before:
                await send({"type": "http.response.body", "body": before, "more_body": True})
            if by_kernel is not None:
                await by_kernel(number, [span])
                continue
            for at in range(span.start, span.stop, SENT_BYTES):
                size = min(SENT_BYTES, span.stop - at)
                piece = await PIECES.run(os.pread, number, size, at)
                await send({"type": "http.response.body", "body": piece, "more_body": True})


def _content_range(span: range, size_bytes: int) -> str:
    return f"bytes {span.start}-{span.stop - 1}/{size_bytes}"


def _part_head(boundary: str, span: range, size_bytes: int) -> bytes:
    return (
        f"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\n"
        f"Content-Range: {_content_range(span, size_bytes)}\r\n\r\n"
    ).encode()

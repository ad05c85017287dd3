"""What git sends: received whole, in a file, before anything is answered."""

import tempfile
import zlib
from contextlib import ExitStack
from typing import IO

from fastapi import Request
from starlette.requests import ClientDisconnect

from etabli.api.git.errors import UnreadableRequestError
from etabli.foundation.durable_files import full_disk_named
from etabli.foundation.errors import EtabliError
from etabli.http import site_of


async def read_body(request: Request, most_mb: int, too_large: EtabliError) -> IO[bytes]:
    """The whole request, unpacked, in a file that whoever takes it closes.

    Raises:
        too_large: packed or not, it is over the limit.
        UnreadableRequestError: it was cut, or is not packed as it says.
    """
    with ExitStack() as stack:
        folder = site_of(request).settings.data_dir
        file = stack.enter_context(tempfile.TemporaryFile(dir=folder))
        with full_disk_named():
            await _unpack(request, file, most_mb * 1_000_000, too_large)
            file.seek(0)
        stack.pop_all()
        return file


async def _unpack(
    request: Request, file: IO[bytes], most_bytes: int, too_large: EtabliError
) -> None:
    is_packed = request.headers.get("content-encoding") in ("gzip", "x-gzip")
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS) if is_packed else None
    received_bytes = written_bytes = 0
    try:
        async for piece in request.stream():
            received_bytes += len(piece)
            if unpacker is not None:
                piece = unpacker.decompress(piece, most_bytes - written_bytes + 1)
            written_bytes += len(piece)
            if max(received_bytes, written_bytes) > most_bytes:
                raise too_large
            file.write(piece)
    except (zlib.error, ClientDisconnect) as error:
        raise UnreadableRequestError from error

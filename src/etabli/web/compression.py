"""Pages and styles travel compressed; what is compressed already travels as it is."""

import gzip
from functools import cache
from pathlib import Path

from fastapi import Request, Response

LEAST_BYTES = 1_000
COMPRESSIBLE = (".css", ".js", ".svg", ".txt")


def takes_gzip(request: Request) -> bool:
    accepted = request.headers.get("accept-encoding", "")
    return any(part.split(";")[0].strip() == "gzip" for part in accepted.split(","))


def compress(request: Request, response: Response) -> Response:
    """The same answer, smaller when that is worth it and the browser takes it."""
    if takes_gzip(request) and len(response.body) >= LEAST_BYTES:
        response.body = gzip.compress(response.body, 5, mtime=0)
        response.headers["Content-Length"] = str(len(response.body))
        response.headers["Content-Encoding"] = "gzip"
    return response


@cache
def compressed_file(path: Path) -> bytes:
    """One of the site's own files, which do not change while it runs."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)

"""Pages and styles travel compressed; what is compressed already travels as it is."""

import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from fastapi import Request, Response

MIN_BYTES = 1_000
COMPRESSIBLE = (".css", ".js", ".svg", ".txt")


def takes_gzip(request: Request) -> bool:
    """Whether the client takes gzip, and no less gladly than the plain answer.

    Source: RFC 9110, section 12.5.3.
    """
    weights = _weights(request)
    gzip_weight = weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    return gzip_weight > 0 and gzip_weight >= weights.get("identity", 0.0)


def refuses_plain(request: Request) -> bool:
    """Whether the client takes no answer that is not compressed."""
    weights = _weights(request)
    return weights.get("identity", weights.get("*", 1.0)) == 0


def compress(request: Request, response: Response) -> Response:
    """The same answer, smaller when that is worth it and the browser takes it."""
    is_worth_it = len(response.body) >= MIN_BYTES or refuses_plain(request)
    if takes_gzip(request) and is_worth_it:
        response.body = gzip.compress(response.body, 5, mtime=0)
        response.headers["Content-Length"] = str(len(response.body))
        response.headers["Content-Encoding"] = "gzip"
    return response


@cache
def compressed_file(path: Path) -> bytes:
    """One of the site's own files, which do not change while it runs."""
    return gzip.compress(path.read_bytes(), 9, mtime=0)


def _weights(request: Request) -> Mapping[str, float]:
    """Each coding that the client names, and how much it wants it: from 0, not at all, to 1."""
    weights = {}
    for part in request.headers.get("accept-encoding", "").lower().split(","):
        coding, *parameters = (piece.strip() for piece in part.split(";"))
        weights[coding] = _weight(parameters)
    return weights


def _weight(parameters: list[str]) -> float:
    given = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
    try:
        return min(max(float(given), 0.0), 1.0)
    except ValueError:
        return 0.0

"""What is compressed, by what the client says that it takes."""

import gzip

import pytest
from fastapi import Request, Response

from etabli.web.kit.compression import compress

LONG = b"a" * 5000


def encoding_of(accepted: str | None, body: bytes = LONG) -> str:
    headers = [] if accepted is None else [(b"accept-encoding", accepted.encode())]
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": headers})
    answer = compress(request, Response(body))
    if answer.headers.get("content-encoding") == "gzip":
        assert gzip.decompress(answer.body) == body
        assert answer.headers["content-length"] == str(len(answer.body))
        return "gzip"
    assert answer.body == body
    return "plain"


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (None, "plain"),
        ("", "plain"),
        ("identity", "plain"),
        ("br, zstd", "plain"),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("br, gzip;q=0.5", "gzip"),
        ("deflate , gzip ; q=0.8", "gzip"),
        ("*", "gzip"),
        ("*;q=0.1", "gzip"),
        ("br;q=1, *;q=0", "plain"),
        ("gzip;q=0", "plain"),
        ("gzip;q=0.0", "plain"),
        ("gzip;q=0.000, *", "plain"),
        ("*, gzip;q=0", "plain"),
        ("gzip;q=1, *;q=0", "gzip"),
        ("gzip;q=0.5, identity;q=1", "plain"),
        ("gzip;q=nonsense", "plain"),
        ("identity;q=0, gzip", "gzip"),
    ],
)
def test_a_page_is_compressed_for_whoever_takes_it(accepted, expected):
    assert encoding_of(accepted) == expected


def test_what_is_short_is_compressed_only_for_those_who_take_nothing_else():
    assert encoding_of("gzip", b"short") == "plain"
    assert encoding_of("gzip, identity;q=0", b"short") == "gzip"
    assert encoding_of("gzip, *;q=0", b"short") == "gzip"


@pytest.mark.parametrize("path", ["/", "/login"])
def test_pages_and_styles_say_what_they_depend_on(client, path):
    refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert "content-encoding" not in refused.headers
    assert "Accept-Encoding" in refused.headers["vary"]
    style = refused.text.split('rel="stylesheet" href="')[1].split('"')[0]
    for accepted, expected in (("gzip;q=0", None), ("gzip", "gzip")):
        answer = client.get(style, headers={"Accept-Encoding": accepted})
        assert answer.headers.get("content-encoding") == expected
        assert "Accept-Encoding" in answer.headers["vary"]

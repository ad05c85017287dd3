"""What a client sent is repeated in errors; nothing of it harms a header, a body or the server."""

import json
import re
from types import SimpleNamespace

import pytest
from fastapi import Request

from etabli.features.git import EntryNotFoundError
from etabli.features.repos import RepoNotFoundError
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.http import harmless, header_text, routes_of

HOSTILE = [
    *(chr(c) for c in (*range(32), *range(127, 160))),
    "\r\nSet-Cookie: a=b",
    "\n\n<script>",
    "\ud800",
    "\udfff",
    "\u2028",
    "\u202e",
    "文",
    "\U0001f600",
    "“’”…→",
]
FINE_VALUE = re.compile(rb"[\x20-\x7e\xa0-\xff\t]*")


def presenters(app):
    """Every door's, by what its routes remember of it."""
    found = {}
    for route in routes_of(app):
        request = SimpleNamespace(state=SimpleNamespace())
        route.remember_door(request)
        present = request.state.present_error
        found[f"{present.__module__}.{present.__name__}"] = present
    return found


def request_to(app, path="/alice/one"):
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": b"",
            "headers": [(b"host", b"testserver")],
            "server": ("testserver", 80),
            "app": app,
            "state": {},
        }
    )


def errors_about(text):
    return [
        InvalidInputError(msg("“{text}” is wrong.", text=text)),
        InvalidInputError(msg("It is wrong: {inner}", inner=msg("“{text}”", text=text))),
        RepoNotFoundError(f"alice/{text}"),
        EntryNotFoundError(text, "0" * 40),
    ]


def test_no_door_repeats_what_would_harm(app, client):
    doors = presenters(app)
    assert len(doors) >= 7, doors
    for name, present in doors.items():
        for text in HOSTILE:
            for error in errors_about(f"a{text}b"):
                answer = present(request_to(app), error)
                where = (name, ascii(text), type(error).__name__)
                assert 400 <= answer.status_code < 500, where
                for _, value in answer.raw_headers:
                    assert FINE_VALUE.fullmatch(value), (*where, value)
                body = answer.body.decode()  # raises if it is no UTF-8
                assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", body), where
                if "json" in answer.headers["content-type"]:
                    assert json.loads(body)


def test_a_sentence_in_a_header_is_one_short_line():
    assert header_text("“a”\r\nb\x85c…") == '"a" b c...'
    assert header_text("文") == "?"
    assert len(header_text("a" * 10_000)) == 1000


@pytest.mark.parametrize("byte", [*range(9), *range(10, 32), 127])
def test_no_forbidden_byte_leaves_in_a_header(byte):
    given = [(b"location", b"/a" + bytes([byte]) + b"b"), (b"x-tab", b"a\tb \xe9")]
    assert harmless(given) == [(b"location", b"/a b"), (b"x-tab", b"a\tb \xe9")]

"""How many addresses of the newest client this hub answers: read from the client's own source.

The number may only go up: whoever serves another address raises `LEAST_ANSWERED`, and the count in
docs/compatibility.md with it.
"""

import ast
import re
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import pytest

from etabli import web
from etabli.http import routes_of

LEAST_ANSWERED = 102
TOLD_OF = "2.4.0"
"""The release that the count in docs/compatibility.md is of."""
CLIENT = "huggingface_hub"

_IN_AN_ADDRESS = {
    **dict.fromkeys(("repo_id", "from_id", "src_repo_id"), "alice/bert"),
    **dict.fromkeys(("repo_type", "src_repo_type"), "model"),
    **dict.fromkeys(("encoded_path_in_repo", "encoded_prefix", "url_prefix"), ""),
    "REPO_TYPES_URL_PREFIXES": "datasets/",
    "api_prefix": "models",
    "bucket_id": "alice/box",
    "token_type": "read",
    "discussion_num": "1",
    "resource": "comment",
}
"""What stands for what, by the name of the variable; all others are one word."""
_PUT_TOGETHER = {
    r"^/api/alice/bert": "/api/models/alice/bert",
    r"/xet-read-token$": "/xet-read-token/main",
}
"""Addresses whose other parts are put in before or after."""
_PATH = re.compile(r"/[\w./-]+")
_OF_PROGRAMS = ("/api/", "/oauth/", "/uploads", "/papers/")
_LAST_RESORTS = {"not_served", "single_name", "bucket_not_served", "delete_namespace"}
"""What answers for all that nothing else does."""
_REFUSE = {"attachment", "change_a_space", "quota", "run_job", "watch_a_space", "device_code"}
"""Routes that say in a sentence that this hub does not do it."""


def addresses() -> dict[str, str]:
    """Each address in the client's source as it might be asked for, and where it is written."""
    spec = find_spec(CLIENT)
    assert spec is not None
    assert spec.origin is not None
    folder = Path(spec.origin).parent
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr) and (address := _address(node)):
                found.setdefault(address, f"{path.name}:{node.lineno}")
    return found


def _address(node: ast.JoinedStr) -> str | None:
    first, *rest = node.values
    if not (isinstance(first, ast.FormattedValue) and _name(first).lower() == "endpoint"):
        return None
    address = "".join(_filled(part) for part in rest).partition("?")[0].rstrip(":")
    for written, meant in _PUT_TOGETHER.items():
        address = re.sub(written, meant, address)
    return address if _PATH.fullmatch(address) else None


def _filled(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    return _IN_AN_ADDRESS.get(_name(part), "word")


def _name(part: ast.FormattedValue) -> str:
    """The last name in what is put in: `endpoint` of `self.endpoint`, `repo_id` of
    `quote(repo_id)`."""
    names = [
        one.attr if isinstance(one, ast.Attribute) else one.id
        for one in ast.walk(part.value)
        if isinstance(one, ast.Attribute | ast.Name)
    ]
    known = [one for one in names if one in _IN_AN_ADDRESS or one.lower() == "endpoint"]
    return (known or names or [""])[0]


@pytest.fixture(scope="module")
def answers(app) -> dict[str, str | None]:
    """Each address, and the endpoint that answers it; None: none of a program's does."""
    routes = [route for route in routes_of(app) if route.present_error is not web.present_error]
    return {
        address: next(
            (
                route.operation.endpoint.__name__
                for route in routes
                if route.path_regex.match(address)
                and route.operation.endpoint.__name__ not in _LAST_RESORTS
            ),
            None,
        )
        for address in addresses()
        if address.startswith(_OF_PROGRAMS) or ".git/" in address or "/resolve/" in address
    }


def test_the_addresses_of_the_newest_client_are_answered(answers, record_property):
    unknown = sorted(address for address, endpoint in answers.items() if endpoint is None)
    refused = [address for address, endpoint in answers.items() if endpoint in _REFUSE]
    answered = len(answers) - len(unknown)
    told = (
        f"{CLIENT} {version(CLIENT)}: {answered} of {len(answers)} addresses have an answer of "
        f"their own, of which {len(refused)} say that this hub does not do it. "
        f"Not yet: {', '.join(unknown)}"
    )
    record_property("addresses", told)
    sys.stdout.write(f"{told}\n")  # shown by `pytest -s`
    assert answered >= LEAST_ANSWERED, told


def test_the_count_is_told(answers):
    answered = sum(endpoint is not None for endpoint in answers.values())
    if version(CLIENT) != TOLD_OF:
        return  # another was installed: what is told is of the one that was counted
    said = (Path(__file__).parents[3] / "docs" / "compatibility.md").read_text()
    assert f"{answered} of the {len(answers)} addresses" in said

"""A number from outside that no database has room for is refused, at every address."""

import inspect
import json
import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from etabli.features.repos import RepoType
from etabli.http import MAX_NUMBER, routes_of, whole_number

TOO_LARGE = [str(MAX_NUMBER + 1), str(2**63), "9" * 20, "-9223372036854775809", "9" * 5000]
NAMED = re.compile(r"\{(\w+)(?::\w+)?\}")


@pytest.fixture
def one(site, alice):
    with site.open_hub() as hub:
        repo = hub.repos.create(alice, RepoType.MODEL, "alice", "one")
        hub.repos.create(alice, RepoType.DATASET, "alice", "one")
        hub.community.open(alice, repo, "A question", "Why?")
    return repo


def routes(app):
    for route in routes_of(app):
        yield route.path, route


def numbers_of(route) -> list[str]:
    """The parameters of the address and of the query that are numbers."""
    return [
        name
        for name, parameter in inspect.signature(route.endpoint).parameters.items()
        if "int" in re.findall(r"\w+", str(parameter.annotation))
    ]


def test_no_number_in_an_address_is_too_large(app, alices_client, one):
    walked = 0
    for path, route in routes(app):
        for name in numbers_of(route):
            in_path = f"{{{name}}}" in path
            for number in TOO_LARGE:
                values = {"plural": "models", "namespace": "alice", "name": "one", "num": "1"}
                values |= {"address": "main/README.md", "key": "0" * 32, name: number}
                address = NAMED.sub(lambda match, v=values: v[match[1]], path)
                for method in route.methods:
                    answer = alices_client.request(
                        method,
                        address,
                        params={} if in_path else {name: number},
                        **({} if method in ("GET", "HEAD") else {"json": {}}),
                    )
                    expected = 404 if in_path else 400
                    assert answer.status_code == expected, (method, address, answer.text[:200])
                    walked += 1
    assert walked >= 100


def test_the_largest_number_there_is_room_for_is_a_number(alices_client, one):
    for number in (0, -1, MAX_NUMBER, -MAX_NUMBER):
        answer = alices_client.get(f"/api/models/alice/one/discussions/{number}")
        assert answer.status_code == 404
        assert alices_client.get(f"/alice/one/discussions?p={number}").status_code == 200


@pytest.mark.parametrize("number", TOO_LARGE)
def test_numbers_that_a_query_carries_as_text_are_bounded_too(alices_client, one, number):
    for address in (
        "/api/models?limit={}",
        "/api/models?cursor={}",
        "/api/models/alice/one/commits/main?limit={}",
        "/api/models/alice/one/commits/main?p={}",
        "/api/models/alice/one/discussions?p={}",
        "/api/models/alice/one/tree/main?cursor={}",
        "/api/models/alice/one/lfs-files?cursor={}",
        "/alice/one/commits/main?p={}",
    ):
        answer = alices_client.get(address.format(number))
        assert answer.status_code in (200, 400), (address, answer.text[:200])


def test_every_number_in_the_json_that_a_client_sends_is_bounded(app):
    models = {}
    for path, route in routes(app):
        operation = route.operation
        if operation.model is not None:
            models[path] = operation.model
    assert len(models) > 10
    for path, model in models.items():
        for shape in _integers(model.json_schema()):
            assert {"maximum", "minimum"} <= set(shape), (path, json.dumps(shape))


def _integers(schema: Any):
    if isinstance(schema, dict):
        if schema.get("type") == "integer":
            yield schema
        for inner in schema.values():
            yield from _integers(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _integers(inner)


def test_integers_are_found_wherever_they_stand():
    assert list(_integers(TypeAdapter(dict[str, list[int] | None]).json_schema()))


def test_a_whole_number_is_digits():
    assert whole_number("12") == 12
    assert whole_number("9" * 10) == MAX_NUMBER
    assert whole_number(None) is None
    for given in ("", "-1", "1e3", "９" * 11, "9" * 5000):
        assert whole_number(given) is None

"""The table finds the route that all of them, asked one after the other, would give."""

import pytest
from starlette.routing import Match

from etabli.http import routes_of

WORDS = [
    "alice",
    "bert",
    "api",
    "models",
    "datasets",
    "resolve",
    "discussions",
    "1",
    "settings",
    "v1",
]


def scope(path: str, method: str) -> dict[str, object]:
    return {"type": "http", "path": path, "method": method, "root_path": "", "path_params": {}}


def found_in(routes, path, method):
    partial = None
    for route in routes:
        match, child = route.matches(scope(path, method))
        if match == Match.FULL:
            return match, child["route"], child["path_params"]
        if match == Match.PARTIAL and partial is None:
            partial = match, child["route"], child["path_params"]
    return partial


@pytest.fixture(scope="module")
def table(app):
    return app.router.routes[0]


def addresses(routes):
    yield from ("/", "//", "", "/a", "/a/", "/a/b/c/d/e", "/api", "/api/", "/é/ü/resolve/x")
    for route in routes:
        for word in WORDS:
            filled = route.path_format
            for name in route.param_convertors:
                filled = filled.replace("{" + name + "}", word, 1)
            yield filled
            yield f"{filled}/{word}"


def test_the_same_route_as_without_it(app, table):
    routes = routes_of(app)
    assert len(routes) > 150
    for path in set(addresses(routes)):
        for method in ("GET", "POST"):
            match, child = table.matches(scope(path, method))
            expected = found_in(routes, path, method)
            if expected is None:
                assert match == Match.NONE, path
            else:
                assert (match, child["route"], child["path_params"]) == expected, path


def test_few_are_asked(table):
    for path in ("/alice/bert/resolve/main/a/b", "/alice/bert", "/api/models", "/"):
        assert len(table._candidates(*table._kind_of(path))) < len(table.routes) / 10


def test_unknown_addresses_are_of_few_kinds(table):
    kinds = {table._kind_of(f"/{n}/x/{n}" + "/y" * (n % 40)) for n in range(1000)}
    assert len(kinds) < 15

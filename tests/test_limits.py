"""The page of limits names every route, and no limit that is not there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from etabli.http import routes_of
from etabli.settings import Settings

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "hosting" / "limits.md").read_text()
SHARED = re.compile(r"^/(datasets|spaces)(?=/\{namespace\})")


def listed() -> list[str]:
    blocks = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def served(app) -> set[str]:
    found = set()
    for route in routes_of(app):
        path = SHARED.sub("", re.sub(r":\w+\}", "}", route.path))
        found |= {f"{method} {path}" for method in route.methods if method != "HEAD"}
    return found


@cache
def constants() -> dict[str, set[object]]:
    found: dict[str, set[object]] = {}
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else None
            target = node.target if isinstance(node, ast.AnnAssign) else target
            if isinstance(target, ast.Name) and target.id.isupper():
                value = node.value.value if isinstance(node.value, ast.Constant) else None
                found.setdefault(target.id, set()).add(value)
    return found


def test_every_route_is_listed_once_and_no_other(app):
    assert sorted(listed()) == sorted(served(app))


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`(ETABLI_\w+)`", PAGE))))
def test_every_setting_named_is_one(name):
    assert name.removeprefix("ETABLI_").lower() in Settings.model_fields


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?!ETABLI)[A-Z][A-Z_]+)`", PAGE))))
def test_every_limit_named_is_in_the_code(name):
    pools = (ROOT / "src" / "etabli" / "pools.py").read_text()
    assert name in constants() or f"\n{name} = " in pools


@pytest.mark.parametrize(("name", "value"), re.findall(r"`([A-Z][A-Z_]+)` \(([\d,]+)\)", PAGE))
def test_every_number_given_is_the_one_in_the_code(name, value):
    number = int(value.replace(",", ""))
    known = constants()[name]
    assert number in known or known == {None}, f"{name} is {known}"

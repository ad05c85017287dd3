"""The rules of the house that no linter knows. Each failure names the file and the remedy."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import etabli

SOURCE = Path(etabli.__file__).parent
ROOT = SOURCE.parents[1]
MAX_LINES = 400
FACES_OF_CHILDREN = {"etabli.engine.runtimes"}
"""Imported in child processes only, so faces of their own: the hub's process never needs them."""
GENERATED = SOURCE / "migrations" / "versions"
"""Written by `make migration`, from the models: nobody edits it, and it is as long as they say."""
WIRES = {"fastapi", "starlette", "pydantic", "pydantic_settings", "uvicorn", "jinja2"}
HEAVY = {"sklearn", "scipy", "torch", "numpy"}


def sources() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imports(path: Path) -> set[str]:
    """The modules that a file imports: `from a.b import c` counts as `a.b`."""
    return {name for node in ast.walk(tree_of(path)) for name in _modules(node)}


def _modules(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield node.module


def rooms() -> list[Path]:
    return [path.parent for path in sorted(SOURCE.rglob("__init__.py")) if path.parent != SOURCE]


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", sources(), ids=shown)
def test_a_feature_is_used_through_its_face_only(path):
    for name in imports(path) - FACES_OF_CHILDREN:
        match name.split("."):
            case ["etabli", "features", feature, _, *_]:
                inside = path.is_relative_to(SOURCE / "features" / feature)
                assert inside, f"import it from etabli.features.{feature}, not {name}"


@pytest.mark.parametrize("room", rooms(), ids=shown)
def test_every_folder_says_what_it_owns_and_may_use(room):
    doc = ast.get_docstring(tree_of(room / "__init__.py")) or ""
    for word in ("Owns:", "May use:"):
        assert word in doc, f"its docstring has no line '{word}'"


@pytest.mark.parametrize("path", sorted((SOURCE / "features").rglob("*.py")), ids=shown)
def test_no_feature_knows_a_wire(path):
    strangers = {name.partition(".")[0] for name in imports(path)} & WIRES
    assert not strangers, f"{strangers} belongs in a door"


@pytest.mark.parametrize("path", sorted((SOURCE / "features").rglob("*.py")), ids=shown)
def test_no_feature_reads_a_setting(path):
    assert "etabli.settings" not in imports(path), "take the value as an argument"


WRITTEN = [path for path in sources() if GENERATED not in path.parents]


@pytest.mark.parametrize("path", WRITTEN, ids=shown)
def test_files_stay_small(path):
    lines = len(path.read_text().splitlines())
    assert lines <= MAX_LINES, f"{lines} lines: split the subject, not the file"


@pytest.mark.parametrize("path", sources(), ids=shown)
def test_nothing_prints(path):
    """A door for operators tells (`etabli.cli.terminal`); all else logs."""
    called = {
        node.func.id
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert "print" not in called


def test_only_the_worker_catches_whatever_goes_wrong():
    """And the relay, which hands it to whoever waits for the work: nothing of it is swallowed."""
    broad = [
        shown(path)
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    assert set(broad) <= {"src/etabli/server/worker.py", "src/etabli/foundation/relay.py"}


def _is_broad(handler: ast.ExceptHandler) -> bool:
    caught = handler.type
    return caught is None or (
        isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException")
    )


def test_the_picture_shows_every_room_and_no_other():
    drawn = (ROOT / "ARCHITECTURE.md").read_text().split("```")[1]
    for room in rooms():
        assert re.search(rf"\b{room.name}\b", drawn), f"draw {shown(room)} in ARCHITECTURE.md"
    planned = " ".join(re.findall(r"\(([^)]*)\)", drawn)).replace("·", " ").split()
    built = {room.name for room in rooms()}
    assert not built & set(planned), "what is built stands without parentheses"


KINDS = {
    "text-classification": {
        "engine/recipes/__main__.py",
        "engine/recipes/text_classification/tables.py",
        "features/workshop/recipes/multilabel_classification.py",  # the same task on the wire
        "features/workshop/recipes/text_classification.py",
        "features/catalogue/tasks.py",  # a task of others' models too
        "web/kit/labels.py",
    },
    "faq": {
        "engine/recipes/__main__.py",
        "engine/recipes/faq/material.py",
        "features/workshop/recipes/faq.py",
    },
    "multilabel-classification": {
        "engine/recipes/__main__.py",
        "engine/recipes/multilabel_classification/tables.py",
        "features/workshop/recipes/multilabel_classification.py",
    },
    "etabli-multilabel": {
        "engine/runtimes/multilabel.py",
        "engine/runtimes/process.py",
        "features/serving/runtimes/multilabel.py",
    },
    "question-answering": {
        "engine/recipes/__main__.py",
        "engine/recipes/question_answering/check.py",
        "features/workshop/recipes/faq.py",  # the same task on the wire
        "features/workshop/recipes/question_answering.py",
        "features/catalogue/tasks.py",  # a task of others' models too
        "web/kit/labels.py",
    },
    "etabli-retriever": {
        "engine/runtimes/process.py",
        "engine/runtimes/retriever.py",
        "features/serving/runtimes/retriever.py",
    },
    "etabli-faq": {
        "engine/runtimes/faq.py",
        "engine/runtimes/process.py",
        "features/serving/runtimes/faq.py",
    },
    "etabli-ngram": {
        "engine/recipes/text_classification/artefact.py",
        "engine/runtimes/ngram.py",
        "engine/runtimes/process.py",
        "features/serving/runtimes/ngram.py",
    },
    "etabli-hybrid": {
        "engine/recipes/text_classification/artefact.py",
        "engine/runtimes/hybrid.py",
        "engine/runtimes/process.py",
        "features/serving/runtimes/hybrid.py",
    },
}
"""Where each kind of AI and each kind of model may be called by its name: docs/decisions/0032."""


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_named_in_its_descriptors_only(kind):
    named = {
        str(path.relative_to(SOURCE))
        for path in sources()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and node.value == kind
    }
    assert named == KINDS[kind], "ask its descriptor instead"


def test_the_servers_process_imports_nothing_heavy():
    """Training and answering are other processes: an idle hub stays small."""
    code = "import sys, etabli.server.app, etabli.server.worker; print(*sys.modules)"
    modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    roots = {name.partition(".")[0] for name in modules.split()}
    assert not roots & HEAVY, f"{roots & HEAVY}: import it in a child process only"

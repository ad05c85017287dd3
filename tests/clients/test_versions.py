"""The versions of huggingface_hub that people have, each in an environment of its own."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.parts import lack

SCRIPT = Path(__file__).parents[2] / "scripts" / "client_matrix.py"


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("client_matrix", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


client_matrix = _script()


@pytest.fixture(scope="module")
def hub(tmp_path_factory) -> Iterator[object]:
    """One hub for all versions: each has repositories of its own there."""
    with client_matrix.HubForClients(tmp_path_factory.mktemp("matrix") / "data") as hub:
        yield hub


@pytest.mark.slow
@pytest.mark.parametrize("version", client_matrix.VERSIONS + client_matrix.WITH_THEIR_OLDEST_XET)
def test_does_all_of_it(version, hub, tmp_path):
    try:
        client_matrix.environment(client_matrix.KEPT, version)
    except client_matrix.NotInstallableError as error:
        lack(str(error))
    for way in client_matrix.ways(version):
        done = client_matrix.run(hub, client_matrix.KEPT, version, way, tmp_path)
        assert done
        assert all(done.values()), (way, done)

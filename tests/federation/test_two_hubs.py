"""Two hubs as people start them, and the unmodified clients: then the first one is gone."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.federation.running import publish
from tests.trust.hub_process import HubProcess, etabli

pytestmark = [pytest.mark.slow, pytest.mark.clients]

ASK = """
import sys
from huggingface_hub import HfApi, HfFileSystem, snapshot_download
endpoint, cache = sys.argv[1:]
api = HfApi(endpoint=endpoint)
print(api.model_info("alice/model").sha)
print(sorted(HfFileSystem(endpoint=endpoint).ls("alice/model", detail=False)))
print(snapshot_download("alice/model", endpoint=endpoint, cache_dir=cache))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("two")


@pytest.fixture(scope="module")
def hubs(folder: Path) -> Iterator[tuple[HubProcess, str]]:
    """The first one, and the address of the second."""
    first, second = HubProcess(folder / "first"), HubProcess(folder / "second")
    etabli(first.data_dir, "users", "add", "alice", "--no-password")
    token = etabli(first.data_dir, "tokens", "add", "alice")
    url = first.start()
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        publish(client, "alice/model")
    etabli(second.data_dir, "upstreams", "add", url, "--allow-private")
    yield first, second.start()
    first.stop()
    second.stop()


def ask(url: str, folder: Path) -> list[str]:
    command = [sys.executable, "-c", ASK, url, str(folder / "cache")]
    env = {**os.environ, "HF_HOME": str(folder / "home"), "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    env.pop("HF_ENDPOINT", None)
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_downloads_go_on_when_the_first_hub_is_gone(hubs, folder):
    first, url = hubs
    sha, listed, snapshot = ask(url, folder / "before")
    assert "alice/model/model.safetensors" in listed
    assert sha in snapshot
    first.kill()
    again_sha, _, again = ask(url, folder / "after")
    assert again_sha == sha
    for name in ("README.md", "model.safetensors", "small.bin"):
        contents = {
            hashlib.sha256((Path(one) / name).read_bytes()).hexdigest() for one in (snapshot, again)
        }
        assert len(contents) == 1

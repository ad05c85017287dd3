"""A real hub on the loopback address, and a place of their own for the clients' files.

huggingface_hub reads its environment once, when it is imported: so it is set here, before.
"""

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from etabli.features.accounts import TokenRole
from etabli.server.app import create_app
from etabli.settings import Settings
from etabli.site import Site

_HOME = Path(tempfile.mkdtemp(prefix="etabli-clients-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
with socket.create_server(("127.0.0.1", 0)) as _socket:
    PORT: int = _socket.getsockname()[1]
ENDPOINT = f"http://127.0.0.1:{PORT}"

os.environ.update(
    # `hf` is where this Python is, whether or not somebody activated its environment.
    PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    HF_ENDPOINT=ENDPOINT,
    HF_HOME=str(_HOME / "hf"),
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_DISABLE_UPDATE_CHECK="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    GIT_CONFIG_NOSYSTEM="1",
    GIT_CONFIG_GLOBAL=os.devnull,
    GIT_TERMINAL_PROMPT="0",
    NO_COLOR="1",
)
for _name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACE_CO_STAGING"):
    os.environ.pop(_name, None)

from huggingface_hub import HfApi  # noqa: E402 - it reads the environment that was just set


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.clients)


class Recorder:
    """Notes every request on its way to the hub."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.requests: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.requests.append(f"{scope['method']} {scope['path']}")
        await self._app(scope, receive, send)


class RunningHub:
    """A hub that answers at `endpoint`, and the tokens of the people there."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.endpoint = ENDPOINT
        self._recorder = Recorder(create_app(site))
        # Not uvloop: to start git it forks, and the copy runs what huggingface_hub, which is in
        # this process too, wants done after a fork: that waits for a lock that nobody gives back.
        config = uvicorn.Config(
            self._recorder, port=PORT, log_level="warning", ws="none", loop="asyncio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.tokens = {name: self._register(name) for name in ("alice", "bob")}

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)

    def requests_during(self, deed: Callable[[], object]) -> list[str]:
        before = len(self._recorder.requests)
        deed()
        return self._recorder.requests[before:]

    def _register(self, name: str) -> str:
        with self.site.open_hub() as hub:
            hub.accounts.register(name, "correct horse")
            return hub.accounts.issue_token(name, TokenRole.WRITE, "test").secret


@pytest.fixture(scope="session")
def running_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    settings = Settings(data_dir=tmp_path_factory.mktemp("hub"), port=PORT)
    site = Site(settings)
    site.migrate()
    running = RunningHub(site)
    running.start()
    yield running
    running.stop()


@pytest.fixture
def api(running_hub: RunningHub) -> HfApi:
    """Alice's client, by the real library."""
    return HfApi(running_hub.endpoint, token=running_hub.tokens["alice"])


@pytest.fixture
def bobs_api(running_hub: RunningHub) -> HfApi:
    """A stranger's: he may read what is public, and no more."""
    return HfApi(running_hub.endpoint, token=running_hub.tokens["bob"])


@pytest.fixture(scope="session")
def _numbers() -> Iterator[int]:
    return count(1)


@pytest.fixture
def repo_id(_numbers: Iterator[int]) -> str:
    """The name of a repository that does not exist yet."""
    return f"alice/repo-{next(_numbers)}"


@pytest.fixture
def run(running_hub: RunningHub, tmp_path: Path) -> Callable[..., str]:
    """Run a program as alice, in a folder of its own; its output, or a failed test."""

    def run(*command: str, fails: bool = False, token: str | None = None, **env: str) -> str:
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, "HF_TOKEN": token or running_hub.tokens["alice"], **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        output = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, output
        return output

    return run

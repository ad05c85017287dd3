"""Hubs on the loopback address, and what stands before one to misbehave."""

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from etabli.features.accounts import TokenRole
from etabli.server.app import create_app
from etabli.settings import Settings
from etabli.site import Site
from tests.trust.hub_process import commit_large, post_commit

Meddle = Callable[[Scope, Receive, Send, ASGIApp], Awaitable[None]]

LARGE = os.urandom(3_000_000)
LARGE_SHA256 = hashlib.sha256(LARGE).hexdigest()
SMALL = os.urandom(900)
"""A large file as git sees it, by its name, and smaller than what is held back."""
SMALL_SHA256 = hashlib.sha256(SMALL).hexdigest()


class Between:
    """Notes what is asked of a hub, and answers itself where a test says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.asked: list[str] = []
        self.meddle: Meddle | None = None
        self.on = ""
        """A part of the path of what it answers."""

    def misbehave(self, on: str, meddle: Meddle) -> None:
        self.on, self.meddle = on, meddle

    def behave(self) -> None:
        self.meddle = None

    def count(self, part: str) -> int:
        return sum(part in path for path in self.asked)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self.asked.append(f"{scope['method']} {scope['path']}")
            if self.meddle is not None and self.on in scope["path"]:
                await self.meddle(scope, receive, send, self._app)
                return
        await self._app(scope, receive, send)


class RunningHub:
    def __init__(self, site: Site) -> None:
        self.site = site
        self.between = Between(create_app(site))
        # Not uvloop, nor uvicorn's word on answers that were cut: tests cut many.
        config = uvicorn.Config(
            self.between, port=0, log_level="critical", ws="none", loop="asyncio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> "RunningHub":
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    token = ""
    """Of alice there, where a fixture has registered her."""

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)

    def register(self, name: str) -> str:
        with self.site.open_hub() as hub:
            hub.accounts.register(name, "correct horse")
            return hub.accounts.issue_token(name, TokenRole.WRITE, "test").secret

    def client(self, token: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)


def publish(client: httpx.Client, full_name: str) -> None:
    """A model with a small file, a large one, and a large one of few bytes."""
    namespace, _, name = full_name.partition("/")
    made = client.post("/api/repos/create", json={"name": name, "organization": namespace})
    made.raise_for_status()
    post_commit(client, full_name, "Say what it is", "README.md", "# A model\n").raise_for_status()
    commit_large(client, full_name, "model.safetensors", LARGE)
    commit_large(client, full_name, "small.bin", SMALL)


def make_site(folder: Path, empty_database: Path, **settings: object) -> Site:
    """With a database of its own, also where the tests run on PostgreSQL: there are two hubs."""
    folder.mkdir()
    shutil.copy(empty_database, folder / "etabli.db")
    given = {"embedded_worker": False, "allowed_hosts": "*", **settings}
    return Site(Settings(data_dir=folder, **given))  # type: ignore[arg-type]

"""A hub in a process of its own, to be started, killed and started again."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx

READY_WITHIN_S = 90


class HubProcess:
    """`etabli serve` on a data folder and on whatever port is free."""

    def __init__(self, data_dir: Path, constants: Mapping[str, int] | None = None) -> None:
        """`constants`: see `command`."""
        self.data_dir = data_dir
        self.constants = constants
        self.log = data_dir.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start, and wait until it answers. Its address."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *command("serve", constants=self.constants),
                    "--port",
                    "0",
                    "--data-dir",
                    str(self.data_dir),
                ],
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until:
            assert self._process.poll() is None, self.log.read_text()
            url = self._announced()
            if url:
                return url
            time.sleep(0.01)
        raise AssertionError(f"the hub was not ready: {self.log.read_text()}")

    def kill(self) -> None:
        """As the power, the kernel or an impatient person would: it gets to clean up nothing."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(timeout=20)

    def _announced(self) -> str | None:
        """The address, once this process has told it: a killed one leaves its own behind."""
        try:
            found = json.loads((self.data_dir / "server.json").read_text())
        except (OSError, ValueError):
            return None
        assert self._process is not None
        return found["url"] if found["pid"] == self._process.pid else None


def command(*words: str, constants: Mapping[str, int] | None = None) -> list[str]:
    """What starts `etabli`. `constants`: other values for constants of its modules, by dotted name.

    A constant that the module does not have is refused: the hub would not go by it.
    """
    lines = ["from etabli.cli import main"]
    for dotted, value in (constants or {}).items():
        module = dotted.rpartition(".")[0]
        lines += [f"import {module}", f"assert {dotted} is not None", f"{dotted} = {value}"]
    return [sys.executable, "-c", "\n".join([*lines, "main()"]), *words]


def etabli(data_dir: Path, *words: str, given: str | None = None) -> str:
    """Run a command of the operator's; what it prints."""
    done = subprocess.run(
        [*command(*words), "--data-dir", str(data_dir)],
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def commit_lines(message: str, path: str, content: str) -> bytes:
    """One commit of one file, as huggingface_hub sends it."""
    header = {"key": "header", "value": {"summary": message, "description": ""}}
    file = {"key": "file", "value": {"path": path, "content": content, "encoding": "utf-8"}}
    return f"{json.dumps(header)}\n{json.dumps(file)}\n".encode()


def post_commit(
    client: httpx.Client, repo: str, message: str, path: str, content: str
) -> httpx.Response:
    return client.post(
        f"/api/models/{repo}/commit/main",
        content=commit_lines(message, path, content),
        headers={"Content-Type": "application/x-ndjson"},
    )


def commit_large(client: httpx.Client, repo: str, path: str, content: bytes) -> None:
    """Send a large file by Git LFS, in one piece, and commit it, as huggingface_hub does."""
    oid = hashlib.sha256(content).hexdigest()
    body = {"operation": "upload", "objects": [{"oid": oid, "size": len(content)}]}
    asked = client.post(f"/{repo}.git/info/lfs/objects/batch", json=body).json()
    client.put(asked["objects"][0]["actions"]["upload"]["href"], content=content)
    header = {"key": "header", "value": {"summary": "Add"}}
    value = {"path": path, "algo": "sha256", "oid": oid}
    lines = f"{json.dumps(header)}\n{json.dumps({'key': 'lfsFile', 'value': value})}\n"
    client.post(f"/api/models/{repo}/commit/main", content=lines).raise_for_status()

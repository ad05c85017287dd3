"""A hub in a process of its own, to be started, killed and started again.

The processes are forks of one that has imported what `etabli serve` takes: to import it takes two
seconds, and some hundred hubs are started. scripts/client_matrix.py starts it as people do.
"""

import hashlib
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import httpx

from etabli.cli import main

READY_WITHIN_S = 90


class HubProcess:
    """`etabli serve` on a data folder and on whatever port is free."""

    def __init__(self, data_dir: Path, constants: Mapping[str, int] | None = None) -> None:
        """`constants`: see `command`."""
        self.data_dir = data_dir
        self.constants = constants
        self.log = data_dir.with_suffix(".log")
        self._process: Forked | None = None

    def start(self) -> str:
        """Start, and wait until it answers. Its address."""
        words = ("serve", "--port", "0", "--data-dir", str(self.data_dir))
        self._process = start(words, self.log, constants=self.constants)
        until = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < until:
            assert self._process.is_alive(), self.log.read_text()
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
        return self._process is not None and self._process.is_alive()

    @property
    def pid(self) -> int:
        assert self._process is not None
        assert self._process.pid is not None
        return self._process.pid

    def _end(self, number: signal.Signals) -> None:
        if self.is_up:
            os.kill(self.pid, number)
            self._process.join(timeout=20)
            assert not self.is_up

    def _announced(self) -> str | None:
        """The address, once this process has told it: a killed one leaves its own behind."""
        try:
            found = json.loads((self.data_dir / "server.json").read_text())
        except (OSError, ValueError):
            return None
        assert self._process is not None
        return found["url"] if found["pid"] == self._process.pid else None


_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["etabli.cli.serve", "etabli.cli.accounts", __name__])
Forked = _context.Process


def start(
    words: Sequence[str],
    output: Path,
    errors: Path | None = None,
    *,
    given: str = "",
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
    constants: Mapping[str, int] | None = None,
) -> Forked:
    """`etabli` in a process of its own. What it prints is added to a file, or to two.

    `folder`, `environ`: where it runs, and with what environment; by default those of this process.
    `constants`: other values for constants of its modules, by dotted name. One that the module does
    not have is refused: the hub would not go by it.
    """
    surroundings = str(folder or Path.cwd()), dict(os.environ if environ is None else environ)
    prints = str(output), str(errors or output)
    about = list(words), prints, given, surroundings, dict(constants or {})
    process = _context.Process(target=_run, args=about, daemon=True)
    process.start()
    return process


def _run(
    words: list[str],
    prints: tuple[str, str],
    given: str,
    surroundings: tuple[str, dict[str, str]],
    constants: dict[str, int],
) -> None:
    """In the process of its own."""
    os.chdir(surroundings[0])
    os.environ.clear()
    os.environ.update(surroundings[1])
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the one that forks lets it pass
    with tempfile.TemporaryFile() as read:
        read.write(given.encode())
        read.seek(0)
        os.dup2(read.fileno(), 0)
    for number, path in enumerate(prints, 1):
        with open(path, "ab") as written:
            os.dup2(written.fileno(), number)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - for as long as the process lives
    for dotted, value in constants.items():
        module, _, name = dotted.rpartition(".")
        assert hasattr(import_module(module), name)
        setattr(import_module(module), name, value)
    sys.argv = ["etabli", *words]
    main()


def run(
    *words: str,
    given: str = "",
    folder: Path | None = None,
    environ: Mapping[str, str] | None = None,
) -> tuple[int, str, str]:
    """Run a command to its end: its exit code, what it prints, and what it says is wrong."""
    with tempfile.TemporaryDirectory() as printed:
        output, errors = Path(printed, "output"), Path(printed, "errors")
        process = start(words, output, errors, given=given, folder=folder, environ=environ)
        process.join()
        assert process.exitcode is not None
        return process.exitcode, output.read_text().strip(), errors.read_text().strip()


def etabli(data_dir: Path, *words: str, given: str = "") -> str:
    """Run a command of the operator's, which must succeed; what it prints."""
    code, output, errors = run(*words, "--data-dir", str(data_dir), given=given)
    assert code == 0, errors
    return output


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

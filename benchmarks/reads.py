"""What the most travelled reads cost, beside a bare FastAPI route: `python -m benchmarks.reads`.

One process serves, and `wrk` asks by 8 connections. What is compared is the processor time that a
server and its children take for an answer, in turns of a second each: the bare route, then ours.
Other programs on the machine change that little, and what they change, they change for both.

    python -m benchmarks.reads --beside ../before/src    # another version of the hub, in turns too
"""

import argparse
import contextlib
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.hub import ROOT, TOKEN, _free_port, _machine, _start
from benchmarks.processes import cpu_s

CONNECTIONS, TURN_S = 8, 1
CARD = (
    "---\nlicense: apache-2.0\nlanguage: en\ntags: [letters]\n---\n# Letters\n\n"
    + (
        "A paragraph with **bold** words, a [link](https://example.org) and `code`.\n\n"
        "| label | right |\n| --- | ---: |\n| one | 91.4 |\n\n"
    )
    * 38
)
BARE = (
    "from fastapi import FastAPI, Response\n"
    "app = FastAPI()\n"
    "@app.get('/{namespace}/{name}')\n"
    "async def answer(namespace: str, name: str) -> Response:\n"
    "    return Response(b'x' * 1000)\n"
)
TARGETS = {
    "resolve of a 1 kB file": ("/bench/m0/resolve/main/small.txt", 0.25),
    "model info": ("/api/models/bench/m0", 0.18),
    "list of 20": ("/api/models?limit=20", 0.12),
    "home": ("/", 0.08),
    "model page, card of 5 kB": ("/bench/m0", 0.05),
}


@dataclass(frozen=True)
class Server:
    pid: int
    url: str


@dataclass(frozen=True)
class Asked:
    """One turn of `wrk`."""

    per_second: float
    cpu_us: float
    """Of the server, for one answer."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--beside", type=Path, help="The `src` of another version of the hub.")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    versions = {"now": ROOT / "src"} | ({"beside": asked.beside} if asked.beside else {})
    with contextlib.ExitStack() as running:
        bare = running.enter_context(_bare())
        hubs = {name: running.enter_context(_hub(source)) for name, source in versions.items()}
        print(f"\n{_machine()}\n")
        print("| measured | version | a second | CPU µs each | bare | ratio of CPU | to reach |")
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
        for what, (path, goal) in TARGETS.items():
            servers = {"bare": (bare, "/bench/m0")} | {name: (hubs[name], path) for name in hubs}
            turns = [
                {name: _ask(server, at) for name, (server, at) in servers.items()}
                for _ in range(asked.rounds)
            ]
            for name in hubs:
                print(_line(what, name, turns, goal), flush=True)


def _line(what: str, name: str, turns: Sequence[Mapping[str, Asked]], goal: float) -> str:
    ratios = [turn["bare"].cpu_us / turn[name].cpu_us for turn in turns]
    per_second, cpu_us, bare_us = (
        statistics.median(values)
        for values in (
            [turn[name].per_second for turn in turns],
            [turn[name].cpu_us for turn in turns],
            [turn["bare"].cpu_us for turn in turns],
        )
    )
    ratio = f"{statistics.median(ratios):.3f} ({min(ratios):.3f}–{max(ratios):.3f})"
    return (
        f"| {what} | {name} | {per_second:.0f} | {cpu_us:.0f} | {bare_us:.0f} | {ratio} | {goal} |"
    )


def _fill(url: str) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as client:
        for number in range(30):
            client.post("/api/repos/create", json={"name": f"m{number}"}).raise_for_status()
            files = {"README.md": CARD, "small.txt": "x" * 1000}
            lines = ['{"key":"header","value":{"summary":"files"}}']
            for path, content in files.items():
                value = {"path": path, "content": content, "encoding": "utf-8"}
                lines.append(
                    httpx.Request(
                        "POST", url, json={"key": "file", "value": value}
                    ).content.decode()
                )
            client.post(
                f"/api/models/bench/m{number}/commit/main", content="\n".join(lines)
            ).raise_for_status()
    time.sleep(3)  # the catalogue takes them in


@contextlib.contextmanager
def _hub(source: Path) -> Iterator[Server]:
    """A hub of the code in `source`, with some models in it."""
    with tempfile.TemporaryDirectory() as folder, _python_path(source):
        _, server, url = _start(Path(folder) / "data")
        try:
            _fill(url)
            yield Server(server.pid, url)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)


@contextlib.contextmanager
def _python_path(source: Path) -> Iterator[None]:
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = str(source.resolve())
    try:
        yield
    finally:
        os.environ.pop("PYTHONPATH")
        if before is not None:
            os.environ["PYTHONPATH"] = before


@contextlib.contextmanager
def _bare() -> Iterator[Server]:
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "bare:app",
        "--port",
        str(port),
        "--log-level",
        "error",
    ]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "bare.py").write_text(BARE)
        server = subprocess.Popen(command, cwd=folder)
        try:
            url = f"http://127.0.0.1:{port}"
            while True:
                with contextlib.suppress(httpx.TransportError):
                    httpx.get(f"{url}/a/b")
                    break
                time.sleep(0.05)
            yield Server(server.pid, url)
        finally:
            server.terminate()
            server.wait()


def _ask(server: Server, path: str) -> Asked:
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{TURN_S}s", server.url + path]
    before_s = cpu_s(server.pid)
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    took_s = cpu_s(server.pid) - before_s
    count = re.search(r"(\d+) requests in", said)
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if count is None or per_second is None or "Non-2xx" in said:
        raise RuntimeError(f"{server.url}{path}: {said}")
    return Asked(float(per_second[1]), took_s * 1_000_000 / int(count[1]))


if __name__ == "__main__":
    main()

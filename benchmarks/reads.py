"""How fast the most travelled reads are, beside a bare FastAPI route: `python -m benchmarks.reads`.

One process serves; `wrk` asks by 8 connections, each route for a few seconds, and the bare route
before and after, on the same machine in the same run: read the ratios.
"""

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from benchmarks.hub import TOKEN, _free_port, _machine, _start

CONNECTIONS, SECONDS = 8, 4
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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _, server, url = _start(Path(folder) / "data")
        try:
            _fill(url)
            with _bare() as bare_url:
                before = _per_second(f"{bare_url}/bench/m0")
                measured = {name: _per_second(url + path) for name, (path, _) in TARGETS.items()}
                after = _per_second(f"{bare_url}/bench/m0")
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)
    bare = (before + after) / 2
    print(f"\n{_machine()}\n")
    print("| measured | a second | bare FastAPI | ratio | to reach |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, per_second in measured.items():
        ratio, goal = per_second / bare, TARGETS[name][1]
        print(f"| {name} | {per_second:.0f} | {bare:.0f} | {ratio:.3f} | {goal} |")


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
def _bare() -> Iterator[str]:
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
            yield url
        finally:
            server.terminate()
            server.wait()


def _per_second(url: str) -> float:
    command = ["wrk", "-t", "1", "-c", str(CONNECTIONS), "-d", f"{SECONDS}s", url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None or "Non-2xx" in said:
        raise RuntimeError(f"{url}: {said}")
    return float(found[1])


if __name__ == "__main__":
    main()

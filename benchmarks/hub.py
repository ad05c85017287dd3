"""Measure a hub on this machine, each figure beside a physical limit or a bare peer, in one run.

    make bench        or        .venv/bin/python -m benchmarks

Machines are shared and noisy: read the ratios, and run it twice. Nothing here is a test.
"""

import asyncio
import base64
import contextlib
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.processes import memory_mb, pids_of

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "samples" / "banking77"
TOKEN = "hf_benchmark_0123456789abcdef"  # noqa: S105  of a hub that lives for a minute
COMMITS_OF_1, COMMITS_OF_100 = 100, 20
RESOLVES = 3000
QUESTIONS = 1000


@dataclass(frozen=True)
class Row:
    what: str
    ours: str
    beside: str
    limit: str
    ratio: str


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="etabli-bench-") as folder:
        data_dir = Path(folder) / "data"
        start_s, server, url = _start(data_dir)
        try:
            client = httpx.Client(
                base_url=url, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=120
            )
            rows = [_start_row(start_s), _memory_row(server.pid)]
            rows += _commits(client, Path(folder))
            rows += _resolves(client, url)
            rows += _making(client)
            rows += _questions(client, data_dir)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)
    _show(rows)


# The hub


def _start(data_dir: Path) -> tuple[float, subprocess.Popen[bytes], str]:
    etabli = [str(Path(sys.executable).parent / "etabli")]
    environment = {**os.environ, "ETABLI_DATA_DIR": str(data_dir)}
    run = {"env": environment, "check": True, "capture_output": True}
    subprocess.run([*etabli, "users", "add", "bench", "--no-password"], **run)
    subprocess.run(
        [*etabli, "tokens", "add", "bench", "--role", "write", "--stdin"],
        input=TOKEN.encode(),
        **run,
    )
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    server = subprocess.Popen([*etabli, "serve", "--port", str(port)], env=environment)
    while True:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/api/models").status_code == 200:
                return time.perf_counter() - started, server, url
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _start_row(start_s: float) -> Row:
    bare_s = _timed(lambda: subprocess.run([sys.executable, "-c", "import fastapi"], check=True))
    return Row(
        "start, to the first answer",
        f"{start_s:.2f} s",
        "importing FastAPI alone",
        f"{bare_s:.2f} s",
        f"{start_s / bare_s:.1f} ×",
    )


def _memory_row(pid: int) -> Row:
    time.sleep(2)
    ours_mb = memory_mb(pids_of(pid))
    bare = (
        "import fastapi, uvicorn, resource; "
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    output = subprocess.run([sys.executable, "-c", bare], check=True, capture_output=True)
    bare_mb = int(output.stdout) / 1024
    return Row(
        "memory, idle",
        f"{ours_mb:.0f} MB",
        "FastAPI and uvicorn alone",
        f"{bare_mb:.0f} MB",
        f"{ours_mb / bare_mb:.1f} ×",
    )


# Commits: beside git itself, told to be as careful (`core.fsync=all`)


def _commits(client: httpx.Client, folder: Path) -> list[Row]:
    client.post("/api/repos/create", json={"name": "commits"}).raise_for_status()
    rows = []
    for files, count in ((1, COMMITS_OF_1), (100, COMMITS_OF_100)):
        ours_s = _timed(lambda f=files, c=count: [_commit(client, f, i) for i in range(c)]) / count
        git_s = _git_commit_s(folder / f"git-{files}", files, count)
        rows.append(
            Row(
                f"commits a second, {files} file{'s' if files > 1 else ''}",
                f"{1 / ours_s:.0f}",
                "git add + git commit, core.fsync=all",
                f"{1 / git_s:.0f}",
                f"{git_s / ours_s:.1f}",
            )
        )
    return rows


def _git_commit_s(folder: Path, files: int, count: int) -> float:
    folder.mkdir()
    git = ["git", "-C", str(folder), "-c", "core.fsync=all", "-c", "user.name=b"]
    git += ["-c", "user.email=b@b"]
    subprocess.run([*git, "init", "-q"], check=True)

    def commit(number: int) -> None:
        for place in range(files):
            (folder / f"{place}.txt").write_text(f"{number} {place} {'x' * 200}")
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", f"commit {number}"], check=True)

    return _timed(lambda: [commit(number) for number in range(count)]) / count


def _commit(client: httpx.Client, files: int, number: int) -> None:
    lines = [{"key": "header", "value": {"summary": f"commit {number}", "description": ""}}]
    for place in range(files):
        content = base64.b64encode(f"{number} {place} {'x' * 200}".encode()).decode()
        value = {"path": f"f{files}/{place}.txt", "content": content, "encoding": "base64"}
        lines.append({"key": "file", "value": value})
    body = "\n".join(json.dumps(line) for line in lines)
    headers = {"Content-Type": "application/x-ndjson"}
    client.post(
        "/api/models/bench/commits/commit/main", content=body, headers=headers
    ).raise_for_status()


# Resolve: beside a bare ASGI program that sends the same bytes, with the same client


def _resolves(client: httpx.Client, url: str) -> list[Row]:
    content = b"x" * 1000
    _commit(client, 1, 0)
    path = "/bench/commits/resolve/main/f1/0.txt"
    ours = asyncio.run(_requests_per_s(url + path))
    with _bare_server(content) as bare_url:
        bare = asyncio.run(_requests_per_s(bare_url))
    return [
        Row(
            "resolve requests a second, small file",
            f"{ours:.0f}",
            "bare uvicorn, same bytes",
            f"{bare:.0f}",
            f"{ours / bare:.2f}",
        )
    ]


async def _requests_per_s(url: str, at_once: int = 8) -> float:
    async with httpx.AsyncClient(timeout=60) as client:

        async def some() -> None:
            for _ in range(RESOLVES // at_once):
                response = await client.get(url)
                response.raise_for_status()

        started = time.perf_counter()
        await asyncio.gather(*(some() for _ in range(at_once)))
        return RESOLVES / (time.perf_counter() - started)


@contextlib.contextmanager
def _bare_server(content: bytes) -> Iterator[str]:
    port = _free_port()
    program = (
        "import uvicorn\n"
        "async def app(scope, receive, send):\n"
        "    if scope['type'] != 'http': return\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': []})\n"
        f"    await send({{'type': 'http.response.body', 'body': {content!r}}})\n"
        f"uvicorn.run(app, port={port}, log_level='error', lifespan='off')\n"
    )
    server = subprocess.Popen([sys.executable, "-c", program])
    url = f"http://127.0.0.1:{port}"
    while True:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url)
            break
        time.sleep(0.02)
    try:
        yield url
    finally:
        server.terminate()
        server.wait()


# The main job: from the table to a page that answers


def _making(client: httpx.Client) -> list[Row]:
    started = time.perf_counter()
    with contextlib.ExitStack() as files:
        parts = {
            field: files.enter_context((SAMPLE / name).open("rb"))
            for field, name in (
                ("train", "train.csv"),
                ("test", "test.csv"),
                ("replies", "answers.csv"),
            )
        }
        answer = client.post("/api/etabli/runs", data={"name": "helpdesk"}, files=parts)
    key = answer.raise_for_status().json()["key"]
    client.post(f"/api/etabli/runs/{key}/make").raise_for_status()
    while True:
        run = client.get(f"/api/etabli/runs/{key}").raise_for_status().json()
        if run["state"] not in ("queued", "making"):
            break
        time.sleep(0.25)
    published = client.post(f"/api/etabli/runs/{key}/publish", json={}).raise_for_status().json()
    client.get(f"/{published['model']}").raise_for_status()
    asked = client.post(f"/run/{published['model']}", json={"inputs": "my card has not arrived"})
    asked.raise_for_status()
    took_s = time.perf_counter() - started
    cpu_s = run["result"]["training"]["cpu_s"]
    return [
        Row(
            "from the CSV of BANKING77 to a page that answers",
            f"{took_s:.1f} s",
            "processor time of the learning alone",
            f"{cpu_s:.1f} s",
            f"{took_s / cpu_s:.1f} ×",
        ),
        Row(
            "accuracy on the official test split",
            f"{100 * run['result']['accuracy']['value']:.2f} %",
            "always the commonest subject",
            f"{100 * run['result']['baseline_accuracy']:.1f} %",
            "",
        ),
    ]


# Questions: beside the program that answers, without HTTP, SQL and permissions


def _questions(client: httpx.Client, data_dir: Path) -> list[Row]:
    texts = _test_texts()
    own_ms, whole_ms = [], []
    for text in texts:
        started = time.perf_counter()
        response = client.post("/run/bench/helpdesk", json={"inputs": text})
        whole_ms.append((time.perf_counter() - started) * 1000)
        own_ms.append(float(response.raise_for_status().headers["x-etabli-latency-ms"]))
    return [
        Row(
            f"question by HTTP, {name}",
            f"{_quantile(whole_ms, q):.1f} ms",
            "the model alone",
            f"{_quantile(own_ms, q):.2f} ms",
            f"{_quantile(whole_ms, q) / _quantile(own_ms, q):.0f} ×",
        )
        for name, q in (("p50", 0.5), ("p99", 0.99))
    ]


def _test_texts() -> list[str]:
    lines = (SAMPLE / "test.csv").read_text("utf-8").splitlines()[1:]
    return [line.rpartition(",")[0].strip('"') for line in lines if "," in line][:QUESTIONS]


def _quantile(values: list[float], q: float) -> float:
    return statistics.quantiles(values, n=1000)[round(q * 1000) - 1]


# Showing


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _show(rows: list[Row]) -> None:
    print(f"\n{_machine()}\n")
    print("| measured | this hub | beside | its figure | ratio |")
    print("| --- | ---: | --- | ---: | ---: |")
    for row in rows:
        print(f"| {row.what} | {row.ours} | {row.beside} | {row.limit} | {row.ratio} |")


def _machine() -> str:
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    load = os.getloadavg()[0]
    return (
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores of {cpu}, "
        f"Python {platform.python_version()}, load {load:.1f} at the end."
    )

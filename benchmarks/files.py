"""Measure files on their way out beside nginx, and repositories of ten thousand files.

    .venv/bin/python benchmarks/files.py [--megabytes 1000] [--rounds 3]

Machines are shared and noisy: read the ratios, and run it twice.
"""

import argparse
import base64
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from benchmarks.processes import cpu_s, pids_of
from etabli.features.accounts import TokenRole
from etabli.settings import Settings
from etabli.site import Site

MB = 1_000_000
FILES = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--downloads-only", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="etabli-files-") as name, hub(Path(name)) as served:
        url, pid, token = served
        client = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=600
        )
        if not arguments.downloads_only:
            many_files(client)
            small_files(Path(name), url, token)
        if not shutil.which("nginx"):
            print("downloads: not measured, nginx is not installed")
            return
        downloads(Path(name), client, pid, arguments.megabytes, arguments.rounds)
    with (
        tempfile.TemporaryDirectory(prefix="etabli-files-") as name,
        hub(Path(name), works=True) as served,
    ):
        while_cutting(Path(name), *served, arguments.megabytes, arguments.rounds)


@contextlib.contextmanager
def hub(folder: Path, *, works: bool = False) -> Iterator[tuple[str, int, str]]:
    """`works`: with its worker, which would share the figures of everything else."""
    data_dir = folder / "data"
    site = Site(Settings(data_dir=data_dir))
    site.migrate()
    with site.open_hub() as hub:
        hub.accounts.register("alice", "correct horse")
        token = hub.accounts.issue_token("alice", TokenRole.WRITE, "bench").secret
    site.close()
    port = _free_port()
    program = "from etabli.cli import main; main()"
    words = ["serve", "--port", str(port), "--data-dir", str(data_dir)]
    command = [sys.executable, "-c", program, *words]
    environment = {**os.environ, "ETABLI_EMBEDDED_WORKER": str(works).lower()}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}", process.pid, token
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


# Repositories of many files


def many_files(client: httpx.Client) -> None:
    client.post("/api/repos/create", json={"name": "many", "type": "dataset"}).raise_for_status()
    at = "/api/datasets/alice/many"
    files = {f"data/{n:05}.txt": f"file {n}\n".encode() for n in range(FILES)}
    row(f"commit of {FILES} files", timed(lambda: commit(client, at, files)))
    for number in range(200):
        names = [f"data/{(number * 50 + n) % FILES:05}.txt" for n in range(5)]
        commit(client, at, {name: f"{number}\n".encode() for name in names})
    row(f"list of {FILES} files", timed(lambda: tree(client, at, "recursive=true&expand=false")))
    said = "last commit of each, 202 commits"
    row(f"{said}, first time", timed(lambda: tree(client, at, "recursive=true&expand=true")))
    row(f"{said}, again", timed(lambda: tree(client, at, "recursive=true&expand=true")))
    commit(client, at, {"data/00000.txt": b"newest"})
    row(f"{said}, after one more", timed(lambda: tree(client, at, "recursive=true&expand=true")))


def commit(client: httpx.Client, at: str, files: dict[str, bytes]) -> None:
    lines = [{"key": "header", "value": {"summary": "Change"}}]
    for path, content in files.items():
        encoded = base64.b64encode(content).decode()
        value = {"path": path, "content": encoded, "encoding": "base64"}
        lines.append({"key": "file", "value": value})
    body = "".join(json.dumps(line) + "\n" for line in lines)
    client.post(f"{at}/commit/main", content=body.encode()).raise_for_status()


def tree(client: httpx.Client, at: str, query: str) -> None:
    url, count = f"{at}/tree/main?{query}", 0
    while url:
        page = client.get(url).raise_for_status()
        count += len(page.json())
        url = page.links.get("next", {}).get("url", "")
    if count != FILES + 2:
        raise SystemExit(f"{count} entries are listed")


def small_files(folder: Path, url: str, token: str) -> None:
    source = folder / "source"
    source.mkdir()
    for number in range(1000):
        (source / f"{number:04}.txt").write_text(f"file {number}\n" * 20)
    environment = {
        **os.environ,
        "HF_ENDPOINT": url,
        "HF_TOKEN": token,
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    command = [str(Path(sys.executable).parent / "hf"), "upload", "alice/small", str(source)]

    def upload() -> None:
        subprocess.run(command, env=environment, check=True, capture_output=True)

    row("hf upload of 1,000 small files, program start included", timed(upload))


# Downloads


def downloads(folder: Path, client: httpx.Client, pid: int, megabytes: int, rounds: int) -> None:
    content = make_file(folder / "big.bin", megabytes)
    size = content.stat().st_size
    kept = {"whole": _upload(client, content), "in chunks": _upload_by_xet(client, folder, content)}
    os.sync()  # or what was just uploaded would still be on its way to the disk
    time.sleep(2)
    with nginx(folder) as (theirs, worker):
        for how, ours in kept.items():
            for streams in (1, 8):
                print(f"kept {how}, ", end="")
                _side_by_side((ours, pid), (theirs, worker), streams, size, rounds)


def while_cutting(
    folder: Path, url: str, pid: int, token: str, megabytes: int, rounds: int
) -> None:
    """Downloads of one file, while the worker cuts others that have come by Git LFS."""
    client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=600)
    content = make_file(folder / "big.bin", megabytes)
    ours = _upload_by_xet(client, folder, content)
    os.sync()
    with nginx(folder) as (theirs, worker):
        for streams in (1, 8):
            _upload(client, make_file(folder / f"cut-{streams}.bin", megabytes))
            time.sleep(1)
            print(
                "while others are cut (the processor time of that included), kept in chunks, ",
                end="",
            )
            _side_by_side((ours, pid), (theirs, worker), streams, megabytes * MB, rounds)
            started = time.perf_counter()
            while _is_being_cut(pid):
                time.sleep(0.1)
            row("and to the end of the cutting", time.perf_counter() - started)


def _is_being_cut(pid: int) -> bool:
    commands = (Path(f"/proc/{one}/cmdline").read_bytes() for one in pids_of(pid))
    return any(b"etabli.engine.chunking" in command for command in commands)


def make_file(path: Path, megabytes: int) -> Path:
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(MB))
    return path


def _side_by_side(
    ours: tuple[str, int], theirs: tuple[str, int], streams: int, size: int, rounds: int
) -> None:
    figures: dict[str, list[tuple[float, float]]] = {"hub": [], "nginx": []}
    for _ in range(rounds):
        for name, (url, server) in (("hub", ours), ("nginx", theirs)):
            figures[name].append(_download(url, streams, size, server))
    _compare(streams, figures, size * streams)


def _upload(client: httpx.Client, content: Path) -> str:
    name = content.stem
    client.post("/api/repos/create", json={"name": name}).raise_for_status()
    digest = subprocess.run(
        ["sha256sum", str(content)], capture_output=True, text=True, check=True
    ).stdout.split()[0]
    size = content.stat().st_size
    asked = {"operation": "upload", "objects": [{"oid": digest, "size": size}]}
    answer = client.post(f"/alice/{name}.git/info/lfs/objects/batch", json=asked).json()
    with content.open("rb") as file:
        pieces = iter(lambda: file.read(1 << 20), b"")
        url = answer["objects"][0]["actions"]["upload"]["href"]
        headers = {"Content-Length": str(size)}
        started = time.perf_counter()
        client.put(url, content=pieces, headers=headers).raise_for_status()
        row(f"LFS upload of {size // MB} MB", time.perf_counter() - started)
    lines = [
        {"key": "header", "value": {"summary": "Add"}},
        {"key": "lfsFile", "value": {"path": content.name, "algo": "sha256", "oid": digest}},
    ]
    body = "".join(json.dumps(line) + "\n" for line in lines)
    client.post(f"/api/models/alice/{name}/commit/main", content=body).raise_for_status()
    return f"{client.base_url}/alice/{name}/resolve/main/{content.name}".replace(
        "//alice", "/alice"
    )


def _upload_by_xet(client: httpx.Client, folder: Path, content: Path) -> str:
    """Other bytes: those that came before are known, and would not be cut."""
    other = folder / "other.bin"
    other.write_bytes(content.read_bytes()[::-1])
    environment = {
        **os.environ,
        "HF_ENDPOINT": str(client.base_url).rstrip("/"),
        "HF_TOKEN": client.headers["Authorization"].removeprefix("Bearer "),
        "HF_HOME": str(folder / "hf"),
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    }
    command = [str(Path(sys.executable).parent / "hf"), "upload", "alice/xet", str(other)]
    subprocess.run(command, env=environment, check=True, capture_output=True)
    return f"{client.base_url}/alice/xet/resolve/main/other.bin".replace("//alice", "/alice")


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[tuple[str, int]]:
    port = _free_port()
    settings = folder / "nginx.conf"
    settings.write_text(
        f"worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/nginx.log; daemon off;\n"
        "user root; events { worker_connections 64; }\n"
        f"http {{ access_log off; sendfile on; server {{ listen 127.0.0.1:{port}; "
        f"root {folder}; }} }}\n"
    )
    process = subprocess.Popen(["nginx", "-c", str(settings), "-p", str(folder)])
    try:
        _wait(port)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        yield f"http://127.0.0.1:{port}/big.bin", int(children.split()[0])
    finally:
        process.terminate()
        process.wait(timeout=10)


def _download(url: str, streams: int, size: int, server: int) -> tuple[float, float]:
    """Seconds, and seconds of the server's processor."""
    before, started = cpu_s(server), time.perf_counter()
    threads = [threading.Thread(target=_fetch, args=(url, size)) for _ in range(streams)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started, cpu_s(server) - before


def _fetch(url: str, size: int) -> None:
    parts = httpx.URL(url)
    connection = http.client.HTTPConnection(parts.host, parts.port)
    connection.request("GET", parts.path)
    response, buffer, left = connection.getresponse(), bytearray(1 << 20), size
    while count := response.readinto(buffer):
        left -= count
    connection.close()
    if left:
        raise SystemExit(f"{left} bytes are missing")


def _compare(streams: int, figures: dict[str, list[tuple[float, float]]], size: int) -> None:
    median = {
        name: [statistics.median(one[place] for one in rounds) for place in (0, 1)]
        for name, rounds in figures.items()
    }
    (hub_s, hub_cpu), (nginx_s, nginx_cpu) = median["hub"], median["nginx"]
    gigabytes = size / 1e9
    print(
        f"download, {streams} at once: hub {gigabytes / hub_s:.2f} GB/s, nginx "
        f"{gigabytes / nginx_s:.2f} GB/s: {nginx_s / hub_s:.2f} of it; processor s/GB "
        f"{hub_cpu / gigabytes:.2f} and {nginx_cpu / gigabytes:.2f}: "
        f"{hub_cpu / max(nginx_cpu, 0.01):.2f} times"
    )


# Small things


def row(what: str, duration_s: float) -> None:
    print(f"{what}: {duration_s:.2f} s")


def timed(deed: Callable[[], object]) -> float:
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise SystemExit("the server did not start")


if __name__ == "__main__":
    main()

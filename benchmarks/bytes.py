"""Measure how large files go in and out: processor time, memory, and what others feel of it.

    .venv/bin/python benchmarks/bytes.py [--megabytes 300]

Machines are shared and noisy: the server's processor time counts, and wall time is a hint.
"""

import argparse
import contextlib
import http.client
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import processes
from etabli.features.accounts import TokenRole
from etabli.settings import Settings
from etabli.site import Site

MB = 1_000_000
HF = str(Path(sys.executable).parent / "hf")


@dataclass
class Server:
    url: str
    pid: int
    token: str
    folder: Path

    def cpu_s(self) -> float:
        return processes.cpu_s(self.pid)

    def memory_mb(self) -> float:
        return processes.memory_mb(processes.pids_of(self.pid))

    def stored_mb(self) -> float:
        files = (self.folder / "data" / "blobs").rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file()) / MB


class Peak:
    """The most memory that a server takes while the block runs, looked at ten times a second."""

    def __init__(self, hub: Server) -> None:
        # As they are now: a program being started shows for a moment as its parent once more.
        self._pids, self.mb = processes.pids_of(hub.pid), 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            self.mb = max(self.mb, processes.memory_mb(self._pids))


@contextlib.contextmanager
def server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="etabli-bytes-") as name:
        folder = Path(name)
        data_dir = folder / "data"
        site = Site(Settings(data_dir=data_dir))
        site.migrate()
        with site.open_hub() as hub:
            hub.accounts.register("alice", "correct horse")
            token = hub.accounts.issue_token("alice", TokenRole.WRITE, "bench").secret
        site.close()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        program = "from etabli.cli import main; main()"
        words = ["serve", "--port", str(port), "--data-dir", str(data_dir)]
        # Without the worker, which would cut into chunks what came by LFS meanwhile.
        process = subprocess.Popen(
            [sys.executable, "-c", program, *words],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "ETABLI_EMBEDDED_WORKER": "false"},
        )
        try:
            _wait(port)
            yield Server(f"http://127.0.0.1:{port}", process.pid, token, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait(port: int) -> None:
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)


def measure(hub: Server, what: str, deed: Callable[[], object]) -> None:
    cpu_s, stored_mb, start_s = hub.cpu_s(), hub.stored_mb(), time.monotonic()
    with Peak(hub) as peak:
        deed()
    wall_s = time.monotonic() - start_s
    print(
        f"{what:<46} {hub.cpu_s() - cpu_s:5.2f} s CPU  {wall_s:5.1f} s wall  "
        f"{peak.mb:5.0f} MB peak  {hub.stored_mb() - stored_mb:7.1f} MB stored",
        flush=True,
    )


def hf(hub: Server, *words: str, home: str = "home", **env: str) -> None:
    given = {"HF_ENDPOINT": hub.url, "HF_TOKEN": hub.token, "HF_HOME": str(hub.folder / home)}
    quiet = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
    # The clients stand for other machines: they take what processor time the server leaves.
    subprocess.run(
        ["nice", "-n", "19", HF, *words],
        env={**os.environ, **given, **quiet, **env},
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=hub.folder,
    )


def curl(hub: Server, path: str, target: str) -> None:
    words = ["curl", "-sf", "-H", f"Authorization: Bearer {hub.token}", "-o", target]
    subprocess.run([*words, hub.url + path], check=True)


def pings(hub: Server, until: threading.Event) -> list[float]:
    """How long a tiny call takes, again and again, in milliseconds."""
    connection = http.client.HTTPConnection(hub.url.removeprefix("http://"))
    took: list[float] = []
    while not until.is_set():
        start = time.perf_counter()
        connection.request(
            "GET", "/api/whoami-v2", headers={"Authorization": f"Bearer {hub.token}"}
        )
        connection.getresponse().read()
        took.append(1000 * (time.perf_counter() - start))
        time.sleep(0.01)
    return took


def percentiles(took: list[float]) -> str:
    cuts = statistics.quantiles(took, n=100)
    return (
        f"p50 {cuts[49]:.1f} ms, p95 {cuts[94]:.1f} ms, p99 {cuts[98]:.1f} ms ({len(took)} calls)"
    )


def pinged_during(hub: Server, what: str, deed: Callable[[], object]) -> None:
    done = threading.Event()
    took: list[float] = []
    thread = threading.Thread(target=lambda: took.extend(pings(hub, done)))
    with Peak(hub) as peak:
        thread.start()
        deed()
        done.set()
        thread.join()
    print(f"tiny call, {what}: {percentiles(took)}, {peak.mb:.0f} MB peak", flush=True)


def together(*deeds: Callable[[], object]) -> None:
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    parser.add_argument("--pings-only", action="store_true")
    arguments = parser.parse_args()
    megabytes = arguments.megabytes
    with server() as hub:
        hf(hub, "repos", "create", "alice/m")
        if not arguments.pings_only:
            one_by_one(hub, megabytes)
        two_at_once(hub, megabytes)


def make_file(hub: Server, name: str, megabytes: int) -> None:
    with (hub.folder / name).open("wb") as file:
        for _ in range(megabytes):
            file.write(os.urandom(MB))


NO_XET = {"HF_HUB_DISABLE_XET": "1"}


def one_by_one(hub: Server, megabytes: int) -> None:
    folder, shown = hub.folder, f"{megabytes} MB"
    make_file(hub, "a.bin", megabytes)
    make_file(hub, "b.bin", megabytes)
    original = (folder / "a.bin").read_bytes()
    half = len(original) // 2
    edited = original[:half] + b"a few bytes more" + original[half:]
    (folder / "edited.bin").write_bytes(edited)
    del original, edited
    time.sleep(2)
    print(f"idle: {hub.memory_mb():.0f} MB")
    measure(hub, f"Xet upload, random, {shown}", lambda: hf(hub, "upload", "alice/m", "a.bin"))
    measure(
        hub,
        "Xet upload, edited in the middle, new client",
        lambda: hf(hub, "upload", "alice/m", "edited.bin", home="other"),
    )
    measure(
        hub,
        f"Xet download, {shown}",
        lambda: hf(hub, "download", "alice/m", "a.bin", "--local-dir", "x", home="reader"),
    )
    curled = str(folder / "curled")
    path_a, path_b = "/alice/m/resolve/main/a.bin", "/alice/m/resolve/main/b.bin"
    measure(hub, f"plain HTTP download of it, {shown}", lambda: curl(hub, path_a, curled))
    measure(
        hub,
        f"LFS upload, random, {shown}",
        lambda: hf(hub, "upload", "alice/m", "b.bin", **NO_XET),
    )
    measure(hub, f"plain HTTP download of it, {shown}", lambda: curl(hub, path_b, curled))
    for name, got in (("a.bin", "x/a.bin"), ("b.bin", "curled")):
        assert (folder / name).read_bytes() == (folder / got).read_bytes(), name  # noqa: S101
    for name in ("a.bin", "b.bin", "edited.bin", "curled", "x/a.bin"):
        (folder / name).unlink()


def two_at_once(hub: Server, megabytes: int) -> None:
    names = ("c.bin", "d.bin", "e.bin", "f.bin")
    for name in names:
        make_file(hub, name, megabytes)
    pinged_during(hub, "idle", lambda: time.sleep(10))

    def upload(name: str, **env: str) -> Callable[[], object]:
        return lambda: hf(hub, "upload", "alice/m", name, home=f"home-{name}", **env)

    def download(name: str) -> Callable[[], object]:
        words = ("download", "alice/m", name, "--local-dir", "x")
        return lambda: hf(hub, *words, home=f"reader-{name}")

    both = "c.bin", "d.bin"
    pinged_during(hub, "during two Xet uploads", lambda: together(*map(upload, both)))
    lfs = [upload(name, **NO_XET) for name in ("e.bin", "f.bin")]
    pinged_during(hub, "during two LFS uploads", lambda: together(*lfs))
    pinged_during(hub, "during two Xet downloads", lambda: together(*map(download, both)))
    pinged_during(hub, "idle again", lambda: time.sleep(10))


if __name__ == "__main__":
    main()

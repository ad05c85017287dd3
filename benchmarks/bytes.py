"""Measure how large files go in and out: processor time, memory, and what others feel of it.

    .venv/bin/python benchmarks/bytes.py [--megabytes 300]

Machines are shared and noisy: the server's processor time counts, and wall time is a hint.
"""

import argparse
import contextlib
import http.client
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
from dataclasses import dataclass
from pathlib import Path

from etabli.features.accounts import TokenRole
from etabli.hub import Site
from etabli.settings import Settings

MB = 1_000_000
TICKS = os.sysconf("SC_CLK_TCK")
HF = str(Path(sys.executable).parent / "hf")


@dataclass
class Server:
    url: str
    pid: int
    token: str
    folder: Path

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def peak_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1000

    def forget_peak(self) -> None:
        with contextlib.suppress(OSError):
            Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def stored_mb(self) -> float:
        files = (self.folder / "data" / "blobs").rglob("*")
        return sum(file.stat().st_size for file in files if file.is_file()) / MB


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
    hub.forget_peak()
    cpu_s, stored_mb, start_s = hub.cpu_s(), hub.stored_mb(), time.monotonic()
    deed()
    wall_s = time.monotonic() - start_s
    print(
        f"{what:<44} {hub.cpu_s() - cpu_s:5.2f} s CPU  {wall_s:5.1f} s wall  "
        f"{hub.peak_mb():5.0f} MB peak  {hub.stored_mb() - stored_mb:7.1f} MB stored",
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


def pinged_during(hub: Server, deed: Callable[[], object]) -> str:
    done = threading.Event()
    took: list[float] = []
    thread = threading.Thread(target=lambda: took.extend(pings(hub, done)))
    thread.start()
    deed()
    done.set()
    thread.join()
    return percentiles(took)


def together(*deeds: Callable[[], object]) -> None:
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=300)
    size = parser.parse_args().megabytes * MB
    with server() as hub:
        folder = hub.folder
        for name in ("a.bin", "b.bin", "c.bin", "d.bin"):
            with (folder / name).open("wb") as file:
                for _ in range(0, size, MB):
                    file.write(os.urandom(MB))
        with (folder / "edited.bin").open("wb") as file:
            original = (folder / "a.bin").read_bytes()
            file.write(original[: size // 2] + b"a few bytes more" + original[size // 2 :])
        hf(hub, "repos", "create", "alice/m")
        print(f"idle: {hub.peak_mb():.0f} MB")
        print("tiny call, idle:", pinged_during(hub, lambda: time.sleep(5)))
        shown = f"{size // MB} MB"
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
        path = "/alice/m/resolve/main/a.bin"
        measure(hub, f"plain HTTP download of it, {shown}", lambda: curl(hub, path, curled))
        no_xet = {"HF_HUB_DISABLE_XET": "1"}
        measure(
            hub,
            f"LFS upload, random, {shown}",
            lambda: hf(hub, "upload", "alice/m", "b.bin", **no_xet),
        )
        path_b = "/alice/m/resolve/main/b.bin"
        measure(hub, f"plain HTTP download of it, {shown}", lambda: curl(hub, path_b, curled))
        for name, got in (("a.bin", "x/a.bin"), ("b.bin", "curled")):
            assert (folder / name).read_bytes() == (folder / got).read_bytes(), name  # noqa: S101
        hub.forget_peak()
        during = pinged_during(
            hub,
            lambda: together(
                lambda: hf(hub, "upload", "alice/m", "c.bin", home="c"),
                lambda: hf(hub, "upload", "alice/m", "d.bin", home="d"),
            ),
        )
        print("tiny call, during two Xet uploads:", during, f"{hub.peak_mb():.0f} MB peak")
        shutil.rmtree(folder / "x")
        during = pinged_during(
            hub,
            lambda: together(
                lambda: hf(hub, "download", "alice/m", "c.bin", "--local-dir", "x", home="r1"),
                lambda: hf(hub, "download", "alice/m", "d.bin", "--local-dir", "x", home="r2"),
            ),
        )
        print("tiny call, during two Xet downloads:", during)


if __name__ == "__main__":
    main()

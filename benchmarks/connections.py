"""What one caller feels while 2,000 idle and 200 slow connections are held: `python -m
benchmarks.connections`.

Of the slow ones each sends, now and then, a byte of its headers or of a body. Whoever is sent away
comes back at once, so that there are always as many.
"""

import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.hub import _machine, _quantile, _start
from benchmarks.mixed import _prepare, _small_calls
from benchmarks.processes import memory_mb, pids_of
from etabli.server.connection_limits import raise_open_files

IDLE, SLOW, LASTS_S, EVERY_S = 2000, 200, 20.0, 1.0
NICENESS = 10
STARTS = (
    b"GET / HTTP/1.1\r\nX: ",
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 9000\r\n\r\nname=",
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\nname=",
)
"""The last is for the process that carries bytes."""


def main() -> None:
    if len(sys.argv) > 1:
        _hold(sys.argv[1])
        return
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder) / "data")


def _measure(data_dir: Path) -> None:
    token = _prepare(data_dir, "")
    _, server, url = _start(data_dir)
    try:
        idle = _small_calls(url, token, LASTS_S)
        before_mb = memory_mb(pids_of(server.pid))
        crowd = subprocess.Popen([sys.executable, "-m", "benchmarks.connections", url])
        time.sleep(3)  # until all are there
        busy = _small_calls(url, token, LASTS_S)
        held_mb = memory_mb(pids_of(server.pid))
        crowd.wait()
    finally:
        server.terminate()
        server.wait()
    print(_machine())
    for name, waits_s in (("alone", idle), ("meanwhile", busy)):
        p50, p99 = (_quantile(waits_s, q) * 1000 for q in (0.5, 0.99))
        print(f"small GET, {name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {len(waits_s)} calls")
    print(f"p99, meanwhile / alone: {_quantile(busy, 0.99) / _quantile(idle, 0.99):.1f}")
    print(f"memory, alone / meanwhile: {before_mb:.0f} / {held_mb:.0f} MB")


@dataclass
class _Held:
    connection: socket.socket
    renew: Callable[[], socket.socket]


def _hold(url: str) -> None:
    os.nice(NICENESS)
    raise_open_files()
    address = urlsplit(url)
    host, port = str(address.hostname), int(address.port or 0)
    seen, slow = Counter[str](), list[_Held]()
    selector = selectors.DefaultSelector()

    def opened(start: bytes) -> socket.socket:
        connection = socket.create_connection((host, port))
        connection.sendall(start)
        seen["opened"] += 1
        return connection

    def hold(start: bytes) -> _Held:
        held = _Held(opened(start), lambda: opened(start))
        selector.register(held.connection, selectors.EVENT_READ, held)
        return held

    for _ in range(IDLE):
        hold(b"")
    slow = [hold(STARTS[number % len(STARTS)]) for number in range(SLOW)]
    until, next_byte = time.monotonic() + LASTS_S + 3, time.monotonic()
    while time.monotonic() < until:
        for key, _ in selector.select(timeout=0.1):
            _renew(selector, key.data, seen)
        if time.monotonic() >= next_byte:
            next_byte += EVERY_S
            for held in slow:
                _send_a_byte(held.connection)
    print(dict(seen))


def _renew(selector: selectors.BaseSelector, held: _Held, seen: Counter[str]) -> None:
    try:
        said = held.connection.recv(65536)
    except ConnectionError:
        said = b""
    if said:
        if said.startswith(b"HTTP/1.1 "):
            seen[f"answered {said[9:12].decode()}"] += 1
        return
    selector.unregister(held.connection)
    held.connection.close()
    held.connection = held.renew()
    selector.register(held.connection, selectors.EVENT_READ, held)


def _send_a_byte(connection: socket.socket) -> None:
    try:
        connection.sendall(b"x")
    except ConnectionError:
        return  # it is about to be seen


if __name__ == "__main__":
    main()

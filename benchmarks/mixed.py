"""What one caller feels while many others use the hub: `python -m benchmarks.mixed`.

64 clients, each at one thing after another with a pause between, as people and programs do: batches
of Git LFS, commits, files, pages, questions, uploads. One more client makes small calls all along.
On SQLite; with `--database-url`, on that PostgreSQL, which must be empty.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import httpx

from benchmarks.hub import _machine, _quantile, _start
from etabli.features.accounts import TokenRole
from etabli.features.repos import RepoType
from etabli.settings import Settings
from etabli.site import Site

CLIENTS, PAUSE_S, LASTS_S, IDLE_S = 64, 1.0, 60.0, 10.0
REPOS = [f"alice/m{number}" for number in range(8)]
NICENESS = 10
"""The clients give way: what is measured is the hub, on the cores that they share."""


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--database-url", default="")
    asked.add_argument("--seconds", type=float, default=LASTS_S)
    asked.add_argument("--role", default="", help=argparse.SUPPRESS)
    given = asked.parse_args()
    if given.role:
        _be_many(given.role.split(",")[0], given.role.split(",")[1], given.seconds)
        return
    if given.database_url:
        os.environ["ETABLI_DATABASE_URL"] = given.database_url
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder) / "data", given.database_url, given.seconds)


def _measure(data_dir: Path, database_url: str, lasts_s: float) -> None:
    token = _prepare(data_dir, database_url)
    _make_model(data_dir)
    _, server, url = _start(data_dir)
    try:
        idle = _small_calls(url, token, IDLE_S)
        role = f"{url},{token}"
        crowd = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.mixed", "--role", role, "--seconds", str(lasts_s)]
        )
        busy = _small_calls(url, token, lasts_s)
        crowd.wait()
    finally:
        server.terminate()
        server.wait()
    print(_machine())
    for name, waits_s in (("idle", idle), ("meanwhile", busy)):
        p50, p99 = (_quantile(waits_s, q) * 1000 for q in (0.5, 0.99))
        worst = max(waits_s) * 1000
        print(f"small GET, {name}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, slowest {worst:.0f} ms")
    print(f"p99, meanwhile / idle: {_quantile(busy, 0.99) / _quantile(idle, 0.99):.1f}")


def _prepare(data_dir: Path, database_url: str) -> str:
    site = Site(Settings(data_dir=data_dir, database_url=database_url))
    site.migrate()
    with site.open_hub() as hub:
        alice = hub.accounts.register("alice")
        secret = hub.accounts.issue_token("alice", TokenRole.WRITE, "bench").secret
        for name in REPOS:
            hub.repos.create(alice, RepoType.MODEL, "alice", name.partition("/")[2])
    site.close()
    return secret


def _make_model(data_dir: Path) -> None:
    """For the questions: the one that the README makes."""
    etabli = str(Path(sys.executable).parent / "etabli")
    command = [etabli, "create", "samples/banking77", "--name", "helpdesk", "--as", "alice"]
    subprocess.run([*command, "--data-dir", str(data_dir)], check=True, capture_output=True)


def _small_calls(url: str, token: str, lasts_s: float) -> list[float]:
    waits_s = []
    headers = {"Authorization": f"Bearer {token}"}
    until = time.monotonic() + lasts_s
    with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
        while time.monotonic() < until:
            began = time.perf_counter()
            client.get("/api/whoami-v2").raise_for_status()
            waits_s.append(time.perf_counter() - began)
            time.sleep(0.02)
    return waits_s


def _be_many(url: str, token: str, lasts_s: float) -> None:
    os.nice(NICENESS)
    until, seen = time.monotonic() + lasts_s, Counter[str]()
    threads = [
        threading.Thread(target=_be_one, args=(url, token, number, until, seen))
        for number in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for what, count in sorted(seen.items()):
        print(f"{count:6} {what}")


def _be_one(url: str, token: str, number: int, until: float, seen: Counter[str]) -> None:
    dice = random.Random(number)  # noqa: S311 - to choose what to ask
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=120) as client:
        while time.monotonic() < until:
            kind = dice.choice(KINDS)
            answer = kind(client, dice)
            seen[f"{answer.status_code} {kind.__name__.strip('_')}"] += 1
            time.sleep(dice.uniform(0, 2 * PAUSE_S))


def _batch(client: httpx.Client, dice: random.Random) -> httpx.Response:
    body = {"operation": "download", "objects": [{"oid": "ab" * 32, "size": 5}]}
    return client.post(f"/{dice.choice(REPOS)}.git/info/lfs/objects/batch", json=body)


def _commit(client: httpx.Client, dice: random.Random) -> httpx.Response:
    path = f"f{dice.randrange(10**9)}"
    lines = (
        '{"key":"header","value":{"summary":"one more"}}\n'
        f'{{"key":"file","value":{{"path":"{path}","content":"{"x" * 200}","encoding":"utf-8"}}}}\n'
    )
    return client.post(f"/api/models/{dice.choice(REPOS)}/commit/main", content=lines)


def _upload(client: httpx.Client, dice: random.Random) -> httpx.Response:
    content = dice.randbytes(300_000)
    one = {"oid": sha256(content).hexdigest(), "size": len(content)}
    body = {"operation": "upload", "transfers": ["basic"], "objects": [one]}
    answer = client.post(f"/{dice.choice(REPOS)}.git/info/lfs/objects/batch", json=body)
    [told] = answer.raise_for_status().json()["objects"]
    return httpx.put(told["actions"]["upload"]["href"], content=content, timeout=120)


def _page(client: httpx.Client, dice: random.Random) -> httpx.Response:
    return client.get(dice.choice(["/", "/models", f"/{dice.choice(REPOS)}"]))


def _list(client: httpx.Client, _dice: random.Random) -> httpx.Response:
    return client.get("/api/models", params={"limit": 20})


def _info(client: httpx.Client, dice: random.Random) -> httpx.Response:
    return client.get(f"/api/models/{dice.choice(REPOS)}")


def _history(client: httpx.Client, dice: random.Random) -> httpx.Response:
    return client.get(f"/api/models/{dice.choice(REPOS)}/commits/main")


def _ask(client: httpx.Client, dice: random.Random) -> httpx.Response:
    body = {"inputs": f"where is my card number {dice.randrange(10**6)}"}
    return client.post("/run/alice/helpdesk", json=body)


def _create(client: httpx.Client, dice: random.Random) -> httpx.Response:
    body = {"name": f"new{dice.randrange(10**9)}", "type": "dataset"}
    return client.post("/api/repos/create", json=body)


KINDS: list[Callable[[httpx.Client, random.Random], httpx.Response]] = [
    _batch,
    _commit,
    _upload,
    _page,
    _list,
    _info,
    _history,
    _ask,
    _create,
]

if __name__ == "__main__":
    main()

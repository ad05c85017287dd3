"""Measure lists and searches of a hub with very many repositories.

    python -m benchmarks.synthetic --data-dir D --repos 1000000
    python -m benchmarks.catalogue --data-dir D [--database-url …]

Each kind of request is asked with different words, tags and owners each time, one after the other,
by one client. Beside them, in the same run, a bare indexed `SELECT … LIMIT 20` of that database:
machines are shared and noisy, so read the ratios, and the processor time.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles

import httpx
from sqlalchemy import text

from benchmarks.hub import TOKEN, _free_port, _machine
from benchmarks.processes import cpu_s
from benchmarks.synthetic import (
    BASES,
    JOBS,
    LANGUAGES,
    LIBRARIES,
    LICENCES,
    PLACES,
    SUBJECTS,
    TASKS,
)
from etabli.features.git import AddFile
from etabli.features.repos import RepoType
from etabli.operations import commits
from etabli.operations.indexing import index_repo
from etabli.settings import Settings
from etabli.site import Site

ASKED = 60
WARM_UP = 5
PUSHES = 100
API_MS, PAGE_MS, PUSH_MS = 50, 100, 10
"""What 95 of 100 are to stay under."""

Ask = Callable[[random.Random], str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--database-url", default="")
    parser.add_argument("--asked", type=int, default=ASKED, help="requests of each kind")
    given = parser.parse_args()
    site = Site(Settings(data_dir=given.data_dir, database_url=given.database_url))
    owners, count = _facts(site)
    bare_ms = [_bare_ms(site) for _ in range(given.asked)]
    beside = _p95(bare_ms)
    print(f"{count:,} repositories, {site.database.engine.dialect.name}\n")
    print("| asked | half under | 95 % under | slowest | beside a bare SELECT | CPU each | goal |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    print(f"| SELECT … LIMIT 20, bare | {_median(bare_ms):.1f} ms | {beside:.1f} ms | | 1 | | |")
    with _server(given.data_dir, given.database_url) as (url, pid):
        for name, path, goal_ms, signed_in in _kinds(owners):
            client = httpx.Client(base_url=url, timeout=120)
            if signed_in:
                client.headers["Authorization"] = f"Bearer {TOKEN}"
            _ask(client, path, WARM_UP)
            before_s = cpu_s(pid)
            waits_ms = _ask(client, path, given.asked)
            each_ms = (cpu_s(pid) - before_s) * 1000 / given.asked
            _show(name, waits_ms, beside, f"{each_ms:.0f} ms", goal_ms)
    _show("indexing of one push", _pushes_ms(site), beside, "", PUSH_MS)
    site.close()
    print(f"\n{_machine()}")


def _kinds(owners: Sequence[str]) -> list[tuple[str, Ask, int, bool]]:
    """Name, address, goal in ms, and whether it is asked by somebody signed in."""
    api = "/api/models?limit=20"
    asked: list[tuple[str, Ask, bool]] = [
        ("a page that reads nothing: /login", lambda _: "/login", False),
        ("API, newest", lambda _: api, False),
        ("API, by downloads", lambda _: f"{api}&sort=downloads", False),
        ("API, without a limit", lambda _: "/api/models", False),
        ("API, newest, signed in", lambda _: api, True),
        ("API, of an owner", lambda r: f"{api}&author={_skewed(r, owners)}", False),
        ("API, one tag", lambda r: f"{api}&filter={_tag(r)}", False),
        ("API, three tags, by creation", lambda r: f"{api}&sort=createdAt{_three_tags(r)}", False),
        ("API, a part of a name", lambda r: f"{api}&search={r.choice(BASES)[1:]}", False),
        ("API, two words", lambda r: f"{api}&search={r.choice(BASES)} {r.choice(JOBS)}", False),
        ("API, word and tag", lambda r: f"{api}&search={r.choice(JOBS)}&filter={_tag(r)}", True),
        ("home", lambda _: "/", False),
        ("home, signed in", lambda _: "/", True),
        ("/models", lambda _: "/models", False),
        ("/models, task and language", lambda r: f"/models?{_choices(r)}", False),
        ("/models, a sentence", lambda r: f"/models?q={_sentence(r)}", False),
        ("/models, sentence and task", lambda r: f"/models?q={_sentence(r)}&{_choices(r)}", True),
        ("/models, a word spelled wrong", lambda r: f"/models?q={_wrong(r)}", False),
        ("/search, one word", lambda r: f"/search?q={r.choice(SUBJECTS)}", False),
        ("an owner's page", lambda r: f"/{_skewed(r, owners)}", False),
    ]
    return [
        (name, path, API_MS if name.startswith("API") else PAGE_MS, signed_in)
        for name, path, signed_in in asked
    ]


def _tag(draw: random.Random) -> str:
    return draw.choice([*TASKS, *LIBRARIES, *LANGUAGES, *(f"license:{one}" for one in LICENCES)])


def _three_tags(draw: random.Random) -> str:
    pools = (TASKS, LIBRARIES, LANGUAGES)
    return "".join(f"&filter={draw.choice(pool)}" for pool in pools)


def _choices(draw: random.Random) -> str:
    return f"task={draw.choice(TASKS)}&language={draw.choice(LANGUAGES)}"


def _sentence(draw: random.Random) -> str:
    return f"{draw.choice(JOBS)} incoming {draw.choice(SUBJECTS)} by {draw.choice(PLACES)}"


def _wrong(draw: random.Random) -> str:
    word = draw.choice([one for one in BASES if len(one) > 6])
    return f"{word[:2]}q{word[3:]}"


def _skewed(draw: random.Random, owners: Sequence[str]) -> str:
    """Half of the time one of the ten who have most."""
    return draw.choice(owners[:10] if draw.random() < 0.5 else owners)


def _facts(site: Site) -> tuple[Sequence[str], int]:
    """Some owners, those who have most first; and how many repositories there are."""
    asked = "SELECT namespace FROM repos GROUP BY namespace ORDER BY count(*) DESC LIMIT 1000"
    with site.database.reading() as db:
        owners = db.scalars(text(asked)).all()
        return owners, db.scalar(text("SELECT count(*) FROM repos")) or 0


def _bare_ms(site: Site) -> float:
    asked = text(
        "SELECT * FROM repos WHERE type = 'model' AND private = :no "
        "ORDER BY updated_at DESC LIMIT 20"
    )
    with site.database.reading() as db:
        started = time.perf_counter()
        db.execute(asked, {"no": False}).all()
        return (time.perf_counter() - started) * 1000


def _pushes_ms(site: Site) -> list[float]:
    """One push after the other: git is read, and the entry kept, as the worker does it."""
    with site.read_hub() as hub:
        bench = hub.accounts.actor("bench")
    with site.open_hub() as hub:
        repo = hub.repos.create(bench, RepoType.MODEL, "bench", f"pushed-{time.time_ns()}")
    waits_ms = []
    for number in range(PUSHES):
        commits.commit(site, bench, repo, "main", [AddFile("README.md", _card(number))], "card")
        started = time.perf_counter()
        index_repo(site, repo.key)
        waits_ms.append((time.perf_counter() - started) * 1000)
    with site.open_hub() as hub:
        hub.repos.delete(bench, repo)
    index_repo(site, repo.key)
    return waits_ms


def _card(number: int) -> bytes:
    draw = random.Random(number)
    words = " ".join(draw.choices([*SUBJECTS, *JOBS, *PLACES, *BASES], k=120))
    tags = f"pipeline_tag: {draw.choice(TASKS)}\nlicense: {draw.choice(LICENCES)}"
    return f"---\n{tags}\n---\n{words}\n".encode()


@contextmanager
def _server(data_dir: Path, database_url: str) -> Iterator[tuple[str, int]]:
    port = _free_port()
    environment = {
        **os.environ,
        "ETABLI_DATA_DIR": str(data_dir),
        "ETABLI_DATABASE_URL": database_url,
        "ETABLI_EMBEDDED_WORKER": "false",
    }
    etabli = str(Path(sys.executable).parent / "etabli")
    server = subprocess.Popen([etabli, "serve", "--port", str(port)], env=environment)
    try:
        _wait(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait()


def _wait(url: str) -> None:
    while True:
        try:
            httpx.get(f"{url}/api/models?limit=1", timeout=120).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return


def _ask(client: httpx.Client, path: Ask, times: int) -> list[float]:
    draw, waits_ms = random.Random(times), []
    for _ in range(times):
        address = path(draw)
        started = time.perf_counter()
        client.get(address).raise_for_status()
        waits_ms.append((time.perf_counter() - started) * 1000)
    return waits_ms


def _show(name: str, waits_ms: list[float], beside_ms: float, cpu: str, goal_ms: int) -> None:
    p95 = _p95(waits_ms)
    said = "" if p95 <= goal_ms else " **missed**"
    print(
        f"| {name} | {_median(waits_ms):.1f} ms | {p95:.1f} ms | {max(waits_ms):.0f} ms "
        f"| {p95 / beside_ms:.0f} × | {cpu} | {goal_ms} ms{said} |",
        flush=True,
    )


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _p95(values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[94]


if __name__ == "__main__":
    main()

"""A real server on the loopback address, and a real browser in front of it."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from etabli.features.accounts import Actor
from etabli.features.git import AddFile
from etabli.features.repos import Repo, RepoType
from etabli.operations import commits, pull_requests
from etabli.server.app import create_app
from etabli.settings import Settings
from etabli.site import Site

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "correct horse"
CARD = """---
license: apache-2.0
language: [fr]
pipeline_tag: text-classification
---
# Courrier

Oriente le courrier vers **17 services**. Voir [le code](train.py).

## Limites

| Dit | Était |
|---|---|
| voirie | eau |

```python
print("bonjour")
```
"""
QUESTION = """Les services ont-ils un nom complet ?

# Ce que je cherche

- `voirie` : rues et trottoirs ;
- `eau` : voir https://example.org/une-adresse-assez-longue-pour-deborder-d-un-petit-ecran-de-telephone

```python
print("une ligne de code assez longue pour dépasser un petit écran, et de loin, tout au bout")
```
"""
TABLE = "text,label\n" + '"Le lampadaire est cassé",voirie\nMa facture est fausse,eau\n' * 30


@dataclass(frozen=True)
class Look:
    """One way of looking at a page."""

    language: str
    theme: str
    width: int
    height: int


LOOKS = {
    "en-light-desktop": Look("en", "light", 1360, 900),
    "fr-dark-phone": Look("fr", "dark", 390, 844),
}


@dataclass
class Visit:
    """A page of a browser, and all that went wrong in it."""

    page: Page
    base: str
    problems: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        self.page.goto(self.base + path, wait_until="networkidle")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def served(site: Site) -> Iterator[str]:
    """A real server on the port of the site's settings; its address."""
    port = site.settings.port
    server = uvicorn.Server(
        uvicorn.Config(create_app(site), host="127.0.0.1", port=port, log_level="warning")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a hub with somebody, a model and a dataset in it."""
    port = _free_port()
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("hub"),
        database_url="",
        port=port,
        embedded_worker=False,
        open_registration=True,
    )
    site = Site(settings)
    site.migrate()
    _furnish(site)
    with served(site) as address:
        yield address


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> Look:
    return LOOKS[request.param]


@pytest.fixture
def visit(browser: Browser, base: str, look: Look) -> Iterator[Visit]:
    context = _context(browser, look)
    yield _visit(context, base)
    context.close()


@pytest.fixture(scope="session")
def alices_cookies(browser: Browser, base: str) -> StorageState:
    """What her browser keeps from her signing in."""
    context = _context(browser, LOOKS["en-light-desktop"])
    sign_in(_visit(context, base), "alice")
    kept = context.storage_state()
    context.close()
    return kept


@pytest.fixture
def alices_visit(
    browser: Browser, base: str, look: Look, alices_cookies: StorageState
) -> Iterator[Visit]:
    context = _context(browser, look, alices_cookies)
    yield _visit(context, base)
    context.close()


def sign_in(visit: Visit, name: str) -> None:
    """By the page."""
    visit.go("/login")
    visit.page.fill("[name=name]", name)
    visit.page.fill("[name=password]", PASSWORD)
    visit.page.click("main button")
    visit.page.wait_for_url(f"{visit.base}/")


def _context(browser: Browser, look: Look, kept: StorageState | None = None) -> BrowserContext:
    return browser.new_context(
        viewport={"width": look.width, "height": look.height},
        color_scheme="dark" if look.theme == "dark" else "light",
        locale=look.language,
        storage_state=kept,
    )


def _visit(context: BrowserContext, base: str) -> Visit:
    visit = Visit(context.new_page(), base)
    visit.page.on(
        "console",
        lambda message: visit.problems.append(message.text) if message.type == "error" else None,
    )
    visit.page.on("pageerror", lambda error: visit.problems.append(str(error)))
    return visit


def _furnish(site: Site) -> None:
    with site.open_hub() as hub:
        alice = hub.accounts.register("alice", PASSWORD, is_admin=True)
        hub.accounts.register("carol", PASSWORD)
    with site.open_hub() as hub:
        model = hub.repos.create(alice, RepoType.MODEL, "alice", "courrier")
        empty = hub.repos.create(alice, RepoType.MODEL, "alice", "empty")
        dataset = hub.repos.create(alice, RepoType.DATASET, "alice", "messages")
    card, table = AddFile("README.md", CARD.encode()), AddFile("data/train.csv", TABLE.encode())
    commits.commit(
        site, alice, model, "main", [card, AddFile("train.py", b"import csv\n")], "The model"
    )
    commits.commit(site, alice, dataset, "main", [card, table], "The data")
    with site.open_hub() as hub:
        for repo in (model, empty, dataset):
            hub.catalogue.index(repo.key)
    _talk(site, model)


def _talk(site: Site, model: Repo) -> None:
    """A discussion, a proposal that can be merged, and one that cannot."""
    with site.open_hub() as hub:
        bob = hub.accounts.register("bob", PASSWORD)
    alice, changes = site_actor(site, "alice"), [AddFile("train.py", b"import json\n")]
    with site.open_hub() as hub:
        num = hub.community.open(bob, model, "Le nom des services", QUESTION).num
        hub.community.comment(alice, model, num, "Oui, **bientôt**.")
    better = CARD.replace("17 services", "dix-huit services").encode()
    weights = AddFile("weights.safetensors", b"\0weights" * 1000)
    more = [AddFile("README.md", better), weights]
    pull_requests.propose(
        site, bob, model, "main", more, "Dix-huit services", "Il y en a un de plus."
    )
    pull_requests.propose(site, bob, model, "main", changes, "Lire du JSON")
    commits.commit(site, alice, model, "main", [AddFile("train.py", b"import csv, sys\n")], "Sys")


def site_actor(site: Site, name: str) -> Actor:
    with site.read_hub() as hub:
        return hub.accounts.actor(name)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

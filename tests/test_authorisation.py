"""Who may do what, at every address: the live routes against a table written by hand.

The table below is the policy as people agreed on it. It neither calls nor copies the code that
decides; a route that is added later is tested by what it declares, without a line here.
"""

import re
import tempfile
from asyncio import AbstractEventLoop, Event, Runner
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient, Response
from sqlalchemy.orm import Session

from etabli import web
from etabli.features.accounts import Permission, Role, TokenRole
from etabli.features.buckets import PutFile
from etabli.features.git import AddFile
from etabli.features.repos import Gate, RepoType
from etabli.foundation.db import Database
from etabli.http import SESSION_COOKIE, required_permission
from etabli.http import routes_of as app_routes_of
from etabli.operations import commits
from etabli.server.app import UndeclaredRouteError, create_app
from etabli.settings import Settings
from etabli.site import Site

# The policy


class Answer(Enum):
    LET_IN = auto()
    SIGN_IN = auto()
    """401: whoever signs in may be let in."""
    NOT_YOURS = auto()
    """403"""
    AS_IF_MISSING = auto()
    """The same answer as for a repository that is not there, to the letter."""


LET_IN, SIGN_IN, NOT_YOURS, AS_IF_MISSING = Answer

# For each standing in the repository's namespace: what a public one answers, a private one, and one
# that everybody sees and whose bytes are gated.
_OF_MEMBERS = dict.fromkeys(("reader", "writer", "admin"), (LET_IN, LET_IN, LET_IN))
_BYTES = {
    "nobody": (LET_IN, AS_IF_MISSING, SIGN_IN),
    "outsider": (LET_IN, AS_IF_MISSING, NOT_YOURS),
    "guest": (LET_IN, AS_IF_MISSING, LET_IN),  # an outsider, to whom the gated one is granted
    **_OF_MEMBERS,
}
REPO_POLICY: dict[Permission, dict[str, tuple[Answer, Answer, Answer]]] = {
    Permission.SEE_REPO: {
        "nobody": (LET_IN, AS_IF_MISSING, LET_IN),
        "outsider": (LET_IN, AS_IF_MISSING, LET_IN),
        "guest": (LET_IN, AS_IF_MISSING, LET_IN),
        **_OF_MEMBERS,
    },
    Permission.READ_REPO: _BYTES,
    Permission.ASK_MODEL: _BYTES,
    Permission.TAKE_PART: {
        "nobody": (SIGN_IN, AS_IF_MISSING, SIGN_IN),
        "outsider": (LET_IN, AS_IF_MISSING, LET_IN),
        "guest": (LET_IN, AS_IF_MISSING, LET_IN),
        **_OF_MEMBERS,
    },
    Permission.PROPOSE: {
        **_BYTES,
        "nobody": (SIGN_IN, AS_IF_MISSING, SIGN_IN),
    },
    Permission.WRITE_REPO: {
        "nobody": (SIGN_IN, AS_IF_MISSING, SIGN_IN),
        **dict.fromkeys(("outsider", "guest"), (NOT_YOURS, AS_IF_MISSING, NOT_YOURS)),
        "reader": (NOT_YOURS, NOT_YOURS, NOT_YOURS),
        "writer": (LET_IN, LET_IN, LET_IN),
        "admin": (LET_IN, LET_IN, LET_IN),
    },
    Permission.ADMIN_REPO: {
        "nobody": (SIGN_IN, AS_IF_MISSING, SIGN_IN),
        **dict.fromkeys(("outsider", "guest"), (NOT_YOURS, AS_IF_MISSING, NOT_YOURS)),
        "reader": (NOT_YOURS, NOT_YOURS, NOT_YOURS),
        "writer": (NOT_YOURS, NOT_YOURS, NOT_YOURS),
        "admin": (LET_IN, LET_IN, LET_IN),
    },
}
# For somebody who is not signed in, for somebody who is, and for an administrator of the site.
SITE_POLICY: dict[Permission, tuple[Answer, Answer, Answer]] = {
    Permission.PUBLIC: (LET_IN, LET_IN, LET_IN),
    Permission.SET_UP: (NOT_YOURS, NOT_YOURS, NOT_YOURS),  # this site has been set up
    Permission.SIGNED_IN: (SIGN_IN, LET_IN, LET_IN),
    Permission.OWN_ACCOUNT: (SIGN_IN, LET_IN, LET_IN),  # by a session only: see below
    Permission.CREATE_REPO: (SIGN_IN, LET_IN, LET_IN),
    Permission.ADMIN_SITE: (SIGN_IN, NOT_YOURS, LET_IN),
    # By no account, an administrator's neither: see tests/api/xet for what does open these.
    Permission.SIGNED_ADDRESS: (NOT_YOURS, NOT_YOURS, NOT_YOURS),
    Permission.CAS_READ: (SIGN_IN, SIGN_IN, SIGN_IN),
    Permission.CAS_WRITE: (SIGN_IN, SIGN_IN, SIGN_IN),
}
# A token that only reads opens these however they are asked, and the others by GET and HEAD only.
READING = {
    Permission.PUBLIC,
    Permission.SEE_REPO,
    Permission.READ_REPO,
    Permission.ASK_MODEL,
    Permission.SET_UP,
}
NEVER_BY_A_READ_TOKEN = {
    Permission.TAKE_PART,
    Permission.PROPOSE,
    Permission.WRITE_REPO,
    Permission.ADMIN_REPO,
    Permission.ADMIN_SITE,
}

# Routes that let whoever takes part propose; asked for a branch, as here, they are for writers.
FOR_WRITERS_AS_ASKED = {"preupload", "commit", "write_token", "push", "edit"}
NEVER_BY_A_TOKEN = {Permission.OWN_ACCOUNT}

# Routes that let a caller in, and whose own verb then refuses what this test sends.
OWN_REFUSALS: dict[str, tuple[set[int], str]] = {
    "login": ({401}, "the name and the password are nobody's"),
    "join": ({403}, "registration is closed on this site"),
    "join_page": ({403}, "registration is closed on this site"),
    "save_organization": ({403}, "who does not administer the organisation that is named"),
    "create_bucket": ({403}, "whoever may not write in the namespace that is named"),
    **dict.fromkeys(
        ("list_buckets", "delete_namespace"),
        ({401, 404}, "nobody is called so, and no bucket's name has one part"),
    ),
    "find_kernel": ({401, 404}, "there are no kernels here"),
    "single_name": (
        {401, 404},
        "a repository's name has two parts; it answers as for a missing one",
    ),
    **dict.fromkeys(
        ("rename", "change_status", "hide_comment", "rename_discussion", "set_status", "hide"),
        ({403}, "the owner began this discussion: it is theirs to change, and the writers'"),
    ),
}

BODIES: dict[str, dict[str, Any]] = {"preupload": {"files": []}}
QUERIES = {"discover": "?service=git-upload-pack"}

CANARY = "bytes-of-a-file"
STANDING_IN_GUILD = {
    "stranger": "outsider",
    "guest": "guest",
    "reader": "reader",
    "writer": "writer",
    "chief": "admin",
    "leaver": "outsider",  # was a writer
    "owner": "outsider",
    "sysop": "outsider",  # an administrator of the site, to whom it opens no repository
}
STANDING_AT_OWNERS = dict.fromkeys(STANDING_IN_GUILD, "outsider") | {"owner": "admin"}
REPOS = ("open", "secluded", "gated")
NAMESPACES = {"guild": STANDING_IN_GUILD, "owner": STANDING_AT_OWNERS}

# What to put for `{this}` in an address. Anything else gets "sample".
SAMPLES = {
    "plural": "models",
    "owner": "guild",
    "branch": "side",
    "revision": "main",
    "tag": "v1",
    "address": "main/README.md",
    "rest": "main/README.md",
    "path": "rows.csv",
    "paper": "1706.03762",
    "num": "1",
    "status": "pending",
}


@dataclass(frozen=True)
class Route:
    method: str
    path: str
    endpoint: str
    permission: Permission | None
    is_form: bool

    @property
    def is_safe(self) -> bool:
        return self.method in ("GET", "HEAD")

    @property
    def is_of_bucket(self) -> bool:
        return self.path.startswith(("/buckets/{", "/api/buckets/{"))

    @property
    def type(self) -> RepoType:
        first = self.path.removeprefix("/api").split("/")[1]
        return {"datasets": RepoType.DATASET, "spaces": RepoType.SPACE}.get(first, RepoType.MODEL)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def at(self, values: dict[str, str]) -> str:
        return re.sub(r"{(\w+)[^}]*}", lambda found: values.get(found[1], "sample"), self.path)


def routes_of(app: FastAPI) -> list[Route]:
    return [
        Route(
            method,
            route.path,
            route.endpoint.__name__,
            required_permission(route.endpoint),
            is_form=not route.path.startswith(("/api", "/v1", "/oauth")),
        )
        for route in app_routes_of(app)
        for method in sorted(route.methods)
    ]


def all_routes() -> list[Route]:
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Settings(data_dir=Path(folder), database_url="sqlite://"))
        routes = routes_of(create_app(site))
        site.close()
    return routes


ROUTES = all_routes()
REPO_ROUTES = [route for route in ROUTES if route.permission in REPO_POLICY]
SITE_ROUTES = [route for route in ROUTES if route.permission not in REPO_POLICY]


# The world


class ForgetfulDatabase(Database):
    """Lets every deed happen and keeps none, so that each question finds the same world."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self._session() as session:
            session.connection(execution_options={"etabli_writes": True})
            yield session
            session.flush()
            session.rollback()


@dataclass(frozen=True)
class Caller:
    """Somebody with one credential."""

    name: str
    credential: str
    headers: dict[str, str] = field(repr=False)

    @property
    def is_refused(self) -> bool:
        return self.credential in ("revoked", "expired", "malformed")


@dataclass
class World:
    client: AsyncClient
    loop: AbstractEventLoop
    callers: Sequence[Caller]
    heads: dict[tuple[RepoType, str], str]

    def ask(
        self, route: Route, caller: Caller, full_name: str = "guild/open", **headers: str
    ) -> Response:
        namespace, _, name = full_name.partition("/")
        sha = self.heads.get((route.type, full_name), "0" * 40)
        values = SAMPLES | {"namespace": namespace, "name": name, "sha": sha}
        body: dict[str, Any] = {}
        if not route.is_safe:
            given = BODIES.get(route.endpoint, {})
            body = {"data": given} if route.is_form else {"json": given}
        address = route.at(values) + QUERIES.get(route.endpoint, "")
        return self.send(route.method, address, headers=caller.headers | headers, **body)

    def send(self, method: str, address: str, **more: Any) -> Response:
        """In this thread: there are 20,000 questions, and a hop to another costs as much as one."""
        return self.loop.run_until_complete(self.client.request(method, address, **more))


@pytest.fixture(scope="module")
def world(tmp_path_factory, empty_database) -> Iterator[World]:
    site = Site(
        Settings(data_dir=tmp_path_factory.mktemp("world"), embedded_worker=False, database_url="")
    )
    site.migrate()
    heads = _populate(site)
    callers = list(_callers(site))
    site.database = ForgetfulDatabase(site.settings.resolved_database_url)
    app = create_app(site)
    door = ASGITransport(app, raise_app_exceptions=False)
    with Runner() as runner, _running(app, runner.get_loop()) as loop:
        yield World(AsyncClient(transport=door, base_url="http://testserver"), loop, callers, heads)
    site.close()


@contextmanager
def _running(app: FastAPI, loop: AbstractEventLoop) -> Iterator[AbstractEventLoop]:
    """What the application does from its start to its end goes on in this loop, when it runs."""
    has_begun, may_end = Event(), Event()

    async def run() -> None:
        async with app.router.lifespan_context(app):
            has_begun.set()
            await may_end.wait()

    running = loop.create_task(run())
    loop.run_until_complete(has_begun.wait())
    yield loop
    may_end.set()
    loop.run_until_complete(running)


def _populate(site: Site) -> dict[tuple[RepoType, str], str]:
    with site.open_hub() as hub:
        for name in STANDING_IN_GUILD:
            hub.accounts.register(name, is_admin=name == "sysop")
        hub.accounts.create_org("guild", "chief")
        hub.accounts.set_member("guild", "reader", Role.READ)
        hub.accounts.set_member("guild", "writer", Role.WRITE)
        hub.accounts.set_member("guild", "leaver", Role.WRITE)
        hub.accounts.set_member("guild", "leaver", None)
    heads = {}
    for namespace, admin in (("guild", "chief"), ("owner", "owner")):
        for name in ("open", "secluded"):
            _fill_bucket(site, admin, namespace, name)
        for type in (RepoType.MODEL, RepoType.DATASET, RepoType.SPACE):
            for name in REPOS:
                head = _fill(site, admin, type, namespace, name)
                heads[type, f"{namespace}/{name}"] = head
    return heads


def _fill_bucket(site: Site, admin: str, namespace: str, name: str) -> None:
    with site.open_hub() as hub:
        actor = hub.accounts.actor(admin)
        bucket = hub.buckets.create(actor, namespace, name, private=name == "secluded")
        blob = hub.blobs.keep_bytes(f"{CANARY} of {bucket.full_name}".encode())
        hub.buckets.hold(bucket, {blob.sha256: blob.size_bytes})
        file = PutFile("rows.csv", blob.sha256, blob.size_bytes, mtime_ms=0)
        assert hub.buckets.change(actor, bucket, [file]) == []


def _fill(site: Site, admin: str, type: RepoType, namespace: str, name: str) -> str:
    with site.open_hub() as hub:
        actor = hub.accounts.actor(admin)
        repo = hub.repos.create(actor, type, namespace, name, private=name == "secluded")
    readme = AddFile("README.md", b"---\nlicense: mit\n---\n# Hello\n")
    rows = AddFile("rows.csv", f"text,label\n{CANARY},a\nhello,b\n".encode())
    draft = commits.commit(site, actor, repo, "main", [readme, rows], "A card")
    with site.open_hub() as hub:
        hub.refs.create_branch(actor, repo, "side", "main")
        hub.refs.create_tag(actor, repo, "v1", "main")
        hub.community.open(actor, repo, "A question", "Why?")
        if name == "gated":
            repo = hub.repos.access.set_gate(actor, repo, Gate.MANUAL)
        if namespace == "guild" and name == "gated":
            hub.access_requests.grant(actor, repo, "guest")
    return draft.commit_sha


def _callers(site: Site) -> Iterator[Caller]:
    yield Caller("nobody", "none", {})
    for name in STANDING_IN_GUILD:
        with site.open_hub() as hub:
            cookie = hub.accounts.open_sign_in(name)
            reads = hub.accounts.issue_token(name, TokenRole.READ, "reads").secret
            writes = hub.accounts.issue_token(name, TokenRole.WRITE, "writes").secret
            asks = hub.accounts.issue_token(name, TokenRole.ASK, "asks").secret
        yield Caller(name, "session", {"Cookie": f"{SESSION_COOKIE}={cookie}"})
        yield Caller(name, "read token", _bearer(reads))
        yield Caller(name, "write token", _bearer(writes))
        if name in ("chief", "sysop"):  # who may most
            yield Caller(name, "ask token", _bearer(asks))
    with site.open_hub() as hub:
        revoked = hub.accounts.issue_token("chief", TokenRole.WRITE, "revoked")
        expired = hub.accounts.issue_token("chief", TokenRole.WRITE, "expired")
        expired.token.expires_at = hub.work.now - timedelta(seconds=1)
        hub.accounts.revoke_token(hub.accounts.actor("chief"), revoked.token.key)
    yield Caller("chief", "revoked", _bearer(revoked.secret))
    yield Caller("chief", "expired", _bearer(expired.secret))
    yield Caller("chief", "malformed", _bearer("%00 this is not a token"))
    basic = b64encode(b"chief:this is no token either").decode()
    yield Caller("chief", "malformed", {"Authorization": f"Basic {basic}"})


def _bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


# The questions


@pytest.mark.parametrize("route", REPO_ROUTES, ids=str)
def test_a_repository_answers_as_the_policy_says(world, route):
    wrong = []
    for caller in world.callers:
        for namespace, standings in NAMESPACES.items():
            if namespace == "owner" and caller.name not in ("owner", "sysop"):
                continue  # the same as the guild's, to an outsider
            absent = world.ask(route, caller, f"{namespace}/absent")
            if not caller.is_refused and absent.status_code not in (401, 404):
                wrong.append((caller, namespace, "absent", absent.status_code))
            standing = standings.get(caller.name, "nobody")
            for name, expected in _expected_of_repo(route, caller, standing).items():
                if name == "gated" and route.is_of_bucket:
                    continue  # a bucket has no gate
                if name == "gated" and caller.credential not in ("session", "none"):
                    continue  # what a token may is the same at any repository
                got = world.ask(route, caller, f"{namespace}/{name}")
                if not _fits(expected, got, absent) and not _is_own_refusal(route, expected, got):
                    wrong.append((caller, f"{namespace}/{name}", expected.name, got.status_code))
    assert not wrong, _shown(wrong)


@pytest.mark.parametrize("route", SITE_ROUTES, ids=str)
def test_the_site_answers_as_the_policy_says(world, route):
    assert route.permission in SITE_POLICY, f"write the policy for {route.permission}"
    wrong = []
    for caller in world.callers:
        expected = _expected_of_site(route, caller)
        got = world.ask(route, caller)
        if not _fits(expected, got, None) and not _is_own_refusal(route, expected, got):
            wrong.append((caller, expected.name, got.status_code, got.text[:100]))
    assert not wrong, _shown(wrong)


@pytest.mark.parametrize("route", [r for r in ROUTES if not r.is_safe], ids=str)
def test_another_sites_page_can_change_nothing(world, route):
    session = next(c for c in world.callers if (c.name, c.credential) == ("chief", "session"))
    for headers in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ):
        assert world.ask(route, session, **headers).status_code == 403, headers


@pytest.mark.parametrize("route", [r for r in ROUTES if not r.is_safe], ids=str)
def test_no_token_changes_an_account(route):
    """A leaked token that could make others would outlive being revoked."""
    if route.path.startswith(("/settings", "/api/settings")):
        assert route.permission in NEVER_BY_A_TOKEN


def test_a_hidden_repository_is_in_no_list(world):
    outsider = next(c for c in world.callers if c.name == "stranger")
    for route in ROUTES:
        if route.permission is Permission.PUBLIC and route.method == "GET":
            assert "secluded" not in world.ask(route, outsider).text, route


@pytest.mark.parametrize("name", ["nobody", "stranger"])
def test_gated_bytes_leave_by_no_page(world, name):
    """The page, what is said of it and the list of files are there; no byte of a file is."""
    caller = next(c for c in world.callers if c.name == name)
    guest = next(c for c in world.callers if c.name == "guest")
    shown = [r for r in REPO_ROUTES if r.permission is Permission.SEE_REPO and r.method == "GET"]
    for route in shown:
        answer = world.ask(route, caller, "guild/gated")
        assert answer.status_code != 500, route
        assert CANARY not in answer.text, route
    rows = next(r for r in shown if r.path == "/datasets/{namespace}/{name}")
    assert CANARY in world.ask(rows, guest, "guild/gated").text


def test_a_gated_model_is_not_asked_by_the_door_that_names_it_in_the_body(world):
    asked = {"model": "guild/gated", "messages": [{"role": "user", "content": "Hello"}]}
    codes = {
        caller.name: world.send(
            "POST", "/v1/chat/completions", json=asked, headers=caller.headers
        ).status_code
        for caller in world.callers
        if caller.credential in ("session", "none")
    }
    assert codes["nobody"] == 401
    assert codes["stranger"] == 403
    assert codes["guest"] == codes["reader"] not in (401, 403)


def test_a_token_to_ask_reaches_a_private_model_by_name_in_the_body(world):
    asked = {"messages": [{"role": "user", "content": "Hello"}]}

    def code(name: str, model: str) -> tuple[int, str]:
        caller = next(c for c in world.callers if (c.name, c.credential) == (name, "ask token"))
        answer = world.send(
            "POST", "/v1/chat/completions", json={**asked, "model": model}, headers=caller.headers
        )
        return answer.status_code, answer.text.replace(model, "")

    let_in = code("chief", "guild/open")  # what it holds is no model, and that is said
    assert code("chief", "guild/secluded") == code("chief", "guild/gated") == let_in
    absent = code("chief", "guild/absent")
    assert absent != let_in
    assert code("sysop", "guild/secluded") == absent


def test_a_gate_says_so_in_the_words_that_clients_know(world):
    stranger = next(c for c in world.callers if c.name == "stranger")
    for caller, status in ((stranger, 403), (world.callers[0], 401)):
        answer = world.send("GET", "/guild/gated/resolve/main/rows.csv", headers=caller.headers)
        assert (answer.status_code, answer.headers["X-Error-Code"]) == (status, "GatedRepo")
    info = world.send("GET", "/api/models/guild/gated", headers=stranger.headers).json()
    assert info["gated"] == "manual"


def test_a_site_with_an_undeclared_route_does_not_start(site, monkeypatch):
    careless = APIRouter()
    careless.add_api_route("/undeclared", lambda: "hello")
    monkeypatch.setattr(web, "router", careless)
    with pytest.raises(UndeclaredRouteError, match="/undeclared"):
        create_app(site)


def test_every_route_was_found():
    assert len(REPO_ROUTES) >= 10
    assert len(SITE_ROUTES) >= 5


def _expected_of_repo(route: Route, caller: Caller, standing: str) -> dict[str, Answer]:
    assert route.permission is not None
    if caller.is_refused:
        return dict.fromkeys(REPOS, SIGN_IN)
    permission = route.permission
    if route.endpoint in FOR_WRITERS_AS_ASKED:
        permission = Permission.WRITE_REPO
    if caller.credential == "ask token":
        return _expected_of_ask_token(permission, standing)
    answers = dict(zip(REPOS, REPO_POLICY[permission][standing], strict=True))
    if caller.credential == "read token" and permission in NEVER_BY_A_READ_TOKEN:
        return {n: NOT_YOURS if answer is LET_IN else answer for n, answer in answers.items()}
    return answers


def _expected_of_ask_token(permission: Permission, standing: str) -> dict[str, Answer]:
    """It asks as its owner may, and for the rest is no more than nobody's: but known by name."""
    answers = REPO_POLICY[permission]["nobody"]
    if permission is Permission.ASK_MODEL:
        answers = REPO_POLICY[permission][standing]
    named = (NOT_YOURS if answer is SIGN_IN else answer for answer in answers)
    return dict(zip(REPOS, named, strict=True))


def _expected_of_site(route: Route, caller: Caller) -> Answer:
    assert route.permission is not None
    if caller.is_refused and route.permission is not Permission.SIGNED_ADDRESS:
        return SIGN_IN
    nobody, somebody, sysop = SITE_POLICY[route.permission]
    answer = {"nobody": nobody, "sysop": sysop}.get(caller.name, somebody)
    if answer is not LET_IN:
        return answer
    if caller.credential.endswith("token") and route.permission in NEVER_BY_A_TOKEN:
        return NOT_YOURS
    if caller.credential == "ask token" and route.permission is not Permission.PUBLIC:
        return NOT_YOURS
    reads_only = caller.credential == "read token" and route.permission not in READING
    if reads_only and (not route.is_safe or route.permission in NEVER_BY_A_READ_TOKEN):
        return NOT_YOURS
    return answer


def _fits(expected: Answer, got: Response, absent: Response | None) -> bool:
    if got.status_code >= 500 and got.status_code != 501:  # 501: let in, and not built yet
        return False
    match expected:
        case Answer.LET_IN:
            is_missing = absent is not None and _normal(got) == _normal(absent)
            return got.status_code not in (401, 403) and not is_missing
        case Answer.SIGN_IN:
            return got.status_code == 401
        case Answer.NOT_YOURS:
            return got.status_code == 403
        case Answer.AS_IF_MISSING:
            return absent is not None and _normal(got) == _normal(absent)


def _is_own_refusal(route: Route, expected: Answer, got: Response) -> bool:
    refusals, _why = OWN_REFUSALS.get(route.endpoint, (set[int](), ""))
    return expected is LET_IN and got.status_code in refusals


def _normal(response: Response) -> tuple[int, str, str, str]:
    """What a stranger could tell two answers apart by."""
    code = response.headers.get("x-error-code", "")
    message = response.headers.get("x-error-message", "")
    text = response.text
    for name in ("absent", "secluded", "open", "[0-9a-f]{40}"):
        message, text = re.sub(name, "NAME", message), re.sub(name, "NAME", text)
    return response.status_code, code, message, text


def _shown(wrong: Sequence[object]) -> str:
    return "\n".join(str(line) for line in wrong[:20])

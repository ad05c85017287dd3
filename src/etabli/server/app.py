"""The web server: one site behind all its doors."""

import logging
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from uuid import uuid4

import anyio.to_thread
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from etabli import web
from etabli.api import etabli as own
from etabli.api import git, huggingface, mcp, ollama, openai, xet
from etabli.features.accounts import BudgetUsedUpError
from etabli.features.repos import Repo, RepoAliasedError, RepoMovedError, RepoType
from etabli.foundation.durable_files import DiskFullError, is_full
from etabli.foundation.errors import (
    EtabliError,
    InvalidInputError,
    LimitError,
    NotFoundError,
    UnavailableError,
)
from etabli.foundation.i18n.messages import msg
from etabli.foundation.writers import doing
from etabli.http import (
    AddressNotFoundError,
    DoorRoute,
    ErrorPresenter,
    KnownHosts,
    Liveness,
    RefuseStrayPaths,
    RouteTable,
    UndeclaredRouteError,
    allowances_of,
    harmless,
    rate_limit_headers,
    redirect,
)
from etabli.operations import mirrors, refs, usage
from etabli.pools import UPSTREAMS, WRITES, BusyError
from etabli.server import writer_figures
from etabli.server.worker import Worker
from etabli.site import Site

log = logging.getLogger(__name__)

STREAMING_THREADS = 8
"""What reads the pieces of an answer from the disk as it is sent; everything else has `pools`."""

KEEP_USAGE_EVERY_S = 2.0

SWITCH_EVERY_S = 0.0005
"""How long a thread may keep the interpreter while others wait for it. A small answer changes
threads a few times, and waits so long each time that a page is being made beside it; by default
that is ten times as much."""

MAX_BODY_BYTES = 4_000_000
"""What a request may carry where its route does not say otherwise."""

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)


class UnexpectedError(EtabliError):
    def __init__(self, code: str) -> None:
        super().__init__(
            msg(
                "Something went wrong on this hub. Try again; "
                "if it goes on, tell its operator the code {code}.",
                code=code,
            )
        )


class BodyTooLargeError(LimitError):
    def __init__(self) -> None:
        super().__init__(msg("This is more than this address takes. Send less at once."))


def create_app(site: Site, *, tends: bool = True, counts_downloads: bool = True) -> FastAPI:
    """
    Args:
        tends: whether this process also looks after the site: recovers it, does its work. When
            several processes serve one, one of them does.
        counts_downloads: False where another process has counted those that it hands over.

    Raises:
        UndeclaredRouteError: some route does not say what it needs.
    """
    app = FastAPI(
        title="Établi",
        lifespan=_tending if tends else _serving,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        max_body_size=MAX_BODY_BYTES,
    )
    app.state.site = site
    app.state.counts_downloads = counts_downloads
    app.state.ask_upstream = _ask_upstream
    app.add_exception_handler(EtabliError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_invalid)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(OSError, _answer_os_error)
    app.add_exception_handler(Exception, _answer_unexpected)
    app.include_router(huggingface.router)
    app.include_router(xet.router)
    app.include_router(git.router)
    app.include_router(openai.router)
    app.include_router(ollama.router)
    app.include_router(mcp.router)
    app.include_router(own.router)
    app.include_router(web.router)
    app.router.routes[:] = [RouteTable(check_routes(app))]
    app.add_middleware(KnownHosts)
    app.add_middleware(RefuseStrayPaths)
    app.add_middleware(Liveness)
    app.add_middleware(_Headers)
    return app


async def _ask_upstream(site: Site, type: RepoType, full_name: str) -> None:
    """Once for all who ask for it meanwhile."""
    ask = partial(mirrors.ask_upstream, site, type, full_name)
    await UPSTREAMS.run_once((str(site.settings.data_dir), type, full_name.lower()), ask)


def check_routes(app: FastAPI) -> Sequence[DoorRoute]:
    """All routes, in the order in which they are asked.

    Raises:
        UndeclaredRouteError: some route does not say what it needs.
    """
    routes = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, DoorRoute):  # which would not have been made without @requires
            raise UndeclaredRouteError(f"{context.path}: make its router with etabli.http.door.")
        routes.append(route)
    return routes


@asynccontextmanager
async def _serving(app: FastAPI) -> AsyncIterator[None]:
    anyio.to_thread.current_default_thread_limiter().total_tokens = STREAMING_THREADS
    sys.setswitchinterval(SWITCH_EVERY_S)
    site: Site = app.state.site
    await anyio.to_thread.run_sync(_load_key, site)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_keep_usage, site)
        yield
        tasks.cancel_scope.cancel()
    with _only_logged():
        await anyio.to_thread.run_sync(_keep_usage_once, site)
    writer_figures.withdraw(site.settings.data_dir)
    site.close()


def _load_key(site: Site) -> None:
    """Before the first request: within its unit of work no other can be opened."""
    assert site.signer


async def _keep_usage(site: Site) -> None:
    while True:
        await anyio.sleep(KEEP_USAGE_EVERY_S)
        with _only_logged():
            await WRITES.run(_keep_usage_once, site)


def _keep_usage_once(site: Site) -> None:
    doing.set("the counts of downloads and of tokens")
    usage.keep_usage(site)
    figures = site.database.writers.news()
    if figures is not None:
        writer_figures.note(site.settings.data_dir, figures)


@contextmanager
def _only_logged() -> Iterator[None]:
    """What is only counted never ends the server: not by many writers, nor by a full disk."""
    try:
        yield
    except (UnavailableError, DiskFullError, OSError) as error:
        log.warning("What was counted could not be written down: %s", error)


@asynccontextmanager
async def _tending(app: FastAPI) -> AsyncIterator[None]:
    site: Site = app.state.site
    async with _serving(app):
        await anyio.to_thread.run_sync(refs.recover, site)
        worker = (
            Worker(site, alone=site.database.is_sqlite) if site.settings.embedded_worker else None
        )
        if worker:
            await anyio.to_thread.run_sync(worker.start)
        yield
        if worker:
            await anyio.to_thread.run_sync(worker.stop)


def _answer_error(request: Request, error: Exception) -> Response:
    """The one handler of our errors. It runs after the rollback, unlike a `try` in a route."""
    assert isinstance(error, EtabliError)
    if isinstance(error, RepoMovedError):
        moved_to = _same_address(request, error.repo)
        if moved_to is not None:
            # 307 keeps the method and the body; relative, as clients before 2.x want it.
            return redirect(moved_to, 307)
    if isinstance(error, RepoAliasedError):
        with_owner = _with_owner(request, error)
        if with_owner is not None:
            return redirect(with_owner, 307)
    return _present(request, error)


def _same_address(request: Request, repo: Repo) -> str | None:
    """This request's address under another name of the repository; None if it names none."""
    names = request.path_params
    old = f"/{names.get('namespace')}/{names.get('name')}"
    new = f"/{repo.full_name}{'.git' if old.endswith('.git') else ''}"
    before, found, after = request.scope["raw_path"].decode("latin-1").partition(old)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{before}{new}{after}{query}" if found else None


def _with_owner(request: Request, error: RepoAliasedError) -> str | None:
    """This request's address with the full name in the place of the name alone; None if it is not
    there."""
    segments = request.scope["raw_path"].decode("latin-1").split("/")
    found = (n for n, segment in enumerate(segments) if segment.lower() == error.alias.lower())
    at = next(found, None)
    if at is None:
        return None
    query = f"?{request.url.query}" if request.url.query else ""
    return "/".join([*segments[:at], error.full_name, *segments[at + 1 :]]) + query


def _answer_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["loc"][0] == "path":
        return _present(request, AddressNotFoundError())
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    return _present(
        request,
        InvalidInputError(
            msg("“{field}” is not as it should be: {reason}.", field=where, reason=first["msg"])
        ),
    )


def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _present(request, AddressNotFoundError())
    if error.status_code == 413:
        return _present(request, BodyTooLargeError())
    response = _present(
        request, InvalidInputError(msg("This address does not take such a request."))
    )
    response.status_code = error.status_code
    response.headers.update(error.headers or {})
    return response


def _answer_os_error(request: Request, error: Exception) -> Response:
    if isinstance(error, OSError) and is_full(error):
        return _present(request, DiskFullError())
    raise error


def _answer_unexpected(request: Request, _error: Exception) -> Response:
    code = str(request.scope.get("etabli_request_id", ""))[:8]
    return _present(request, UnexpectedError(code))


def _present(request: Request, error: EtabliError) -> Response:
    present = getattr(request.state, "present_error", None) or web.present_error
    door = _door_of(request.url.path)
    if present is web.present_error and door is not None:
        present = door
        if isinstance(error, NotFoundError):
            error = AddressNotFoundError()  # that there is no such page is of no use there
    response = present(request, error)
    if isinstance(error, BusyError | BudgetUsedUpError):
        response.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, BudgetUsedUpError):
        response.headers.update(rate_limit_headers(error.allowances))
    return response


_DOORS: Sequence[tuple[str, ErrorPresenter]] = (
    ("/api/etabli/", own.present_error),
    ("/run/", own.present_error),
    ("/v1/", openai.present_error),
    ("/mcp", mcp.present_error),
    ("/api/", huggingface.present_error),
    ("/cas/", xet.present_error),
)
"""Whose words an address is answered in that no route of a door's knows: pages have addresses of
the form `/{namespace}/{name}`, and a program that asks for `/api/something` expects no page."""


def _door_of(path: str) -> ErrorPresenter | None:
    return next((present for prefix, present in _DOORS if f"{path}/".startswith(prefix)), None)


class _Headers:
    """The headers of every answer: where pages may take things from, and the request's name."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["etabli_request_id"] = request_id
        added = [
            (b"x-request-id", request_id.encode()),
            (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
        ]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                own = [header for header in added if header[0] not in present]
                if b"ratelimit" not in present:
                    left = rate_limit_headers(allowances_of(scope["app"].state.site, scope))
                    own += [(name.encode(), said.encode()) for name, said in left.items()]
                message = {**message, "headers": harmless([*message["headers"], *own])}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _request_id(scope: Scope) -> str:
    """The client's name for the request, which it looks for in the answer; else a new one.

    Source: huggingface_hub/utils/_http.py, X_AMZN_TRACE_ID and X_REQUEST_ID.
    """
    headers = dict(scope["headers"])
    given = headers.get(b"x-request-id") or headers.get(b"x-amzn-trace-id") or b""
    kept = "".join(c for c in given.decode("latin-1") if c.isalnum() or c in "-_=;:.")[:128]
    return kept or str(uuid4())

"""How a request is answered: one hop to a thread does all of it, and nothing is held between two.

Every route declares what it needs (`@requires`), and stands behind a router made by `make_router`:
`server/app.py` refuses to start when one does not.

- A request that only reads is one hop: permission, endpoint and answer in one unit of work.
- A request that may bring a body is let in first, by a hop that reads; only then is the body
  received, in the event loop. A second hop reads the JSON, and does all the rest, up to the commit.
- An endpoint that is `async` is let in the same way, and then takes the hops that it needs itself.
- An endpoint that is not may answer with a coroutine: what takes another hop or more, once its own
  unit of work has ended.

FastAPI reads what needs reading: forms, and values that are more than text. A GET that asks for
text alone, as the busiest do, goes straight to its endpoint.

No transaction, no lock and no thread is held from one hop to the next: the next hop may have to
wait for a thread, and whoever has that thread may be waiting for the transaction.
"""

import inspect
from collections.abc import Awaitable, Callable, Container, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from inspect import Parameter, Signature
from types import NoneType
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from etabli.features.accounts import Actor, Permission
from etabli.features.buckets import Bucket
from etabli.features.repos import Repo
from etabli.foundation.writers import doing
from etabli.http.auth import ASKED_UPSTREAM, MIRROR_NOTE, UpstreamNeeded, authorise
from etabli.http.errors import ErrorPresenter
from etabli.http.numbers import bounded
from etabli.http.request import SAFE_METHODS, actor_of, bucket_of, repo_of, site_of
from etabli.hub import Hub
from etabli.pools import READS, WRITES, Pool

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
Answer = Callable[[Request], Coroutine[Any, Any, Response]]


HubDep = Annotated[Hub, "given by the hub"]
"""The unit of work of the request: it reads for a GET, and writes for all other methods."""
ReadHubDep = Annotated[Hub, "given by the hub, to read"]
"""The same for a request that reads only, whatever its method."""
ActorDep = Annotated[Actor, "given by the hub"]
RepoDep = Annotated[Repo, "given by the hub"]
BucketDep = Annotated[Bucket, "given by the hub"]


def requires(permission: Permission) -> Callable[[Endpoint], Endpoint]:
    """Declare what a route needs. Goes right above the function, below the route's decorator."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["needs"] = permission
        return endpoint

    return declare


PoolOf = Callable[[Request], Pool]
"""By what a request asks for. It is called in the event loop, and raises nothing."""


def in_pool(pool: Pool | PoolOf) -> Callable[[Endpoint], Endpoint]:
    """Answer by a thread of this pool: for what takes longer than most requests of its kind."""

    def declare(endpoint: Endpoint) -> Endpoint:
        endpoint.__dict__["pool"] = pool
        return endpoint

    return declare


def required_permission(endpoint: Callable[..., Any]) -> Permission | None:
    return cast(Permission | None, getattr(endpoint, "needs", None))


def make_router(
    present_error: ErrorPresenter,
    *,
    takes_placeholders: bool = False,
    reads: Pool = READS,
    **options: Any,
) -> APIRouter:
    """A router whose routes are checked, and whose errors are presented by this function.

    Args:
        takes_placeholders: its clients cannot do without a token, and send a word such as "none"
            when they have none. What is too short to be a token then counts for none.
        reads: where its requests are answered that only read.
    """

    return APIRouter(
        route_class=type(
            "Route",
            (DoorRoute,),
            {
                "present_error": staticmethod(present_error),
                "takes_placeholders": takes_placeholders,
                "reads": reads,
            },
        ),
        **options,
    )


class UndeclaredRouteError(RuntimeError):
    """A route that does not say what it needs, or that nothing checks. The site does not start."""


class DoorRoute(APIRoute):
    """A route of a door: it lets in those who may, before FastAPI receives what they send."""

    present_error: ErrorPresenter
    takes_placeholders: bool
    reads: Pool

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """
        Raises:
            UndeclaredRouteError: the endpoint does not say what it needs.
        """
        permission = required_permission(endpoint)
        if permission is None:
            raise UndeclaredRouteError(f"{path}: declare what it needs, with @requires(…).")
        self.operation = _Operation(endpoint, permission)
        super().__init__(path, _as_fastapi_sees_it(self.operation), **options)
        is_direct = self.operation.asks_for_text_alone(self.param_convertors)
        self._direct_methods = {"GET", "HEAD"} & (self.methods or set()) if is_direct else set()

    def remember_door(self, request: Request) -> None:
        request.state.present_error = self.present_error
        request.state.takes_placeholders = self.takes_placeholders

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in self._direct_methods:
            await super().handle(scope, receive, send)
            return
        request = Request(scope, receive, send)
        response = await self._after_upstreams(request, self._answer_directly)
        await response(scope, receive, send)

    async def _answer_directly(self, request: Request) -> Response:
        await self._begin(request)
        return await self.operation.answer(request, self.operation.text_in(request))

    def get_route_handler(self) -> Answer:
        answer = super().get_route_handler()

        async def begin_and_answer(request: Request) -> Response:
            await self._begin(request)
            return await answer(request)

        async def handle(request: Request) -> Response:
            return await self._after_upstreams(request, begin_and_answer)

        return handle

    async def _after_upstreams(self, request: Request, answer: Answer) -> Response:
        """Answer. Where a hub elsewhere is to be asked first, nothing was done or received yet."""
        try:
            response = await answer(request)
        except UpstreamNeeded as needed:
            request.scope[ASKED_UPSTREAM] = True
            ask = request.app.state.ask_upstream
            await ask(site_of(request), needed.type, needed.full_name)
            response = await answer(request)
        if MIRROR_NOTE in request.scope:
            response.headers["X-Etabli-Mirror"] = request.scope[MIRROR_NOTE]
        return response

    async def _begin(self, request: Request) -> None:
        self.remember_door(request)
        doing.set(f"{request.method} {self.path}")
        if self.operation.is_let_in_first(request):
            await READS.run(let_in, request, self.operation.permission)


def let_in(request: Request, permission: Permission) -> None:
    """Check what a route needs, in a unit of work of its own."""
    with site_of(request).read_hub() as hub:
        authorise(hub, request, permission)


class _Operation:
    """An endpoint as it was written, and what is done around it."""

    def __init__(self, endpoint: Callable[..., Any], permission: Permission) -> None:
        self.endpoint = endpoint
        self.permission = permission
        self.is_async = inspect.iscoroutinefunction(endpoint)
        self._pool: Pool | PoolOf | None = getattr(endpoint, "pool", None)
        self.asked: list[Parameter] = []
        """What FastAPI reads from the address, the query or a form."""
        self._only_reads = False
        self._actor = self._repo = self._bucket = self._hub = self._body = ""
        """The names of the parameters that are given otherwise; empty: there is none."""
        self.model: TypeAdapter[Any] | None = None
        """The JSON that the client sends, if it sends any."""
        for parameter in inspect.signature(endpoint).parameters.values():
            self._place(parameter)

    def asks_for_text_alone(self, in_path: Container[str]) -> bool:
        """And for the request, it may be: nothing that FastAPI would change, or refuse."""
        return self.model is None and all(
            one.annotation is Request
            or (one.annotation is str and (one.name in in_path or isinstance(one.default, str)))
            for one in self.asked
        )

    def text_in(self, request: Request) -> dict[str, Any]:
        """What an endpoint asks for that asks for text alone."""
        values: dict[str, Any] = {}
        for one in self.asked:
            if one.annotation is Request:
                values[one.name] = request
            elif one.name in request.path_params:
                values[one.name] = request.path_params[one.name]
            else:
                values[one.name] = request.query_params.get(one.name, one.default)
        return values

    @property
    def may_lack_body(self) -> bool:
        body = inspect.signature(self.endpoint).parameters.get(self._body)
        return body is None or body.default is not Parameter.empty

    def is_let_in_first(self, request: Request) -> bool:
        """Whether it is let in by a hop of its own: it may bring a body, or hops by itself."""
        return self.is_async or request.method not in SAFE_METHODS

    async def answer(self, request: Request, values: Mapping[str, Any]) -> Response:
        body = await _receive_json(request) if self.model else b""
        if self.is_async:
            if self.model:
                values = {**values, self._body: await READS.run(_read_json, self.model, body)}
            result = await self.endpoint(**values, **self._gifts(request, None))
            return cast(Response, _response(request, result))
        answer = await self._pool_for(request).run(self._answer, request, values, body)
        return await answer if inspect.isawaitable(answer) else answer

    def _pool_for(self, request: Request) -> Pool:
        route: DoorRoute = request.scope["route"]
        if self._pool is None:
            return WRITES if self._writes(request) else route.reads
        return self._pool if isinstance(self._pool, Pool) else self._pool(request)

    def _answer(
        self, request: Request, values: Mapping[str, Any], body: bytes
    ) -> Response | Awaitable[Response]:
        """The one hop. What it writes is kept before the answer leaves."""
        if self.model is not None:
            values = {**values, self._body: _read_json(self.model, body)}
        with self._unit_of_work(request) as hub:
            return _response(request, self.endpoint(**values, **self._gifts(request, hub)))

    @contextmanager
    def _unit_of_work(self, request: Request) -> Iterator[Hub | None]:
        if not self._hub:
            if not self.is_let_in_first(request):
                let_in(request, self.permission)
            yield None  # it opens its own, one after the other
        elif self._writes(request):
            with site_of(request).open_hub() as hub:
                yield hub
        else:
            with site_of(request).read_hub() as hub:
                if not self.is_let_in_first(request):
                    authorise(hub, request, self.permission)
                yield hub

    def _writes(self, request: Request) -> bool:
        return request.method not in SAFE_METHODS and not self._only_reads

    def _gifts(self, request: Request, hub: Hub | None) -> dict[str, Any]:
        gifts: dict[str, Any] = {self._hub: hub}
        if self._actor:
            gifts[self._actor] = actor_of(request)
        if self._repo:
            gifts[self._repo] = repo_of(request)
        if self._bucket:
            gifts[self._bucket] = bucket_of(request)
        gifts.pop("", None)
        return gifts

    def _place(self, parameter: Parameter) -> None:
        annotation = parameter.annotation
        if annotation is HubDep or annotation is ReadHubDep:
            self._hub, self._only_reads = parameter.name, annotation is ReadHubDep
        elif annotation is ActorDep:
            self._actor = parameter.name
        elif annotation is RepoDep:
            self._repo = parameter.name
        elif annotation is BucketDep:
            self._bucket = parameter.name
        elif _is_model(annotation):
            self._body, self.model = parameter.name, TypeAdapter(annotation)
        else:
            self.asked.append(bounded(parameter))


def _as_fastapi_sees_it(operation: _Operation) -> Callable[..., Any]:
    """A function of what the client says in the address, the query and forms; it hops by itself."""
    asked = operation.asked
    own = next((one.name for one in asked if one.annotation is Request), None)

    async def answer(**values: Any) -> Response:
        request = values[own] if own else values.pop("request")
        return await operation.answer(request, values)

    if own is None:
        asked = [Parameter("request", Parameter.KEYWORD_ONLY, annotation=Request), *asked]
    parameters = [one.replace(kind=Parameter.KEYWORD_ONLY) for one in asked]
    answer.__signature__ = Signature(  # type: ignore[attr-defined]
        parameters, return_annotation=Response
    )
    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(answer, name, getattr(operation.endpoint, name))
    return requires(operation.permission)(answer)


def _is_model(annotation: Any) -> bool:
    """Whether a parameter is the JSON that the client sends; `| None`: it may send none."""
    if get_origin(annotation) is Annotated:
        return _is_model(get_args(annotation)[0])
    kinds = [kind for kind in get_args(annotation) or (annotation,) if kind is not NoneType]
    return any(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds)


async def _receive_json(request: Request) -> bytes:
    """The body; nothing where it is not said to be JSON: then it is none that we read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    return body if kind.endswith(("/json", "+json")) else b""


def _read_json(model: TypeAdapter[Any], body: bytes) -> Any:
    try:
        return model.validate_json(body or b"null")
    except ValidationError as error:
        errors = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(errors) from error


def _response(request: Request, result: Any) -> Response | Awaitable[Response]:
    """An endpoint gives a response, what is to be one, or what is to be JSON."""
    if isinstance(result, Response) or inspect.isawaitable(result):
        return result
    status: int = request.scope["route"].status_code or 200
    if status == 204:
        return Response(status_code=status)
    return Response(to_json(result), status, media_type="application/json")

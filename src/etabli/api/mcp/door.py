"""One request, one answer: what is asked for by its method, and the tools that may be called."""

import json
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import Body, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field, ValidationError

from etabli.api.costs import present_answer
from etabli.features.accounts import Actor, Permission
from etabli.features.catalogue import Query
from etabli.features.repos import RepoType
from etabli.features.serving import LONGEST_QUESTION
from etabli.foundation.errors import EtabliError
from etabli.http import ActorDep, make_router, requires, site_of, status_of
from etabli.operations.inference import ask_folder, locate_named
from etabli.pools import READS
from etabli.site import Site

NEWEST = "2026-07-28"
WITH_HANDSHAKE = ("2025-11-25", "2025-06-18", "2025-03-26")
METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32601, -32602, -32603
HEADER_MISMATCH, UNSUPPORTED_VERSION = -32020, -32022
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
MAX_FOUND = 20

Json = dict[str, Any]


MAX_ID = 2**53 - 1
"""Numbers beyond it are not the same in every reader of JSON. Source: RFC 8259, section 6."""


class RpcRequest(BaseModel):
    """Without an `id` it is a notification, and is answered by nothing."""

    jsonrpc: str
    method: str
    id: Annotated[int, Field(ge=-MAX_ID, le=MAX_ID)] | str | None = None
    params: Json = Field(default_factory=dict)


class SearchArguments(BaseModel):
    query: Annotated[
        str, Field(max_length=200, description="Words to look for; none: the newest.")
    ] = ""


class AskArguments(BaseModel):
    model: Annotated[str, Field(description="OWNER/NAME, as search_models gives it.")]
    question: Annotated[str, Field(description=f"At most {LONGEST_QUESTION} characters.")]


class RpcError(Exception):
    """What is wrong with a request, as this protocol says it."""

    def __init__(self, code: int, message: str, status: int = 400, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.data = code, message, status, data


def present_error(_request: Request, error: EtabliError) -> JSONResponse:
    """For what is refused before a request is read."""
    body = {"code": INTERNAL_ERROR, "message": str(error)}
    return JSONResponse({"jsonrpc": "2.0", "id": None, "error": body}, status_of(error))


router = make_router(present_error, tags=["mcp"], max_body_size=100_000)


@router.post("/mcp")
@requires(Permission.PUBLIC)
async def receive(
    request: Request, actor: ActorDep, body: Annotated[RpcRequest, Body()]
) -> Response:
    """The verbs check who may read which model, since the body and not the address names it."""
    if body.id is None:
        return Response(status_code=202)
    try:
        _require_known_version(request, body)
        result = await _answer(site_of(request), actor, body)
    except RpcError as error:
        said: Json = {"code": error.code, "message": error.message}
        if error.data is not None:
            said["data"] = error.data
        answer = {"jsonrpc": "2.0", "id": body.id, "error": said}
        return JSONResponse(answer, error.status)
    return JSONResponse({"jsonrpc": "2.0", "id": body.id, "result": result})


def _require_known_version(request: Request, body: RpcRequest) -> None:
    """
    Raises:
        RpcError: it is for a version that is not spoken here, or its header says another.
    """
    meta = body.params.get("_meta")
    wanted = meta.get(VERSION_KEY) if isinstance(meta, Mapping) else None
    if wanted is None:  # from before 2026-07-28, which had no such envelope
        return
    if request.headers.get("mcp-protocol-version") != wanted:
        raise RpcError(HEADER_MISMATCH, "MCP-Protocol-Version is not the version in _meta.")
    if wanted != NEWEST:
        data = {"supported": [NEWEST], "requested": wanted}
        raise RpcError(UNSUPPORTED_VERSION, "Unsupported protocol version", data=data)


async def _answer(site: Site, actor: Actor, body: RpcRequest) -> Json:
    match body.method:
        case "server/discover":
            return _lasting({"supportedVersions": [NEWEST], **_about(site)})
        case "initialize":
            wanted = body.params.get("protocolVersion")
            agreed = wanted if wanted in WITH_HANDSHAKE else WITH_HANDSHAKE[0]
            return {"protocolVersion": agreed, **_about(site)}
        case "ping":
            return {}
        case "tools/list":
            return _lasting({"tools": [tool.shown(name) for name, tool in TOOLS.items()]})
        case "tools/call":
            return await _call(site, actor, body.params)
    raise RpcError(METHOD_NOT_FOUND, "There is no such method here.", 404)


def _about(site: Site) -> Json:
    return {
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "etabli", "title": site.settings.name, "version": version("etabli")},
        "instructions": (
            "Small models that people made for one task each. A machine answers; it says when it "
            "is not sure (clarify, human) or when a question is outside its subjects (outside): "
            "tell the person so, and do not answer in its place."
        ),
    }


def _lasting(result: Json) -> Json:
    """What is the same for everybody, for an hour."""
    return {**result, "resultType": "complete", "ttlMs": 3_600_000, "cacheScope": "public"}


async def _call(site: Site, actor: Actor, params: Json) -> Json:
    tool = TOOLS.get(str(params.get("name")))
    if tool is None:
        raise RpcError(INVALID_PARAMS, f"There is no such tool: {', '.join(TOOLS)} exist.")
    try:
        arguments = tool.takes.model_validate(params.get("arguments") or {})
        text, found = await tool.call(site, actor, arguments)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return _result(f"“{where}” is not as it should be: {first['msg']}.", None)
    except EtabliError as error:
        return _result(str(error), None)
    return _result(text, found)


def _result(text: str, found: Json | None) -> Json:
    """Without anything found, the text says why: the assistant reads it, and may try again."""
    result: Json = {
        "content": [{"type": "text", "text": text}],
        "isError": found is None,
        "resultType": "complete",
    }
    return result if found is None else {**result, "structuredContent": found}


async def _search(site: Site, actor: Actor, arguments: Any) -> tuple[str, Json]:
    found = {"models": await READS.run(_find, site, actor, arguments.query.split())}
    return json.dumps(found, ensure_ascii=False), found


def _find(site: Site, actor: Actor, words: list[str]) -> list[Json]:
    with site.read_hub() as hub:
        query = Query(type=RepoType.MODEL, words=words)
        page = hub.catalogue.search(actor, query, limit=MAX_FOUND)
        return [
            {
                "model": one.repo.full_name,
                "summary": one.facts.summary,
                "answers_here": hub.serving.find(one.repo) is not None,
            }
            for one in page.items
        ]


async def _ask(site: Site, actor: Actor, arguments: Any) -> tuple[str, Json]:
    repo, folder = await READS.run(locate_named, site, actor, arguments.model)
    [answer] = await ask_folder(site, actor, folder, [arguments.question])
    return answer.reply, {"model": repo.full_name, "reply": answer.reply, **present_answer(answer)}


class Tool:
    """A verb that an assistant may call. None of them changes anything."""

    def __init__(
        self,
        words: str,
        takes: type[BaseModel],
        call: Callable[[Site, Actor, Any], Awaitable[tuple[str, Json]]],
    ) -> None:
        self.words, self.takes, self.call = words, takes, call

    def shown(self, name: str) -> Json:
        return {
            "name": name,
            "description": self.words,
            "inputSchema": self.takes.model_json_schema(),
            "annotations": {"readOnlyHint": True, "openWorldHint": False},
        }


TOOLS: Mapping[str, Tool] = {
    "search_models": Tool("Look for models on this hub.", SearchArguments, _search),
    "ask": Tool(
        "Ask a model of this hub. The reply comes with the decision, how sure the machine is, "
        "whether it composed the reply, and the energy that it took, modelled.",
        AskArguments,
        _ask,
    ),
}

"""Chat completions: the last message of the user is the question."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import uuid4

from fastapi import Body, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

from etabli.api.costs import cost_headers, present_answer
from etabli.api.openai.errors import present_error
from etabli.features.accounts import Actor, Permission
from etabli.features.repos import Repo
from etabli.features.serving import Answer, ModelFolder, check_questions
from etabli.http import ActorDep, RepoDep, make_router, requires, site_of
from etabli.operations.inference import ask_folder, locate, locate_named
from etabli.pools import READS

router = make_router(present_error, takes_placeholders=True, tags=["openai"])


class Part(BaseModel):
    type: str
    text: str = ""


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class ChatRequest(BaseModel):
    """What we heed of a request; the rest (temperature, tools…) means nothing to our models."""

    model: str
    messages: list[Message]
    stream: bool = False

    @property
    def question(self) -> str:
        return next((m.text for m in reversed(self.messages) if m.role == "user"), "")


@router.post("/v1/chat/completions")
@requires(Permission.PUBLIC)
async def complete(
    request: Request, actor: ActorDep, body: Annotated[ChatRequest, Body()]
) -> Response:
    """The verb checks who may ask the model, since the body and not the address names it."""
    check_questions([body.question])
    repo, folder = await READS.run(locate_named, site_of(request), actor, body.model)
    return await _complete(request, actor, body, repo, folder)


@router.post("/run/{namespace}/{name}/v1/chat/completions")
@requires(Permission.ASK_MODEL)
async def complete_one(
    request: Request, actor: ActorDep, repo: RepoDep, body: Annotated[ChatRequest, Body()]
) -> Response:
    """The same, of the model that the address names, whatever the body says.

    Source: `InferenceClient(model=…/run/OWNER/NAME).chat_completion`, which adds this to it.
    """
    check_questions([body.question])
    folder = await READS.run(locate, site_of(request), repo)
    return await _complete(request, actor, body, repo, folder)


async def _complete(
    request: Request, actor: Actor, body: ChatRequest, repo: Repo, folder: ModelFolder
) -> Response:
    [answer] = await ask_folder(site_of(request), actor, folder, [body.question])
    created_s = int(datetime.now(UTC).timestamp())
    head = {"id": f"chatcmpl-{uuid4().hex}", "created": created_s, "model": repo.full_name}
    if body.stream:
        events = _stream(head, answer)
        return StreamingResponse(events, 200, cost_headers(answer), "text/event-stream")
    return JSONResponse(_completion(head, answer), headers=cost_headers(answer))


@router.get("/v1/models")
@requires(Permission.PUBLIC)
def list_models(request: Request, actor: ActorDep) -> dict[str, Any]:
    """The newest hundred models that can answer here."""
    with site_of(request).read_hub() as hub:
        data = [
            {
                "id": repo.full_name,
                "object": "model",
                "created": int(repo.created_at.timestamp()),
                "owned_by": repo.namespace,
            }
            for repo in hub.serving.ready_models(actor)
        ]
    return {"object": "list", "data": data}


def _completion(head: dict[str, Any], answer: Answer) -> dict[str, Any]:
    message = {"role": "assistant", "content": answer.reply, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return {
        **head,
        "object": "chat.completion",
        "choices": [choice],
        "usage": None,
        "etabli": present_answer(answer),
    }


def _stream(head: dict[str, Any], answer: Answer) -> Iterator[str]:
    """The whole answer is known at once: one piece, then the end."""
    pieces: list[tuple[dict[str, str], str | None]] = [
        ({"role": "assistant", "content": answer.reply}, None),
        ({}, "stop"),
    ]
    for delta, finish_reason in pieces:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        chunk = {**head, "object": "chat.completion.chunk", "choices": [choice]}
        if finish_reason:
            chunk["etabli"] = present_answer(answer)
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"

"""Chat and generate: the last message of the user, or the prompt, is the question.

Where `stream` is not said it is meant, as Ollama has it. Nothing is counted in tokens, so the
counts are left out.
"""

import json
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import Body, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel

from etabli.api.costs import cost_headers, present_answer
from etabli.api.ollama.errors import present_error
from etabli.api.ollama.names import full_name, now
from etabli.features.accounts import Actor, Permission
from etabli.features.serving import Answer, check_questions
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations.inference import ask_folder, locate_named
from etabli.pools import READS

router = make_router(present_error, takes_placeholders=True, prefix="/api", tags=["ollama"])

NDJSON = "application/x-ndjson"
NS_IN_A_MS = 1_000_000

Json = dict[str, Any]
Say = Callable[[str], Json]
"""Where a reply stands in the JSON of an answer, or of a piece of it."""


class Message(BaseModel):
    role: str
    content: str | None = None


class ChatRequest(BaseModel):
    """What we heed of a request; the rest (options, tools, format…) means nothing to our models."""

    model: str
    messages: list[Message] = []
    stream: bool = True


class GenerateRequest(BaseModel):
    """The same, with one text."""

    model: str
    prompt: str | None = None
    stream: bool = True


@router.post("/chat")
@requires(Permission.PUBLIC)
async def chat(request: Request, actor: ActorDep, body: Annotated[ChatRequest, Body()]) -> Response:
    """The verb checks who may ask the model, since the body and not the address names it."""
    question = next((m.content or "" for m in reversed(body.messages) if m.role == "user"), None)
    return await _answer(request, actor, body, question, _as_message)


@router.post("/generate")
@requires(Permission.PUBLIC)
async def generate(
    request: Request, actor: ActorDep, body: Annotated[GenerateRequest, Body()]
) -> Response:
    """As `chat`."""
    return await _answer(request, actor, body, body.prompt or None, _as_response)


def _as_message(text: str) -> Json:
    return {"message": {"role": "assistant", "content": text}}


def _as_response(text: str) -> Json:
    return {"response": text}


async def _answer(
    request: Request,
    actor: Actor,
    body: ChatRequest | GenerateRequest,
    question: str | None,
    say: Say,
) -> Response:
    """Without a question the model is only looked for: so clients have one loaded beforehand."""
    site = site_of(request)
    if question is not None:
        check_questions([question])
    _, folder = await READS.run(locate_named, site, actor, full_name(body.model))
    head = {"model": body.model, "created_at": now()}
    if question is None:
        return JSONResponse({**head, **say(""), "done": True, "done_reason": "load"})
    [answer] = await ask_folder(site, actor, folder, [question])
    if body.stream:
        lines = _stream(head, say, answer)
        return StreamingResponse(lines, 200, cost_headers(answer), NDJSON)
    whole = {**head, **say(answer.reply), **_end(answer)}
    return JSONResponse(whole, headers=cost_headers(answer))


def _end(answer: Answer) -> Json:
    return {
        "done": True,
        "done_reason": "stop",
        "total_duration": round(answer.cost.latency_ms * NS_IN_A_MS),
        "etabli": present_answer(answer),
    }


def _stream(head: Json, say: Say, answer: Answer) -> Iterator[str]:
    """The whole answer is known at once: one piece, then the end."""
    for piece in ({**say(answer.reply), "done": False}, {**say(""), **_end(answer)}):
        yield json.dumps({**head, **piece}, ensure_ascii=False) + "\n"

"""The Responses API: the same answer as a chat completion, in the newer shape. Nothing is stored.

Source: the `openai` client, types/responses; https://www.openresponses.org
"""

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
from etabli.features.accounts import Permission
from etabli.features.serving import Answer, check_questions
from etabli.http import ActorDep, make_router, requires, site_of
from etabli.operations.inference import ask_folder, locate_named
from etabli.pools import READS

router = make_router(present_error, takes_placeholders=True, prefix="/v1", tags=["openai"])

Json = dict[str, Any]


class InputPart(BaseModel):
    type: str
    text: str = ""


class InputItem(BaseModel):
    """A message; or something else, such as the result of a tool, that means nothing to us."""

    type: str = "message"
    role: str = ""
    content: str | list[InputPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(one.text for one in self.content if one.type == "input_text")
        return self.content or ""


class ResponseRequest(BaseModel):
    """What we heed of a request; the rest (instructions, tools…) means nothing to our models."""

    model: str
    input: str | list[InputItem]
    stream: bool = False

    @property
    def question(self) -> str:
        if isinstance(self.input, str):
            return self.input
        return next((one.text for one in reversed(self.input) if one.role == "user"), "")


@router.post("/responses")
@requires(Permission.PUBLIC)
async def respond(
    request: Request, actor: ActorDep, body: Annotated[ResponseRequest, Body()]
) -> Response:
    """The verb checks who may read the model, since the body and not the address names it."""
    site = site_of(request)
    check_questions([body.question])
    repo, folder = await READS.run(locate_named, site, actor, body.model)
    [answer] = await ask_folder(site, actor, folder, [body.question])
    head = {
        "id": f"resp_{uuid4().hex}",
        "object": "response",
        "created_at": int(datetime.now(UTC).timestamp()),
        "model": repo.full_name,
    }
    message_id = f"msg_{uuid4().hex}"
    if body.stream:
        events = _stream(head, message_id, answer)
        return StreamingResponse(events, 200, cost_headers(answer), "text/event-stream")
    whole = _response(head, "completed", [_message(message_id, answer.reply)], answer)
    return JSONResponse(whole, headers=cost_headers(answer))


Status = Literal["in_progress", "completed"]


def _response(head: Json, status: Status, output: list[Json], answer: Answer | None) -> Json:
    """`usage` is null: nothing is counted in tokens."""
    return {
        **head,
        "status": status,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "output": output,
        "parallel_tool_calls": False,
        "previous_response_id": None,
        "store": False,
        "temperature": None,
        "tool_choice": "none",
        "tools": [],
        "top_p": None,
        "usage": None,
        "etabli": present_answer(answer) if answer else None,
    }


def _message(message_id: str, text: str | None) -> Json:
    """Without a text it is one that has only begun."""
    return {
        "id": message_id,
        "type": "message",
        "role": "assistant",
        "status": "in_progress" if text is None else "completed",
        "content": [] if text is None else [_part(text)],
    }


def _part(text: str) -> Json:
    return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


def _stream(head: Json, message_id: str, answer: Answer) -> Iterator[str]:
    """The whole answer is known at once: one piece, between all the events that clients expect."""
    text = answer.reply
    begun = _response(head, "in_progress", [], None)
    whole = _response(head, "completed", [_message(message_id, text)], answer)
    place: Json = {"item_id": message_id, "output_index": 0, "content_index": 0}
    events: list[tuple[str, Json]] = [
        ("response.created", {"response": begun}),
        ("response.in_progress", {"response": begun}),
        ("response.output_item.added", {"output_index": 0, "item": _message(message_id, None)}),
        ("response.content_part.added", {**place, "part": _part("")}),
        ("response.output_text.delta", {**place, "delta": text, "logprobs": []}),
        ("response.output_text.done", {**place, "text": text, "logprobs": []}),
        ("response.content_part.done", {**place, "part": _part(text)}),
        ("response.output_item.done", {"output_index": 0, "item": _message(message_id, text)}),
        ("response.completed", {"response": whole}),
    ]
    for number, (kind, content) in enumerate(events):
        data = {"type": kind, "sequence_number": number, **content}
        yield f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"

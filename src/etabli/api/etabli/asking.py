"""Ask a model: in the shape of Hugging Face's text classification, or with everything."""

from typing import Annotated

from fastapi import Body, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from etabli.api.costs import answer_headers, cost_headers
from etabli.api.etabli.errors import present_error, translator_for
from etabli.api.results import present_asked
from etabli.features.accounts import Permission
from etabli.http import RepoDep, make_router, requires, site_of
from etabli.operations import inference

router = make_router(present_error, tags=["etabli"])

MAX_LABELS = 100


class Parameters(BaseModel):
    model_config = ConfigDict(extra="ignore")

    top_k: int | None = Field(default=None, ge=1, le=MAX_LABELS)


class RunRequest(BaseModel):
    inputs: str | list[str]
    parameters: Parameters | None = None


class AskRequest(BaseModel):
    question: str


@router.post("/run/{namespace}/{name}")
@requires(Permission.ASK_MODEL)
async def run(request: Request, repo: RepoDep, body: Annotated[RunRequest, Body()]) -> Response:
    """One list of labels for each input. The decision is beside each label, since a score says
    nothing of a question outside the subjects; for one input it is in the headers too, with the
    cost.

    Source: InferenceClient.text_classification, which reads the first list of the answer, and
    keeps fields that it does not know (`BaseInferenceType.parse_obj`).
    """
    top = body.parameters.top_k if body.parameters else None
    texts = [body.inputs] if isinstance(body.inputs, str) else body.inputs
    answers = await inference.ask(site_of(request), repo, texts, top=top)
    content = [
        [
            {"label": c.label, "score": c.probability, "decision": answer.decision}
            for c in answer.candidates
        ]
        for answer in answers
    ]
    headers = cost_headers(answers[0]) if len(answers) == 1 else answer_headers(answers)
    return JSONResponse(content, headers=headers)


@router.post("/api/etabli/ask/{namespace}/{name}")
@requires(Permission.ASK_MODEL)
async def ask(request: Request, repo: RepoDep, body: Annotated[AskRequest, Body()]) -> Response:
    """What the assistant says, what it makes of the question, and what that cost."""
    [answer] = await inference.ask(site_of(request), repo, [body.question])
    content = present_asked(repo.full_name, answer, translator_for(request))
    return JSONResponse(content, headers=cost_headers(answer))

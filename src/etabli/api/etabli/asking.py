"""Ask a model: in the shape of Hugging Face's text classification, or with everything."""

from typing import Annotated, Any

from fastapi import Body, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from etabli.api.costs import answer_headers, cost_headers, present_source
from etabli.api.etabli.errors import present_error, translator_for
from etabli.api.results import present_asked
from etabli.features.accounts import Permission
from etabli.features.serving import Answer, Decision
from etabli.http import RepoDep, actor_of, make_router, requires, site_of
from etabli.operations import inference

router = make_router(present_error, tags=["etabli"])

MAX_LABELS = 100


class Parameters(BaseModel):
    model_config = ConfigDict(extra="ignore")

    top_k: int | None = Field(default=None, ge=1, le=MAX_LABELS)


class QuestionInput(BaseModel):
    """As a client of question answering sends it; the context is the model's own documents."""

    model_config = ConfigDict(extra="ignore")

    question: str


class RunRequest(BaseModel):
    inputs: str | list[str] | QuestionInput
    parameters: Parameters | None = None


class AskRequest(BaseModel):
    question: str


@router.post("/run/{namespace}/{name}")
@requires(Permission.ASK_MODEL)
async def run(request: Request, repo: RepoDep, body: Annotated[RunRequest, Body()]) -> Response:
    """One list of labels for each input; of a model that replies itself, one answer for each.
    The decision is beside each label, since a score says nothing of a question outside the
    subjects; for one input it is in the headers too, with the cost. `predicted` tells the labels
    that the model would say, of which there may be several, or none, from those less likely.

    Source: InferenceClient.text_classification, which reads the first list of the answer, and
    keeps fields that it does not know (`BaseInferenceType.parse_obj`); and
    InferenceClient.question_answering, which sends an object and reads one back.
    """
    top = body.parameters.top_k if body.parameters else None
    inputs = body.inputs.question if isinstance(body.inputs, QuestionInput) else body.inputs
    texts = [inputs] if isinstance(inputs, str) else inputs
    answers = await inference.ask(site_of(request), actor_of(request), repo, texts, top=top)
    content: Any = [_present(answer) for answer in answers]
    if answers[0].runtime.replies_itself and isinstance(inputs, str):
        [content] = content
    headers = cost_headers(answers[0]) if len(answers) == 1 else answer_headers(answers)
    return JSONResponse(content, headers=headers)


def _present(answer: Answer) -> Any:
    if answer.runtime.replies_itself:
        return _present_reply(answer)
    return [
        {
            "label": one.label,
            "score": one.probability,
            "decision": answer.decision,
            "predicted": place < answer.predicted_count,
        }
        for place, one in enumerate(answer.candidates)
    ]


def _present_reply(answer: Answer) -> dict[str, Any]:
    """An empty answer is how question answering says that there is none, since SQuAD 2.0. `start`
    and `end` are where it stands in its passage; one that is no quote is whole."""
    best, source = answer.candidates[0], answer.source
    reply = (best.reply or "") if answer.decision is Decision.ANSWER else ""
    return {
        "answer": reply,
        "score": best.probability,
        "start": source.start if source else 0,
        "end": source.end if source else len(reply),
        "decision": answer.decision,
        **(present_source(best) if source else {}),
        **({} if answer.runtime.quotes else _present_questions(answer)),
    }


def _present_questions(answer: Answer) -> dict[str, Any]:
    """Of answers that are called by a question: which one was matched, or which may be meant."""
    return {
        "label": answer.candidates[0].label,
        "did_you_mean": [one.label for one in answer.readings],
    }


@router.post("/api/etabli/ask/{namespace}/{name}")
@requires(Permission.ASK_MODEL)
async def ask(request: Request, repo: RepoDep, body: Annotated[AskRequest, Body()]) -> Response:
    """What the assistant says, what it makes of the question, and what that cost."""
    [answer] = await inference.ask(site_of(request), actor_of(request), repo, [body.question])
    content = present_asked(repo.full_name, answer, translator_for(request))
    return JSONResponse(content, headers=cost_headers(answer))

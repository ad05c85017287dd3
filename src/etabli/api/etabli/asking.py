"""Ask a model: in the shape of Hugging Face's text classification, or with everything."""

from typing import Annotated, Any

from fastapi import Body, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from etabli.api.costs import amount_headers, answer_headers, cost_headers, present_source
from etabli.api.etabli.errors import present_error, translator_for
from etabli.api.results import present_asked
from etabli.features.accounts import Permission
from etabli.features.repos import Repo
from etabli.features.serving import (
    MAX_DIMENSIONS,
    Answer,
    Decision,
    NoEncoderError,
    NotServableError,
    OtherEncoderError,
)
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.http import RepoDep, actor_of, make_router, requires, site_of
from etabli.operations import embeddings, inference

router = make_router(present_error, tags=["etabli"])

MAX_LABELS = 100


class Parameters(BaseModel):
    model_config = ConfigDict(extra="ignore")

    top_k: int | None = Field(default=None, ge=1, le=MAX_LABELS)
    candidate_labels: list[str] | None = None
    """Of a classification without training, which no model here can do."""


class QuestionInput(BaseModel):
    """As a client of question answering sends it; the context is the model's own documents."""

    model_config = ConfigDict(extra="ignore")

    question: str


class RunRequest(BaseModel):
    inputs: str | list[str] | QuestionInput
    parameters: Parameters | None = None
    dimensions: int | None = Field(default=None, ge=1, le=MAX_DIMENSIONS)
    """Of an encoder's vectors; its clients say this beside the inputs."""

    @property
    def texts(self) -> list[str]:
        inputs = self.inputs.question if isinstance(self.inputs, QuestionInput) else self.inputs
        return [inputs] if isinstance(inputs, str) else inputs

    @property
    def is_one(self) -> bool:
        return not isinstance(self.inputs, list)


class OwnLabelsOnlyError(InvalidInputError):
    def __init__(self, model: str) -> None:
        super().__init__(
            msg(
                "{model} sorts into the labels that it has learned, and into no others. "
                "Ask it by text classification, without candidate labels.",
                model=model,
            )
        )


class NotFromDocumentsError(InvalidInputError):
    def __init__(self, model: str) -> None:
        super().__init__(
            msg(
                "{model} sorts texts, and does not answer questions from documents. "
                "Ask it by text classification.",
                model=model,
            )
        )


class AskRequest(BaseModel):
    question: str


@router.post("/run/{namespace}/{name}")
@requires(Permission.ASK_MODEL)
async def run(request: Request, repo: RepoDep, body: Annotated[RunRequest, Body()]) -> Response:
    """One list of labels for each input; of a model that replies itself, one answer for each; of
    the encoder of this hub, one vector of length one for each.
    The decision is beside each label, since a score says nothing of a question outside the
    subjects; for one input it is in the headers too, with the cost. `predicted` tells the labels
    that the model would say, of which there may be several, or none, from those less likely.

    Source: InferenceClient.text_classification, which reads the first list of the answer, and
    keeps fields that it does not know (`BaseInferenceType.parse_obj`); .question_answering, which
    sends an object and reads one back; .feature_extraction, which reads numbers, in lists or not.
    """
    if body.parameters and body.parameters.candidate_labels is not None:
        raise OwnLabelsOnlyError(repo.full_name)
    site, actor = site_of(request), actor_of(request)
    top = body.parameters.top_k if body.parameters else None
    try:
        answers = await inference.ask(site, actor, repo, body.texts, top=top)
    except NotServableError as error:
        return await _embed(request, repo, body, error)
    replies = answers[0].runtime.replies_itself
    if isinstance(body.inputs, QuestionInput) and not replies:
        raise NotFromDocumentsError(repo.full_name)
    content: Any = [_present(answer) for answer in answers]
    if replies and body.is_one:
        [content] = content
    headers = cost_headers(answers[0]) if len(answers) == 1 else answer_headers(answers)
    return JSONResponse(content, headers=headers)


async def _embed(
    request: Request, repo: Repo, body: RunRequest, error: NotServableError
) -> Response:
    """The vectors of the texts, if this is the encoder of the hub."""
    try:
        _, made = await embeddings.embed(
            site_of(request),
            actor_of(request),
            repo.full_name,
            body.texts,
            dimensions=body.dimensions,
        )
    except (NoEncoderError, OtherEncoderError):
        raise error from None
    content = made.numbers[0] if body.is_one else made.numbers
    return JSONResponse(content, headers=amount_headers(made.cost))


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

"""Serving: run a model and answer, with its time, energy and emissions.

Owns: the processes that answer and the queue before them, the copies of models that they read, what
an answer costs, on which other sites a model may be shown.
May use: the foundation, git, footprint, repos.
Words: a *decision* is what the model makes of a question: answer it, ask which of a few readings is
meant, say that it lies outside its subject, or hand over to a person.
"""

from etabli.features.serving.cache import ModelCache, ModelFolder
from etabli.features.serving.embeds import Embedding, Embeds
from etabli.features.serving.errors import (
    AnsweringFailedError,
    EncoderMissingError,
    ModelBusyError,
    NoEncoderError,
    NoQuestionError,
    NotServableError,
    OtherEncoderError,
    QuestionTooLongError,
    TooManyQuestionsError,
    TooSlowToAnswerError,
)
from etabli.features.serving.models import (
    LONGEST_QUESTION,
    MAX_EMBEDDED,
    MAX_QUESTIONS,
    Answer,
    Candidate,
    Cost,
    Decision,
    Embedded,
    FoundEncoder,
    ServedModel,
)
from etabli.features.serving.service import Serving, ServingBackend, check_questions
from etabli.features.serving.supervisor import Supervisor

__all__ = [
    "LONGEST_QUESTION",
    "MAX_EMBEDDED",
    "MAX_QUESTIONS",
    "Answer",
    "AnsweringFailedError",
    "Candidate",
    "Cost",
    "Decision",
    "Embedded",
    "Embedding",
    "Embeds",
    "EncoderMissingError",
    "FoundEncoder",
    "ModelBusyError",
    "ModelCache",
    "ModelFolder",
    "NoEncoderError",
    "NoQuestionError",
    "NotServableError",
    "OtherEncoderError",
    "QuestionTooLongError",
    "ServedModel",
    "Serving",
    "ServingBackend",
    "Supervisor",
    "TooManyQuestionsError",
    "TooSlowToAnswerError",
    "check_questions",
]

"""Serving: run a model and answer, with its time, energy and emissions.

Owns: the process that answers, the copies of models that it reads, what an answer costs.
May use: the foundation, footprint, repos.
Words: a *decision* is what the model makes of a question: answer it, ask which of a few readings is
meant, say that it lies outside its subject, or hand over to a person.
"""

from etabli.features.serving.cache import ModelCache
from etabli.features.serving.errors import (
    AnsweringFailedError,
    NoQuestionError,
    NotServableError,
    QuestionTooLongError,
    TooManyQuestionsError,
)
from etabli.features.serving.models import (
    LONGEST_QUESTION,
    MOST_QUESTIONS,
    Answer,
    Candidate,
    Cost,
    Decision,
    ServedModel,
)
from etabli.features.serving.process import AnsweringProcess
from etabli.features.serving.service import Serving, ServingBackend

__all__ = [
    "LONGEST_QUESTION",
    "MOST_QUESTIONS",
    "Answer",
    "AnsweringFailedError",
    "AnsweringProcess",
    "Candidate",
    "Cost",
    "Decision",
    "ModelCache",
    "NoQuestionError",
    "NotServableError",
    "QuestionTooLongError",
    "ServedModel",
    "Serving",
    "ServingBackend",
    "TooManyQuestionsError",
]

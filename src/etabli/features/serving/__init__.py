"""Serving: run a model and answer, with its time, energy and emissions.

Owns: the processes that answer and the queue before them, the copies of models that they read, what
an answer costs, on which other sites a model may be shown.
May use: the foundation, git, footprint, repos.
Words: a *decision* is what the model makes of a question: answer it, ask which of a few readings is
meant, say that it lies outside its subject, or hand over to a person.
"""

from etabli.engine_contract.inference import Decision
from etabli.features.serving.assistant import Assistant
from etabli.features.serving.cache import ModelCache, ModelFolder
from etabli.features.serving.candidates import Candidate
from etabli.features.serving.comparison import (
    MAX_EXAMPLES,
    MAX_MODELS,
    MIN_MODELS,
    Difference,
    Examination,
    Score,
    difference,
    read_examination,
    score,
)
from etabli.features.serving.embeds import Embedding, Embeds
from etabli.features.serving.errors import (
    AnsweringFailedError,
    BadCertaintyError,
    EncoderMissingError,
    ModelBusyError,
    NoEncoderError,
    NoExaminationError,
    NoQuestionError,
    NotServableError,
    NumberOfModelsError,
    OtherEncoderError,
    QuestionTooLongError,
    SentenceTooLongError,
    TooManyQuestionsError,
    TooSlowToAnswerError,
    UnknownLabelError,
    UnknownSituationError,
    UnnamedExaminationError,
    VectorWidthError,
)
from etabli.features.serving.models import (
    LONGEST_QUESTION,
    MAX_DIMENSIONS,
    MAX_EMBEDDED,
    MAX_QUESTIONS,
    Answer,
    Cost,
    Embedded,
    FoundEncoder,
    ServedModel,
)
from etabli.features.serving.service import Serving, ServingBackend, check_questions
from etabli.features.serving.supervisor import Supervisor

__all__ = [
    "LONGEST_QUESTION",
    "MAX_DIMENSIONS",
    "MAX_EMBEDDED",
    "MAX_EXAMPLES",
    "MAX_MODELS",
    "MAX_QUESTIONS",
    "MIN_MODELS",
    "Answer",
    "AnsweringFailedError",
    "Assistant",
    "BadCertaintyError",
    "Candidate",
    "Cost",
    "Decision",
    "Difference",
    "Embedded",
    "Embedding",
    "Embeds",
    "EncoderMissingError",
    "Examination",
    "FoundEncoder",
    "ModelBusyError",
    "ModelCache",
    "ModelFolder",
    "NoEncoderError",
    "NoExaminationError",
    "NoQuestionError",
    "NotServableError",
    "NumberOfModelsError",
    "OtherEncoderError",
    "QuestionTooLongError",
    "Score",
    "SentenceTooLongError",
    "ServedModel",
    "Serving",
    "ServingBackend",
    "Supervisor",
    "TooManyQuestionsError",
    "TooSlowToAnswerError",
    "UnknownLabelError",
    "UnknownSituationError",
    "UnnamedExaminationError",
    "VectorWidthError",
    "check_questions",
    "difference",
    "read_examination",
    "score",
]

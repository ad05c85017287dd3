"""Programs that answer with a model, one module a kind of model; imported in child processes only.

Owns: reading an artefact, the mathematics of an answer, and the process that speaks JSON lines.
May use: the foundation, numpy and safetensors; never scikit-learn or torch.
"""

from etabli.engine.runtimes.errors import MalformedModelError, QuestionTooLongError
from etabli.engine.runtimes.ngram import (
    FORMAT_VERSION,
    MAX_CHARACTERS,
    Answer,
    Candidate,
    NgramClassifier,
    NgramParts,
    Thresholds,
    character_terms,
    decide,
    softmax,
    word_terms,
)
from etabli.engine_contract.inference import Decision

__all__ = [
    "FORMAT_VERSION",
    "MAX_CHARACTERS",
    "Answer",
    "Candidate",
    "Decision",
    "MalformedModelError",
    "NgramClassifier",
    "NgramParts",
    "QuestionTooLongError",
    "Thresholds",
    "character_terms",
    "decide",
    "softmax",
    "word_terms",
]

"""The kinds of models that can answer here: a descriptor each, and a line in this list.

Owns: all that the hub says of a kind of model; how it answers is a program of the engine.
May use: what the engine and the hub say to each other.
"""

from collections.abc import Sequence

from etabli.features.serving.runtimes.faq import Faq
from etabli.features.serving.runtimes.hybrid import Hybrid
from etabli.features.serving.runtimes.multilabel import Multilabel
from etabli.features.serving.runtimes.ngram import Ngram
from etabli.features.serving.runtimes.retriever import Retriever
from etabli.features.serving.runtimes.runtime import Runtime

__all__ = ["FIRST", "RUNTIMES", "Runtime", "find_runtime"]

RUNTIMES: Sequence[Runtime] = (Ngram(), Hybrid(), Multilabel(), Retriever(), Faq())
FIRST = RUNTIMES[0]
"""Where an answer does not say what gave it."""


def find_runtime(name: object) -> Runtime | None:
    """None where no program here answers with such a model."""
    return next((one for one in RUNTIMES if one.name == name), None)

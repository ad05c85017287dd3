"""A text classifier of words, letters and meaning: n-grams beside the vector of a frozen encoder.

It holds two classifiers: the one of words and letters, which answers at once what it is sure of,
and one over words, letters and the vector, for all else. The second costs the encoder's time.
Only where one is loaded are onnxruntime and tokenizers needed.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from etabli.engine.runtimes.encoder import Encoder
from etabli.engine.runtimes.errors import MalformedModelError, ModelFolderNotFoundError
from etabli.engine.runtimes.ngram import (
    Answer,
    FloatArray,
    NgramClassifier,
    NgramParts,
    Thresholds,
    read_json,
    read_parts,
)
from etabli.engine_contract.inference import Decision
from etabli.foundation.i18n.messages import msg

ARCHITECTURE = "EtabliHybridClassifier"
MODEL_TYPE = "etabli-hybrid"
SMALL_FILE = "small.safetensors"


@dataclass(frozen=True)
class SmallParts:
    """What the second classifier has more than, or otherwise than, the first."""

    head: NDArray[np.float16]
    """Shape (features, labels), over the same words and letters."""
    dense: FloatArray
    """Shape (width of the encoder, labels)."""
    intercept: FloatArray
    """Shape (labels,)."""
    centres: FloatArray
    """Shape (labels, width): the mean direction of the examples of each label."""
    temperature: float
    shrinkage: float
    thresholds: Thresholds
    cascade_probability: float
    """From there on the first classifier's answer is taken, and the encoder left alone."""
    encoder_sha256: str


class HybridClassifier(NgramClassifier):
    """Answers one text at a time, in a few milliseconds at most."""

    model_type = MODEL_TYPE

    def __init__(self, first: NgramParts, small: SmallParts, encoder: Encoder) -> None:
        super().__init__(
            replace(
                first,
                head=small.head,
                intercept=small.intercept,
                temperature=small.temperature,
                shrinkage=small.shrinkage,
                thresholds=small.thresholds,
            )
        )
        self.small = small
        self._first = NgramClassifier(first)
        self._encoder = encoder

    @property
    def size_bytes(self) -> int:
        """Of the model alone: the encoder is shared by all."""
        small = self.small
        arrays = (small.dense, small.centres, self._first.parts.head)
        return super().size_bytes + sum(array.nbytes for array in arrays)

    @classmethod
    def load_with(cls, folder: Path, encoder: Encoder) -> "HybridClassifier":
        """Read an artefact; no code of the artefact is ever run.

        Raises:
            ModelFolderNotFoundError: there is no artefact.
            MalformedModelError: its files do not agree with each other, or with the encoder.
        """
        parts = read_parts(folder, ARCHITECTURE)
        try:
            own = read_json(folder / "etabli.json")["small"]
            small = _assemble(own, load_file(folder / SMALL_FILE))
        except FileNotFoundError as error:
            raise ModelFolderNotFoundError(str(folder)) from error
        except (ValueError, SafetensorError, KeyError, TypeError, AttributeError) as error:
            problem = msg("a value is missing or of another kind.")
            raise MalformedModelError(str(folder), problem) from error
        _require_whole(folder, parts, small, encoder)
        return cls(parts, small, encoder)

    def answer(self, text: str, top: int = 5) -> Answer:
        """Raises QuestionTooLongError over MAX_CHARACTERS."""
        started, cpu_started = time.perf_counter(), time.thread_time()
        quick = self._first.answer(text, top)
        wanted = max(self.small.cascade_probability, self.small.thresholds.answer_probability)
        is_sure = quick.candidates[0].probability >= wanted
        if is_sure and quick.decision is Decision.ANSWER:
            return quick
        answer = super().answer(text, top)
        return replace(
            answer,
            latency_ms=(time.perf_counter() - started) * 1000,
            cpu_s=time.thread_time() - cpu_started,
        )

    def scores(self, text: str) -> tuple[FloatArray, float]:
        """Of words, letters and meaning together; how near its vector is to a label's centre."""
        return self.scores_of(text, self._encoder.encode(text))

    def scores_of(self, text: str, vector: FloatArray) -> tuple[FloatArray, float]:
        """As `scores`, where the vector is known already."""
        margins: FloatArray = self.margins(text) + vector @ self.small.dense
        return margins, float((self.small.centres @ vector).max())


def load(folder: Path, encoder: Encoder | None) -> HybridClassifier:
    """See `HybridClassifier.load_with`."""
    if encoder is None:
        raise MalformedModelError(str(folder), msg("it stands on an encoder, and none is given."))
    return HybridClassifier.load_with(folder, encoder)


def _assemble(own: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> SmallParts:
    return SmallParts(
        head=tensors["head"],
        dense=tensors["dense"],
        intercept=tensors["intercept"],
        centres=tensors["centres"],
        temperature=float(own["temperature"]),
        shrinkage=float(own["shrinkage"]),
        thresholds=Thresholds(**{name: float(value) for name, value in own["thresholds"].items()}),
        cascade_probability=float(own["cascade_probability"]),
        encoder_sha256=str(own["encoder"]["sha256"]),
    )


def _require_whole(folder: Path, parts: NgramParts, small: SmallParts, encoder: Encoder) -> None:
    labels, width = len(parts.labels), encoder.width
    wanted = {
        "head": (parts.head.shape, "float16"),
        "dense": ((width, labels), "float32"),
        "intercept": ((labels,), "float32"),
        "centres": ((labels, width), "float32"),
    }
    for name, (shape, kind) in wanted.items():
        array: NDArray[Any] = getattr(small, name)
        if array.shape != shape or array.dtype.name != kind or not np.isfinite(array).all():
            problem = msg("its weights do not have the length of its vocabulary and labels.")
            raise MalformedModelError(str(folder), problem)
    if small.temperature <= 0 or not 0 <= small.shrinkage <= 1:
        raise MalformedModelError(
            str(folder), msg("its temperature or its number of labels is wrong.")
        )
    if small.encoder_sha256 != encoder.sha256:
        raise MalformedModelError(
            str(folder), msg("its encoder is not the one that it was made with.")
        )

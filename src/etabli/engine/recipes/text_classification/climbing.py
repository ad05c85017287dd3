"""Both rungs judged on the same rows, one chosen, and that one learned from all rows."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from etabli.engine.recipes.text_classification.calibrating import (
    Calibration,
    Scored,
    calibrate,
    calibrated,
    cascade_probability,
    joined,
    score,
)
from etabli.engine.recipes.text_classification.ladder import (
    Choice,
    Prefer,
    Rung,
    choose,
    without_encoder,
)
from etabli.engine.recipes.text_classification.learning import learn, learn_both
from etabli.engine.runtimes import NgramClassifier, NgramParts
from etabli.engine.runtimes.errors import EncoderNotInstalledError
from etabli.engine.tables.labelling import Row
from etabli.engine_contract.training import EncoderReference

CENTRE_WEIGHT = 1.0
"""Of the nearness to a label's centre beside the highest margin; chosen on a split of BANKING77's
training file: docs/decisions/0027."""

Advance = Callable[[], None]
Pairs = Sequence[tuple[list[Row], list[Row]]]


class Meaning:
    """An encoder, and the vectors of the rows that it has read: each is read once."""

    def __init__(self, reference: EncoderReference) -> None:
        """
        Raises:
            EncoderNotInstalledError: its programs are not there.
            ModelFolderNotFoundError, MalformedModelError: its files are not.
        """
        self.reference = reference
        try:  # by name: only who has an encoder needs what one needs
            self.runtime: Any = importlib.import_module("etabli.engine.runtimes.hybrid")
        except ModuleNotFoundError as error:
            raise EncoderNotInstalledError from error
        self.encoder = self.runtime.Encoder(Path(reference.folder))
        self._vectors: dict[str, Any] = {}

    def read(self, rows: Sequence[Row], advance: Advance) -> None:
        for row in rows:
            if row.text not in self._vectors:
                self._vectors[row.text] = self.encoder.encode(row.text)
            advance()

    def vectors(self, rows: Sequence[Row]) -> np.ndarray:
        return np.array([self._vectors[row.text] for row in rows], np.float32)

    def vector(self, text: str) -> np.ndarray:
        known: np.ndarray | None = self._vectors.get(text)
        return self.encoder.encode(text) if known is None else known


@dataclass(frozen=True)
class Small:
    """The second rung as it is saved, beside the first."""

    parts: Any
    """`SmallParts` of the runtime."""
    reference: EncoderReference


@dataclass(frozen=True)
class Climbed:
    """What was found out on the way up."""

    choice: Choice
    instant: Scored
    small: Scored | None
    calibrations: Mapping[Rung, Calibration]

    @property
    def calibration(self) -> Calibration:
        return self.calibrations[self.choice.rung]


def climb(
    pairs: Pairs,
    labels: Sequence[str],
    meaning: Meaning | None,
    prefer: Prefer,
    seed: int,
    advance: Advance,
) -> Climbed:
    """Judge each rung by rows that it had not learned, and choose one."""
    usable = [pair for pair in pairs if len({row.label for row in pair[0]}) > 1]
    scored = [_judge(pair, labels, meaning, seed, advance) for pair in usable]
    instant = joined([first for first, _ in scored]) if scored else Scored.of_none(len(labels))
    calibrations = {Rung.INSTANT: calibrate(instant)}
    seconds = [second for _, second in scored if second is not None]
    if not seconds:
        return Climbed(without_encoder(prefer), instant, None, calibrations)
    small = joined(seconds)
    calibrations[Rung.SMALL] = calibrate(small)
    return Climbed(choose(instant, small, prefer), instant, small, calibrations)


def _judge(
    pair: tuple[list[Row], list[Row]],
    labels: Sequence[str],
    meaning: Meaning | None,
    seed: int,
    advance: Advance,
) -> tuple[Scored, Scored | None]:
    learned, judged = pair
    if meaning is None:
        first = learn(*_texts_and_labels(learned), seed, advance)
        return score(NgramClassifier(first), judged, labels, advance), None
    first, head = learn_both(*_texts_and_labels(learned), meaning.vectors(learned), seed, advance)
    draft = _classifier(meaning, first, _small_parts(meaning, head))
    instant = score(NgramClassifier(first), judged, labels, advance)
    small = score(draft, judged, labels, lambda: None, familiarity_weight=CENTRE_WEIGHT)
    return instant, small


def learn_chosen(
    rows: Sequence[Row], climbed: Climbed, meaning: Meaning | None, seed: int, advance: Advance
) -> tuple[NgramParts, Small | None]:
    """The chosen rung, learned from `rows`, with what was found of when to believe it."""
    first_calibration = climbed.calibrations[Rung.INSTANT]
    if meaning is None or climbed.choice.rung is Rung.INSTANT:
        parts = learn(*_texts_and_labels(rows), seed, advance)
        return calibrated(parts, first_calibration), None
    first, head = learn_both(*_texts_and_labels(rows), meaning.vectors(rows), seed, advance)
    calibration = climbed.calibration
    small = replace(
        _small_parts(meaning, head),
        temperature=calibration.temperature,
        shrinkage=calibration.shrinkage,
        thresholds=calibration.thresholds,
        cascade_probability=cascade_probability(climbed.instant, first_calibration),
    )
    return calibrated(first, first_calibration), Small(small, meaning.reference)


def classifier(parts: NgramParts, small: Small | None, meaning: Meaning | None) -> NgramClassifier:
    """As it will answer."""
    if small is None or meaning is None:
        return NgramClassifier(parts)
    return _classifier(meaning, parts, small.parts)


def load(folder: Path, meaning: Meaning | None, rung: Rung) -> NgramClassifier:
    """What was saved, as it is served."""
    if meaning is None or rung is Rung.INSTANT:
        return NgramClassifier.load(folder)
    model: NgramClassifier = meaning.runtime.HybridClassifier.load_with(folder, meaning.encoder)
    return model


def _classifier(meaning: Meaning, first: NgramParts, small: Any) -> NgramClassifier:
    # What was read already is not read again, whichever model asks.
    reader = _Reader(meaning)
    model: NgramClassifier = meaning.runtime.HybridClassifier(first, small, reader)
    return model


class _Reader:
    def __init__(self, meaning: Meaning) -> None:
        self._meaning = meaning

    def encode(self, text: str) -> np.ndarray:
        return self._meaning.vector(text)


def _small_parts(meaning: Meaning, head: Any) -> Any:
    return meaning.runtime.SmallParts(
        head=head.head,
        dense=head.dense,
        intercept=head.intercept,
        centres=head.centres,
        temperature=1.0,
        shrinkage=0.0,
        thresholds=meaning.runtime.Thresholds(0.0, 1.0, -np.inf),
        cascade_probability=2.0,
        encoder_sha256=meaning.encoder.sha256,
    )


def _texts_and_labels(rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    return [row.text for row in rows], [row.label for row in rows]

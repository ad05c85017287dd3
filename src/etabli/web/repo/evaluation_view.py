"""What was measured of a model, as pages show it: quality, time, energy, size.

The result page reads a run's own files; the pages of a published model read `eval.json` and
`energy.json`, which anybody may have written, so each field is checked and the rest is left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from etabli.features.footprint import REFERENCES, Emissions, Energy, Method, understood
from etabli.features.git import Snapshot
from etabli.features.workshop import Run
from etabli.formats import Format
from etabli.foundation.i18n.messages import Text, say
from etabli.foundation.i18n.translations import NO_BREAK
from etabli.hub import Hub
from etabli.web.kit.rendering import language_of, said

EVALUATION, ENERGY = "eval.json", "energy.json"
WEIGHTS = (".safetensors", ".json")
SMALL_EXAM = 200
FIRST_MISTAKES, ALL_MISTAKES = 10, 1_000
WORST_CONFUSIONS = 8

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Label = Annotated[str, Field(max_length=500)]

METHODS: Mapping[str, Text] = {
    Method.MEASURED: say("measured"),
    Method.MODELLED: say("modelled"),
    Method.QUOTED: say("quoted"),
}
_MASSES = ((1000, 1000, "kg"), (1, 1, "g"), (1e-3, 1e-3, "mg"), (1e-6, 1e-6, "µg"), (0, 1e-9, "ng"))


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Unlike(_Part):
    """The part of an examination that no text to learn from nearly repeats."""

    rows: Count
    value: Share | None = None


class Accuracy(_Part):
    value: Share
    low: Share
    high: Share
    level: Share = 0.95
    method: str = ""
    texts: Count | None = None
    """How many different texts it was examined on: near-duplicates count as one."""
    is_too_small: bool = False
    """Too few different texts for a figure."""
    unlike_training: Unlike | None = None


class Decided(_Part):
    share: Share
    right_share: Share | None = None
    offered_right_share: Share | None = None


class Point(_Part):
    """Under one threshold: what would be answered, and how much of that rightly."""

    threshold: Share
    answered: Share
    right: Share | None = None


class OfLabel(_Part):
    label: Label
    precision: Share
    recall: Share
    f1: Share
    support: Count


class Confusion(_Part):
    true: Label
    predicted: Label
    count: Count


class Mistake(_Part):
    text: Annotated[str, Field(max_length=5000)]
    true: Label
    predicted: Label
    probability: Share


class Speed(_Part):
    p50_ms: Amount
    p99_ms: Amount
    cpu_s_per_answer: Amount


class Thresholds(_Part):
    answer_probability: Share


class Unknown(_Part):
    """What became of questions about subjects that were hidden from a copy of the model."""

    hidden_labels: Count
    questions: Count
    decisions: Mapping[str, Share]


class Training(_Part):
    wall_s: Amount
    cpu_s: Amount
    peak_rss_mb: Amount | None = None


class Data(_Part):
    n_train: Count
    n_test: Annotated[int, Field(ge=1)]
    test_split: str = ""


class Exam(_Part):
    """`result.json` of a run, `eval.json` of a model: see the recipe's `train.py`."""

    accuracy: Accuracy
    macro_f1: Share
    baseline_accuracy: Share
    decisions: Mapping[str, Decided] = {}
    coverage: Sequence[Point] = ()
    per_class: Sequence[OfLabel] = ()
    confusions: Sequence[Confusion] = ()
    mistakes: Sequence[Mistake] = ()
    speed: Speed
    thresholds: Thresholds | None = None
    unknown_subjects: Unknown | None = None
    data: Data
    training: Training
    recipe: str = ""
    seed: int | None = None
    versions: Mapping[str, Any] = {}

    @property
    def right_of_100(self) -> int:
        """Rounded, but never to a perfection that was not reached."""
        return 100 if self.accuracy.value == 1 else min(99, round(100 * self.accuracy.value))

    @property
    def has_figure(self) -> bool:
        """Whether enough different texts were examined to say a figure."""
        return not self.accuracy.is_too_small

    @property
    def right_count(self) -> int:
        return self.data.n_test - self.mistake_count

    @property
    def like_training(self) -> int:
        """Messages of the examination that a text to learn from nearly repeats."""
        unlike = self.accuracy.unlike_training
        return max(0, self.data.n_test - unlike.rows) if unlike else 0

    @property
    def mistake_count(self) -> int:
        return round((1 - self.accuracy.value) * self.data.n_test)

    @property
    def is_small(self) -> bool:
        return self.data.n_test < SMALL_EXAM

    @property
    def has_learned(self) -> bool:
        """Whether it surely does better than always giving the commonest label."""
        return self.accuracy.low > self.baseline_accuracy

    @property
    def worst_labels(self) -> Sequence[OfLabel]:
        return sorted(self.per_class, key=lambda one: one.f1)

    def point(self, threshold: float | None) -> Point | None:
        """The point of the curve nearest to a threshold; by default, to the model's own."""
        if not self.coverage:
            return None
        wanted = threshold
        if wanted is None:
            wanted = self.thresholds.answer_probability if self.thresholds else 0.0
        return min(self.coverage, key=lambda point: abs(point.threshold - wanted))


@dataclass(frozen=True)
class EnergyFigure:
    """The energy of an operation and its emissions, with how each was obtained in words."""

    wh: float
    low_wh: float
    high_wh: float
    method: str
    how: str
    g_co2e: float
    emissions_how: str
    how_language: str
    """Of the two sentences: English where a published file says something of its own."""


@dataclass(frozen=True)
class Evaluation:
    """All that the pages say of how good a model is and what it costs."""

    exam: Exam
    making: EnergyFigure | None
    thousand: EnergyFigure | None
    size_bytes: int
    references: Sequence[Mapping[str, Any]]


def of_run(request: Request, hub: Hub, run: Run) -> Evaluation:
    result = hub.workshop.result(run)
    exam = Exam.model_validate(result)

    def figure(energy: Energy) -> EnergyFigure:
        return figure_of(request, energy, hub.serving.emissions(energy))

    return Evaluation(
        exam=exam,
        making=figure(hub.workshop.energy_to_make(run)),
        thousand=figure(hub.workshop.energy_of_an_answer(run).times(1000)),
        size_bytes=int(result.get("model_size_bytes", 0)),
        references=references(request),
    )


def of_snapshot(request: Request, snapshot: Snapshot) -> Evaluation | None:
    """What a published model says of itself; None when it says nothing that can be read."""
    try:
        exam = Exam.model_validate_json(snapshot.find_text(EVALUATION, 5_000_000) or "")
    except ValidationError:
        return None
    making, thousand = _energies(request, snapshot)
    size_bytes = sum(
        entry.size_bytes
        for entry in snapshot.entries()
        if not entry.is_folder and entry.path.endswith(WEIGHTS)
    )
    return Evaluation(exam, making, thousand, size_bytes, references(request))


def references(request: Request) -> Sequence[Mapping[str, Any]]:
    """The published figures to stand beside ours, for a thousand answers, as `m.track` takes them.

    Two that stand close are moved aside, so that both letters can be read.
    """
    return [
        {
            "v": reference.energy_wh * 1000,
            "k": str(reference.name)[0],
            "est": True,
            "dx": -8 if place == 0 else 8,
            "name": said(request, reference.name),
            "source": said(request, reference.source),
            "url": reference.url,
            "method": said(request, METHODS[reference.method]),
        }
        for place, reference in enumerate(REFERENCES)
    ]


def mass(language: str, grams: float) -> str:
    """`0.0000001` as `0.1 µg`."""
    _, scale, unit = next(step for step in _MASSES if grams >= step[0])
    value = grams / scale
    digits = 0 if value >= 99.5 or value == int(value) else 1 if value >= 0.1 else 2
    return Format(language).number(value, digits) + NO_BREAK + unit


def method_in_words(request: Request, method: str) -> str:
    return said(request, METHODS[method]) if method in METHODS else method


def shown(request: Request, evaluation: Evaluation | None) -> Mapping[str, Any]:
    """What the templates of figures need beside the evaluation."""
    language = language_of(request)
    return {
        "evaluation": evaluation,
        "grams": lambda grams: mass(language, grams),
        "method_words": lambda method: method_in_words(request, method),
    }


class _PublishedEnergy(_Part):
    energy_wh: Amount
    energy_low_wh: Amount
    energy_high_wh: Amount
    energy_method: str
    energy_how: str
    emissions_g_co2e: Amount
    emissions_how: str = ""


class _Energies(_Part):
    making: _PublishedEnergy
    a_thousand_answers: _PublishedEnergy


def figure_of(request: Request, energy: Energy, emissions: Emissions) -> EnergyFigure:
    return EnergyFigure(
        wh=energy.wh,
        low_wh=energy.low_wh,
        high_wh=energy.high_wh,
        method=energy.method,
        how=said(request, energy.how),
        g_co2e=emissions.g_co2e,
        emissions_how=said(request, emissions.how),
        how_language=language_of(request),
    )


def _energies(
    request: Request, snapshot: Snapshot
) -> tuple[EnergyFigure | None, EnergyFigure | None]:
    try:
        energy = _Energies.model_validate_json(snapshot.find_text(ENERGY) or "")
    except ValidationError:
        return None, None
    return _published(request, energy.making), _published(request, energy.a_thousand_answers)


def _published(request: Request, part: _PublishedEnergy) -> EnergyFigure:
    sentences = (part.energy_how, part.emissions_how)
    known = [text for text in map(understood, sentences) if text]
    language = "en"
    if len(known) == len(sentences):
        language = language_of(request)
        sentences = (said(request, known[0]), said(request, known[1]))
    return EnergyFigure(
        wh=part.energy_wh,
        low_wh=part.energy_low_wh,
        high_wh=part.energy_high_wh,
        method=part.energy_method,
        how=sentences[0],
        g_co2e=part.emissions_g_co2e,
        emissions_how=sentences[1],
        how_language=language,
    )

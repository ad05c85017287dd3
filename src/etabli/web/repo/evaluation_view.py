"""What was measured of a model, as pages show it: quality, time, energy, size.

The result page shows a run's own files, the pages of a published model its `eval.json` and
`energy.json`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from etabli.engine_contract.evaluation import Exam
from etabli.features.footprint import REFERENCES, Emissions, Energy, Method, understood
from etabli.features.git import Snapshot
from etabli.features.workshop import EnergyOf, Run, advise, find_energy, find_exam, recipe_of
from etabli.formats import Format
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.i18n.translations import NO_BREAK
from etabli.hub import Hub
from etabli.web.kit.rendering import language_of, said

EVALUATION, ENERGY = "eval.json", "energy.json"
WEIGHTS = (".safetensors", ".json")
FIRST_MISTAKES, ALL_MISTAKES = 10, 1_000
WORST_CONFUSIONS = 8

METHODS: Mapping[str, Message] = {
    Method.MEASURED: msg("measured"),
    Method.MODELLED: msg("modelled"),
    Method.QUOTED: msg("quoted"),
}
_MASSES = ((1000, 1000, "kg"), (1, 1, "g"), (1e-3, 1e-3, "mg"), (1e-6, 1e-6, "µg"), (0, 1e-9, "ng"))


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

    @property
    def kind(self) -> str:
        """The folder of the templates that draw its figures."""
        return recipe_of({"recipe": self.exam.recipe}).templates


def of_run(request: Request, hub: Hub, run: Run) -> Evaluation:
    result = hub.workshop.result(run)

    def figure(energy: Energy) -> EnergyFigure:
        return figure_of(request, energy, hub.serving.emissions(energy))

    return Evaluation(
        exam=hub.workshop.exam(run),
        making=figure(hub.workshop.energy_to_make(run)),
        thousand=figure(hub.workshop.energy_of_an_answer(run).times(1000)),
        size_bytes=int(result.get("model_size_bytes", 0)),
        references=references(request),
    )


def of_snapshot(request: Request, snapshot: Snapshot) -> Evaluation | None:
    """What a published model says of itself; None when it says nothing that can be read."""
    exam = find_exam(snapshot.find_text(EVALUATION, 5_000_000) or "")
    if exam is None:
        return None
    energy = find_energy(snapshot.find_text(ENERGY) or "")
    size_bytes = sum(
        entry.size_bytes
        for entry in snapshot.entries()
        if not entry.is_folder and entry.path.endswith(WEIGHTS)
    )
    making = _published(request, energy.making) if energy else None
    thousand = _published(request, energy.a_thousand_answers) if energy else None
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


def shown(request: Request, evaluation: Evaluation | None) -> Mapping[str, Any]:
    """What the templates of figures need beside the evaluation."""
    language = language_of(request)
    return {
        "evaluation": evaluation,
        "advice": _advised(request, evaluation) if evaluation else None,
        "grams": _Mass(language),
        "method_words": _Methods({name: said(request, text) for name, text in METHODS.items()}),
    }


# Plain values, which say all that they are: what a page is made of decides whether it is kept.
@dataclass(frozen=True)
class _Mass:
    language: str

    def __call__(self, grams: float) -> str:
        return mass(self.language, grams)


@dataclass(frozen=True)
class _Methods:
    words: Mapping[str, str]

    def __call__(self, method: str) -> str:
        return self.words.get(method, method)


def _advised(request: Request, evaluation: Evaluation) -> Mapping[str, Any]:
    found = advise(evaluation.exam)
    return {
        "use": found.use.value,
        "is_ready": found.use.is_ready,
        "title": said(request, found.title),
        "reason": said(request, found.reason),
        "next_step": said(request, found.next_step),
    }


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


def _published(request: Request, part: EnergyOf) -> EnergyFigure:
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

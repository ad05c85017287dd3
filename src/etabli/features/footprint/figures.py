"""Energy from processor time, emissions from energy, and the figures to compare with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from etabli.foundation.i18n.messages import Message, msg

SECONDS_IN_AN_HOUR = 3600
ENERGY_UNITS = ((1000, 1000, "kWh"), (1, 1, "Wh"), (0.0001, 0.001, "mWh"), (0, 0.000_001, "µWh"))
"""From how many watt-hours on a unit is used, how many one of it is, and its name."""


_HOW_ENERGY = msg(
    "Processor time, measured, × {watts} W for a busy core, assumed "
    "(between {low} and {high} W: {low_factor} to {high_factor} times that). "
    "What the machine draws while idle is not counted."
)
_HOW_EMISSIONS = msg(
    "Energy × {factor} g of CO2e a kWh, the average of the grid of {grid}, assumed."
)


class Method(StrEnum):
    MEASURED = "measured"
    MODELLED = "modelled"
    QUOTED = "quoted"


@dataclass(frozen=True)
class PowerModel:
    """What a busy core draws, in watts at the wall: assumed, and how wrong that may be.

    Source of the defaults: 10 W is deliberately pessimistic for one busy core of a server, memory
    and supply included; CodeCarbon's fallback is 4 W a hardware thread, 0.4 of it; 2 doubles our
    figure. Another assumption is as uncertain, so its interval has the same factors.
    """

    watts_per_core: float = 10.0
    low_factor: float = 0.4
    high_factor: float = 2.0

    @property
    def low_w(self) -> float:
        return self.watts_per_core * self.low_factor

    @property
    def high_w(self) -> float:
        return self.watts_per_core * self.high_factor


@dataclass(frozen=True)
class Grid:
    """The carbon intensity of the electricity. Source of the default: France, 2023, ADEME."""

    name: str = "France"
    g_co2e_per_kwh: float = 56.0


@dataclass(frozen=True)
class Energy:
    wh: float
    low_wh: float
    high_wh: float
    method: Method
    how: Message

    def times(self, count: float) -> "Energy":
        """The same action, `count` times."""
        return Energy(
            self.wh * count, self.low_wh * count, self.high_wh * count, self.method, self.how
        )


def in_unit(energy_wh: float) -> Message:
    """`0.000034` as `34 µWh`, with two figures that count, as a card says it."""
    _, scale, unit = next(step for step in ENERGY_UNITS if energy_wh >= step[0])
    return Message("{value} " + unit, {"value": two_digits(energy_wh / scale)})


def two_digits(value: float) -> float:
    """With two figures that count: `0.3141` as 0.31, `3.141` as 3.1, and `314.1` whole."""
    if value >= 10 or value == round(value):
        return round(value)
    return float(f"{value:.2g}")


@dataclass(frozen=True)
class Emissions:
    g_co2e: float
    method: Method
    how: Message


@dataclass(frozen=True)
class Reference:
    """A published figure for one answer of a larger system."""

    key: str
    name: Message
    energy_wh: float
    method: Method
    source: Message
    url: str


def energy_of_cpu(cpu_s: float, power: PowerModel) -> Energy:
    """The marginal energy of an operation that kept one core busy for `cpu_s` seconds.

    What the machine draws while idle is not in it: the sentence says so.
    """
    hours = cpu_s / SECONDS_IN_AN_HOUR
    return Energy(
        wh=hours * power.watts_per_core,
        low_wh=hours * power.low_w,
        high_wh=hours * power.high_w,
        method=Method.MODELLED,
        how=_filled(
            _HOW_ENERGY,
            watts=power.watts_per_core,
            low=power.low_w,
            high=power.high_w,
            low_factor=power.low_factor,
            high_factor=power.high_factor,
        ),
    )


def emissions_of(energy: Energy, grid: Grid) -> Emissions:
    return Emissions(
        g_co2e=energy.wh / 1000 * grid.g_co2e_per_kwh,
        method=Method.MODELLED,
        how=_filled(_HOW_EMISSIONS, factor=grid.g_co2e_per_kwh, grid=grid.name),
    )


def understood(sentence: str) -> Message | None:
    """What a published file says in English of how a figure was obtained, for other languages.

    None for a sentence that no hub of this version writes.
    """
    for text in (_HOW_ENERGY, _HOW_EMISSIONS):
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.{1,60})", re.escape(text.template))
        found = re.fullmatch(pattern, sentence)
        if found:
            return _filled(text, **found.groupdict())
    return None


def _filled(text: Message, **values: float | str) -> Message:
    """Numbers without zeros at their end, whoever wrote them."""
    return replace(text, values={gap: _short(value) for gap, value in values.items()})


def _short(value: float | str) -> float | str:
    if isinstance(value, str):
        return _short(float(value)) if re.fullmatch(r"\d{1,12}(\.\d{1,12})?", value) else value
    return int(value) if value == int(value) else float(f"{value:g}")


# Each includes what its publisher chose to count, idle machines and cooling among it, so a ratio to
# our marginal figure is an order of magnitude and not a measurement. The pages say so.
REFERENCES: Sequence[Reference] = (
    Reference(
        "gemini",
        msg("Gemini, median text prompt"),
        0.24,
        Method.QUOTED,
        msg("Google, August 2025"),
        "https://arxiv.org/abs/2508.15734",
    ),
    Reference(
        "chatgpt",
        msg("ChatGPT, average query"),
        0.34,
        Method.QUOTED,
        msg("OpenAI, June 2025, without a method"),
        "https://blog.samaltman.com/the-gentle-singularity",
    ),
)

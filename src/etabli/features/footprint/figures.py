"""Energy from processor time, emissions from energy, and the figures to compare with."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from etabli.foundation.i18n.messages import Text, say

SECONDS_IN_AN_HOUR = 3600
ENERGY_UNITS = ((1000, 1000, "kWh"), (1, 1, "Wh"), (0.0001, 0.001, "mWh"), (0, 0.000_001, "µWh"))
"""From how many watt-hours on a unit is used, how many one of it is, and its name."""


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
    how: Text

    def times(self, count: float) -> "Energy":
        """The same action, `count` times."""
        return Energy(
            self.wh * count, self.low_wh * count, self.high_wh * count, self.method, self.how
        )


def in_unit(energy_wh: float) -> str:
    """`0.000034` as `34 µWh`, with two figures that count, as a card says it."""
    _, scale, unit = next(step for step in ENERGY_UNITS if energy_wh >= step[0])
    value = energy_wh / scale
    digits = 0 if value >= 10 or value == round(value) else 1 if value >= 1 else 2
    return f"{value:.{digits}f} {unit}"


@dataclass(frozen=True)
class Emissions:
    g_co2e: float
    method: Method
    how: Text


@dataclass(frozen=True)
class Reference:
    """A published figure for one answer of a larger system."""

    key: str
    name: str
    energy_wh: float
    method: Method
    source: str
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
        how=say(
            "Processor time, measured, × {watts} W for a busy core, assumed "
            "(between {low} and {high} W: {low_factor} to {high_factor} times that). "
            "What the machine draws while idle is not counted.",
            watts=f"{power.watts_per_core:g}",
            low=f"{power.low_w:g}",
            high=f"{power.high_w:g}",
            low_factor=f"{power.low_factor:g}",
            high_factor=f"{power.high_factor:g}",
        ),
    )


def emissions_of(energy: Energy, grid: Grid) -> Emissions:
    return Emissions(
        g_co2e=energy.wh / 1000 * grid.g_co2e_per_kwh,
        method=Method.MODELLED,
        how=say(
            "Energy × {factor} g of CO2e a kWh, the average of the grid of {grid}, assumed.",
            factor=f"{grid.g_co2e_per_kwh:g}",
            grid=grid.name,
        ),
    )


# Each includes what its publisher chose to count, idle machines and cooling among it, so a ratio to
# our marginal figure is an order of magnitude and not a measurement. The pages say so.
REFERENCES: Sequence[Reference] = (
    Reference(
        "gemini",
        "Gemini, median text prompt",
        0.24,
        Method.QUOTED,
        "Google, August 2025",
        "https://arxiv.org/abs/2508.15734",
    ),
    Reference(
        "chatgpt",
        "ChatGPT, average query",
        0.34,
        Method.QUOTED,
        "OpenAI, June 2025, without a method",
        "https://blog.samaltman.com/the-gentle-singularity",
    ),
)

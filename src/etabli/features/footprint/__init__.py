"""Footprint: what an operation costs in energy and emissions, and how sure we are of each figure.

Owns: the ways to obtain a figure, and the published figures that ours are shown beside. Every
figure carries its method; figures of two methods are never added up.
May use: the foundation.
Words: *measured* was read from a meter; *modelled* was computed from something measured and an
assumption that is named; *quoted* was published by somebody else, who is named.
"""

from etabli.features.footprint.figures import (
    ENERGY_UNITS,
    REFERENCES,
    Emissions,
    Energy,
    Grid,
    Method,
    PowerModel,
    Reference,
    emissions_of,
    energy_of_cpu,
    in_unit,
    two_digits,
    understood,
)
from etabli.features.footprint.frugality import MAX_ANSWERS_A_DAY, Frugality, IdleModel

__all__ = [
    "ENERGY_UNITS",
    "MAX_ANSWERS_A_DAY",
    "REFERENCES",
    "Emissions",
    "Energy",
    "Frugality",
    "Grid",
    "IdleModel",
    "Method",
    "PowerModel",
    "Reference",
    "emissions_of",
    "energy_of_cpu",
    "in_unit",
    "two_digits",
    "understood",
]

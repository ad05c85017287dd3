import math

import pytest

from etabli.features.footprint import (
    REFERENCES,
    Grid,
    Method,
    PowerModel,
    emissions_of,
    energy_of_cpu,
    in_unit,
    understood,
)
from etabli.foundation.i18n.translations import translator


def test_one_core_busy_for_an_hour_is_its_watts():
    energy = energy_of_cpu(3600, PowerModel(watts_per_core=10))
    assert energy.wh == 10
    assert (energy.low_wh, energy.high_wh) == (4, 20)


@pytest.mark.parametrize("watts", [1, 10, 50, 400])
def test_the_interval_follows_the_assumption(watts):
    energy = energy_of_cpu(3600, PowerModel(watts_per_core=watts))
    assert (energy.low_wh, energy.wh, energy.high_wh) == (0.4 * watts, watts, 2 * watts)
    assert f"between {0.4 * watts:g} and {2 * watts:g} W" in str(energy.how)


@pytest.mark.parametrize(
    ("energy_wh", "shown"),
    [(0.000034, "34 µWh"), (0.0004, "0.4 mWh"), (0.0034, "3.4 mWh"), (0.18, "180 mWh"),
     (12, "12 Wh"), (4_200, "4.2 kWh"), (0, "0 µWh")],
)  # fmt: skip
def test_energy_is_said_in_the_unit_that_fits(energy_wh, shown):
    assert str(in_unit(energy_wh)) == shown


def test_a_figure_that_was_not_read_from_a_meter_says_so():
    energy = energy_of_cpu(1, PowerModel())
    assert energy.method is Method.MODELLED
    assert emissions_of(energy, Grid()).method is Method.MODELLED
    assert "assumed" in str(energy.how)
    assert "idle" in str(energy.how)


@pytest.mark.parametrize("cpu_s", [0, 0.001, 1, 86_400])
def test_a_figure_lies_between_its_bounds(cpu_s):
    energy = energy_of_cpu(cpu_s, PowerModel())
    assert energy.low_wh <= energy.wh <= energy.high_wh


def test_a_thousand_deeds_cost_a_thousand_times_as_much():
    once = energy_of_cpu(2, PowerModel())
    often = once.times(1000)
    assert math.isclose(often.wh, once.wh * 1000)
    assert math.isclose(often.high_wh, once.high_wh * 1000)
    assert (often.method, often.how) == (once.method, once.how)


def test_emissions_follow_the_grid():
    energy = energy_of_cpu(3600, PowerModel(watts_per_core=1000))  # 1 kWh
    emissions = emissions_of(energy, Grid("Poland", 650))
    assert emissions.g_co2e == 650
    assert "Poland" in str(emissions.how)
    assert "650" in str(emissions.how)


def test_what_others_published_is_quoted_with_its_source():
    for reference in REFERENCES:
        assert reference.method is Method.QUOTED
        assert reference.energy_wh > 0
        assert str(reference.source)
        assert reference.url.startswith("https://")


def test_how_a_figure_was_obtained_is_understood_from_a_published_file():
    energy = energy_of_cpu(3600, PowerModel(watts_per_core=12.5))
    for text in (energy.how, emissions_of(energy, Grid("Poland", 650.25)).how):
        assert understood(str(text)) == text
    french = understood(str(energy.how)).translate(translator("fr"))
    assert "12,5\u00a0W" in french
    assert understood("{0.__class__} and whatever") is None

"""A machine that is on all day for a few questions is not frugal, and is told so."""

import pytest

from etabli.features.footprint import (
    REFERENCES,
    Frugality,
    IdleModel,
    PowerModel,
    energy_of_cpu,
)

POWER = PowerModel()
ANSWER = energy_of_cpu(0.000_36, POWER)  # a millionth of a watt-hour
GEMINI = REFERENCES[0]


def frugality(a_day, making_s=3600.0):
    return Frugality(a_day, ANSWER, energy_of_cpu(making_s, POWER), IdleModel(20.0))


def test_waiting_is_nearly_all_of_what_few_questions_take():
    few = frugality(50)
    assert few.loaded_wh == pytest.approx(9.6, rel=1e-3)
    assert 0.99 < few.idle_share < 1
    waiting, verdict, making = map(str, few.sentences)
    assert "9.6 Wh an answer" in waiting
    assert "> 99 %" in waiting
    assert "20 W, assumed (between 5 and 60)" in waiting
    assert "(modelled)" in waiting
    assert "it is not frugal at so few" in verdict
    assert "2,001" in verdict
    assert making.endswith(": 42.")  # 10 Wh at 0.24 Wh each


def test_from_the_break_even_on_it_is_frugal():
    needed = frugality(1).frugal_from(GEMINI)
    assert frugality(needed).loaded_wh <= GEMINI.energy_wh < frugality(needed - 1).loaded_wh
    assert "with so many it is frugal" in str(frugality(needed).sentences[1])


def test_an_answer_that_takes_more_than_a_published_one_is_never_frugal():
    costly = Frugality(10**9, energy_of_cpu(360.0, POWER), ANSWER, IdleModel(20.0))
    assert costly.frugal_from(GEMINI) is None
    assert costly.made_good_after(GEMINI) is None
    assert "however many" in str(costly.sentences[1])


def test_what_nobody_has_said_of_making_is_left_out():
    assert len(Frugality(50, ANSWER, None, IdleModel()).sentences) == 2

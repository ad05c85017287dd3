"""What shares prove."""

import pytest

from etabli.foundation.proportions import mcnemar, wilson_interval


def test_an_interval_stays_within_0_to_1():
    assert wilson_interval(1.0, 4)[1] == pytest.approx(1.0)
    assert wilson_interval(0.0, 4)[0] == 0.0
    assert wilson_interval(0.8, 10) == pytest.approx((0.490, 0.943), abs=1e-3)


def test_only_what_differs_says_anything():
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1
    assert mcnemar(1, 9) == pytest.approx(0.0215, abs=1e-4)
    assert mcnemar(600, 500) == pytest.approx(0.00284, abs=1e-4)

from datetime import UTC, datetime

import pytest

from etabli.formats import Format

NO_BREAK, NARROW = "\u00a0", "\u202f"
ENGLISH, FRENCH = Format("en"), Format("fr")


def test_numbers() -> None:
    assert ENGLISH.number(12602) == "12,602"
    assert FRENCH.number(12602) == f"12{NARROW}602"
    assert FRENCH.number(0.5, 2) == "0,50"


def test_percentages() -> None:
    assert ENGLISH.percent(0.912, 1) == "91.2%"
    assert FRENCH.percent(0.912, 1) == f"91,2{NO_BREAK}%"


@pytest.mark.parametrize(
    ("size_bytes", "english", "french"),
    [(0, "0 B", "0 o"), (999, "999 B", "999 o"), (1_234_567, "1.2 MB", "1,2 Mo")],
)
def test_sizes(size_bytes: int, english: str, french: str) -> None:
    assert ENGLISH.size(size_bytes).replace(NO_BREAK, " ") == english
    assert FRENCH.size(size_bytes).replace(NO_BREAK, " ") == french


@pytest.mark.parametrize(
    ("energy_wh", "shown"),
    [(1500, "1,5 kWh"), (11, "11 Wh"), (0.0003, "0,3 mWh"), (0.00002, "20 µWh"), (0, "0 µWh")],
)
def test_energies(energy_wh: float, shown: str) -> None:
    assert FRENCH.energy(energy_wh).replace(NO_BREAK, " ") == shown


@pytest.mark.parametrize(
    ("duration_s", "shown"), [(0.004, "4 ms"), (0.0002, "0.2 ms"), (12, "12 s"), (90, "1.5 min")]
)
def test_durations(duration_s: float, shown: str) -> None:
    assert ENGLISH.duration(duration_s).replace(NO_BREAK, " ") == shown


def test_dates_can_be_read_by_programs() -> None:
    shown = FRENCH.date(datetime(2026, 11, 14, tzinfo=UTC))
    assert 'datetime="2026-11-14T00:00:00+00:00"' in shown
    assert "14 nov. 2026" in shown

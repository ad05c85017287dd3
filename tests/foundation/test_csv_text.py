"""Tables as CSV."""

import pytest

from etabli.foundation.csv_text import csv_of, sorted_cells, whole_file


@pytest.mark.parametrize("label", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_model_says_starts_no_formula(label):
    assert sorted_cells(label, 0.5, "answer")[0] == f"'{label}"


def test_a_row_that_was_not_asked_says_why_and_nothing_else():
    assert csv_of([sorted_cells("card_lost", 0.98765, "answer")]) == "card_lost,0.988,answer\r\n"
    assert csv_of([sorted_cells(None, None, "too-long")]) == ",,too-long\r\n"


def test_a_file_is_there_whole_or_not_at_all(tmp_path):
    out = tmp_path / "sorted.csv"
    with pytest.raises(ZeroDivisionError), whole_file(out) as file:
        file.write("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []
    with whole_file(out) as file:
        file.write("whole")
    assert [path.read_text() for path in tmp_path.iterdir()] == ["whole"]

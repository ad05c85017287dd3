"""Writers of several processes go one after the other, and none is passed by for ever."""

import subprocess
import sys

from etabli.foundation.file_turns import FileTurns

GREEDY = """
import sys
from pathlib import Path
from etabli.foundation.file_turns import FileTurns
turns = FileTurns(Path(sys.argv[1]))
while True:  # again at once, as a process's own queue passes the turn on
    assert turns.take(30)
    print("taken", flush=True)
    turns.give_on()
"""


def test_one_has_it_and_the_other_waits(tmp_path):
    first, second = FileTurns(tmp_path / "db"), FileTurns(tmp_path / "db")
    assert first.take(1)
    assert not second.take(0)
    first.give_on()
    assert second.take(1)
    assert not first.take(0)


def test_who_gave_up_waiting_stands_in_nobodys_way(tmp_path):
    first, second, third = (FileTurns(tmp_path / "db") for _ in range(3))
    assert first.take(1)
    assert not second.take(0.01)
    first.give_on()
    assert third.take(0)


def test_one_that_always_comes_again_passes_nobody_by(tmp_path):
    greedy = subprocess.Popen(
        [sys.executable, "-c", GREEDY, str(tmp_path / "db")], stdout=subprocess.PIPE
    )
    try:
        assert greedy.stdout.readline() == b"taken\n"
        turns = FileTurns(tmp_path / "db")
        for _ in range(20):
            assert turns.take(30)
            turns.give_on()
    finally:
        greedy.kill()
        greedy.wait()
        greedy.stdout.close()
    assert turns.take(1)  # it let go, wherever it was


def test_closed_twice(tmp_path):
    turns = FileTurns(tmp_path / "db")
    turns.take(1)
    turns.close()
    turns.close()
    other = FileTurns(tmp_path / "db")
    assert other.take(0)

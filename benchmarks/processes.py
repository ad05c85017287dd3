"""What a server takes, with the processes that it has started."""

import os
from collections.abc import Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def pids_of(pid: int) -> list[int]:
    """It, and its children."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def cpu_s(pid: int) -> float:
    total = 0
    for one in pids_of(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def memory_mb(pids: Sequence[int]) -> float:
    """What these have in memory now, pages that several of them share counted once."""
    return sum(map(_pss_kb, pids)) / 1024


def _pss_kb(pid: int) -> int:
    said = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(said.partition("\nPss:")[2].split()[0])

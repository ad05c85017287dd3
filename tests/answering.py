"""A supervisor of processes that can be told to misbehave: see `answering_program.py`."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from etabli.features.serving import Supervisor

PROGRAM = Path(__file__).with_name("answering_program.py")


class Gate:
    """What the processes were asked, and the gate that those behind it wait for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def open(self) -> None:
        (self._folder / "open").touch()

    @property
    def log(self) -> list[str]:
        path = self._folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def supervisor(self, processes: int = 2, **options: Any) -> Supervisor:
        program = [sys.executable, str(PROGRAM), str(self._folder)]
        return Supervisor(processes, program=program, **options)


def wait_until(condition: Callable[[], object]) -> None:
    """For what another process or thread does in its own time."""
    while not condition():
        time.sleep(0.01)

"""Recipes as child processes, which read and write one folder."""

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from etabli.engine_contract.training import DONE, INVALID, NO_MEMORY, read_problem
from etabli.features.workshop.errors import (
    BadTableError,
    RecipeFailedError,
    TooMuchMemoryError,
    TooSlowError,
)

log = logging.getLogger(__name__)

PROGRAM = "etabli.engine.recipes"
ABORTED = -signal.SIGABRT
"""How a library in Rust or C ends when there is no more memory."""
CHECK_WITHIN_S = 60.0
CHECK_WITHIN_MB = 4_000
"""Of address space: a small file may unpack to more than the machine has."""
MAKE_WITHIN_S = 3600.0
TICK_S = 0.25


def check(folder: Path) -> None:
    """Look at the tables; `check.json` says what was understood and found.

    Raises:
        BadTableError: the table cannot be used, and why.
        TooSlowError, TooMuchMemoryError: it took too long, or too much.
        RecipeFailedError: the program failed: our fault.
    """
    _run("check", folder, CHECK_WITHIN_S, lambda: False, CHECK_WITHIN_MB)


def extract(folder: Path) -> None:
    """Read a table's rows as they are: `rows.jsonl`.

    Raises: as `check`.
    """
    _run("extract", folder, CHECK_WITHIN_S, lambda: False, CHECK_WITHIN_MB)


def make(folder: Path, should_stop: Callable[[], bool]) -> bool:
    """Make the model: `result.json`, `model/` and `data_out/`. False when it was stopped.

    Raises: as `check`.
    """
    return _run("train", folder, MAKE_WITHIN_S, should_stop)


def _run(
    verb: str,
    folder: Path,
    within_s: float,
    should_stop: Callable[[], bool],
    within_mb: int | None = None,
) -> bool:
    command = [sys.executable, "-m", PROGRAM, verb, str(folder), "--parent", str(os.getpid())]
    if within_mb:
        command += ["--memory-mb", str(within_mb)]
    with (folder / f"{verb}.log").open("wb") as output:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=_clean_environment(),
            start_new_session=True,
        )
    try:
        status = _wait(child, within_s, should_stop)
    finally:
        _kill(child)
    if status is None:
        return False
    if status == INVALID:
        raise BadTableError(read_problem(folder))
    if within_mb and status in (NO_MEMORY, ABORTED):
        raise TooMuchMemoryError(within_mb)
    if status != DONE:
        log.error("the recipe failed: %s", (folder / f"{verb}.log").read_text()[-2000:])
        raise RecipeFailedError
    return True


def _wait(
    child: subprocess.Popen[bytes], within_s: float, should_stop: Callable[[], bool]
) -> int | None:
    """The exit status; None when it was stopped."""
    waited_s = 0.0
    while waited_s < within_s:
        try:
            return child.wait(TICK_S)
        except subprocess.TimeoutExpired:
            waited_s += TICK_S
        if should_stop():
            return None
    raise TooSlowError(within_s)


def _kill(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _clean_environment() -> dict[str, str]:
    """Enough to find Python, and none of the hub's secrets."""
    return {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}

"""The machine and the libraries that something is made with, and what making it took."""

import os
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any


def versions() -> dict[str, Any]:
    """What it was made with: enough to make it again."""
    return {
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "scikit_learn": version("scikit-learn"),
        "safetensors": version("safetensors"),
        "cpu": _cpu_model(),
        "cores": os.cpu_count(),
    }


def _cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except FileNotFoundError:  # not Linux
        return platform.processor() or platform.machine()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def peak_rss_mb() -> float:
    """The most memory that this process has held, in mebibytes."""
    try:
        status = Path("/proc/self/status").read_text("utf-8")
    except FileNotFoundError:  # not Linux
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return round(peak / 1024**2 if sys.platform == "darwin" else peak / 1024, 1)
    # Not ru_maxrss: on Linux it starts from what the process that started us took.
    [peak_kb] = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return round(int(peak_kb) / 1024, 1)


@contextmanager
def spending() -> Iterator[dict[str, float]]:
    """Fills in what the block spent, once it is over: `wall_s` and `cpu_s`, in seconds."""
    spent: dict[str, float] = {}
    started, cpu_started = time.monotonic(), time.process_time()
    yield spent
    spent["wall_s"] = round(time.monotonic() - started, 2)
    spent["cpu_s"] = round(time.process_time() - cpu_started, 2)

"""How long writers hold the database, as each process that serves notes it for `etabli doctor`."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from etabli.foundation.writers import Turn, WriterFigures

PREFIX = "writers_"


def note(data_dir: Path, figures: WriterFigures) -> None:
    """Leave the figures of this process in the data folder, in place of those before."""
    draft = data_dir / f"tmp_{PREFIX}{os.getpid()}"
    draft.write_text(json.dumps(asdict(figures)) + "\n")
    os.replace(draft, _file(data_dir, os.getpid()))


def withdraw(data_dir: Path) -> None:
    """Idempotent."""
    _file(data_dir, os.getpid()).unlink(missing_ok=True)


def of_running(data_dir: Path) -> Sequence[WriterFigures]:
    """The figures of every process that serves this folder now.

    Those that a killed process left behind are removed.
    """
    found = []
    for path in sorted(data_dir.glob(f"{PREFIX}*.json")):
        if _is_alive(path.stem.removeprefix(PREFIX)):
            shape = json.loads(path.read_text())
            longest = Turn(**shape.pop("longest")) if shape["longest"] else shape.pop("longest")
            found.append(WriterFigures(**shape, longest=longest))
        else:
            path.unlink(missing_ok=True)
    return found


def _file(data_dir: Path, pid: int) -> Path:
    return data_dir / f"{PREFIX}{pid}.json"


def _is_alive(pid: str) -> bool:
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # another user's
    return True

"""How long writers hold the database, as each process that serves notes it for `etabli doctor`."""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from etabli.foundation.durable_files import full_disk_named
from etabli.foundation.writers import Turn, WriterFigures

PREFIX = "writers_"


def note(data_dir: Path, figures: WriterFigures) -> None:
    """Leave the figures of this process in the data folder, in place of those before.

    Raises:
        DiskFullError: there is no room.
    """
    with full_disk_named():
        _write(_file(data_dir, os.getpid()), json.dumps(asdict(figures)) + "\n")


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


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f"tmp_{path.stem}")
    draft.write_text(text)
    os.replace(draft, path)


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

"""Which server serves a folder: one at a time, and where the other commands find it."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from etabli.foundation.i18n.messages import msg
from etabli.server.errors import StartError


class AlreadyServedError(StartError):
    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(
            msg(
                "Another process already serves {folder}, at {url}. "
                "Stop it first, or choose another folder with --data-dir.",
                folder=folder,
                url=url,
            )
        )


@dataclass(frozen=True)
class Running:
    """A server that is up: `server.json` in the data folder."""

    url: str
    pid: int


def find(data_dir: Path) -> Running | None:
    """The server of this folder, or None; a file that a killed one left behind counts for none."""
    try:
        found = Running(**json.loads(_card(data_dir).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return found if _is_alive(found.pid) else None


def announce(data_dir: Path, url: str) -> None:
    """Tell the other commands where this process serves the folder."""
    draft = data_dir / f"tmp_server_{os.getpid()}"
    draft.write_text(json.dumps(asdict(Running(url, os.getpid()))) + "\n")
    os.replace(draft, _card(data_dir))


def withdraw(data_dir: Path) -> None:
    _card(data_dir).unlink(missing_ok=True)


@contextmanager
def only_server(data_dir: Path) -> Iterator[None]:
    """Held by the one server of a folder. The system lets go of it, however the server ends.

    Raises:
        AlreadyServedError: another process has it.
    """
    with (data_dir / "server.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            other = find(data_dir)
            raise AlreadyServedError(data_dir, other.url if other else "?") from error
        yield


def _card(data_dir: Path) -> Path:
    return data_dir / "server.json"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True

"""The hubs where somebody is logged in from this machine, and their tokens.

A file that only its owner may read: `~/.config/etabli/hubs.json`, or under XDG_CONFIG_HOME.
Source: the XDG Base Directory Specification.
"""

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Login:
    hub: str
    user: str
    token: str = field(repr=False)


class Logins:
    """The last one that was made is the one that counts where no hub is named."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or _folder() / "hubs.json"

    def all(self) -> Sequence[Login]:
        try:
            said = json.loads(self.path.read_text("utf-8"))
            return [Login(one["hub"], one["user"], one["token"]) for one in said["hubs"]]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError):
            return []  # of no use to us: a login writes it anew

    def find(self, hub: str) -> Login | None:
        return next((one for one in self.all() if one.hub == hub), None)

    @property
    def last(self) -> Login | None:
        return next(iter(reversed(self.all())), None)

    def keep(self, login: Login) -> None:
        """In place of an older one at the same hub."""
        self._write([*(one for one in self.all() if one.hub != login.hub), login])

    def forget(self, hub: str) -> bool:
        """Whether there was one. Idempotent."""
        kept = [one for one in self.all() if one.hub != hub]
        was_there = len(kept) < len(self.all())
        if was_there:
            self._write(kept)
        return was_there

    def _write(self, logins: Sequence[Login]) -> None:
        """Whole or not at all, and for its owner alone from its first byte on."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = self.path.with_name(f"{self.path.name}.{os.getpid()}.partial")
        partial.unlink(missing_ok=True)
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"hubs": [asdict(one) for one in logins]}, file, indent=1)
        partial.replace(self.path)


def _folder() -> Path:
    given = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return (Path(given) if given else Path.home() / ".config") / "etabli"

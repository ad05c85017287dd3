from dataclasses import dataclass

from etabli.foundation.events import Event


@dataclass(frozen=True)
class RunQueued(Event):
    run_key: str


@dataclass(frozen=True)
class RunDeleted(Event):
    run_key: str

"""What to do with a model: use it, watch it, mend it, or leave it."""

from dataclasses import dataclass
from enum import StrEnum

from etabli.foundation.i18n.messages import Message


class Use(StrEnum):
    ALONE = "alone"
    WITH_A_PERSON = "with-a-person"
    NOT_YET = "not-yet"
    CANNOT = "cannot"

    @property
    def is_ready(self) -> bool:
        """Whether publishing is the natural next step."""
        return self in (Use.ALONE, Use.WITH_A_PERSON)


@dataclass(frozen=True)
class Advice:
    use: Use
    title: Message
    reason: Message
    next_step: Message

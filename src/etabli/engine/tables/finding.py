"""One thing that was found in the data: how many, with examples, and perhaps a correction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from etabli.engine.tables.labelling import Row
from etabli.engine.tables.personal import mask_personal
from etabli.engine_contract.training import FindingAsJson
from etabli.foundation.i18n.messages import Message

MAX_EXAMPLES = 3
EXAMPLE_CHARACTERS = 160


@dataclass(frozen=True)
class Finding:
    code: str
    severity: str
    count: int
    text: Message
    examples: list[dict[str, Any]] = field(default_factory=list)
    fix: str | None = None

    def as_json(self) -> FindingAsJson:
        return {
            "code": self.code,
            "severity": self.severity,
            "count": self.count,
            "text": self.text.as_json(),
            "examples": self.examples,
            "fix": self.fix,
        }


def finding_of(
    code: str,
    found: Sequence[dict[str, Any]] | int,
    text: Message,
    nothing: Message,
    fix: str | None = None,
    examples: Sequence[dict[str, Any]] = (),
) -> Finding:
    count = found if isinstance(found, int) else len(found)
    if not count:
        return Finding(code, "fine", 0, nothing)
    shown = list(examples if isinstance(found, int) else found)[:MAX_EXAMPLES]
    return Finding(code, "settle" if fix else "advise", count, text, shown, fix)


def example_of(row: Row, **more: Any) -> dict[str, Any]:
    # Masked everywhere: a report is shown to people who need not see whose card it was.
    text = mask_personal(row.text)[:EXAMPLE_CHARACTERS]
    return {"line": row.line, "text": text, "label": row.label, **more}


def first_examples(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [example_of(row) for row, _ in zip(rows, range(MAX_EXAMPLES), strict=False)]

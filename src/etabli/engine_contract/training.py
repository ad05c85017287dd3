"""What the hub and a recipe say to each other: through the files of a run's folder.

The hub writes `job.json`. A check answers with `check.json`; a making with lines in `events.jsonl`
while it works, and with `result.json`, `model/` and `data_out/` at its end. What is wrong with a
person's table is in `error.json`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, NotRequired, TypedDict

from etabli.foundation.i18n.messages import Message, TextAsJson

JOB, CHECK, EVENTS = "job.json", "check.json", "events.jsonl"
ROWS = "rows.jsonl"
"""Of a table that is to be sorted, and not learned from."""
RESULT, ERROR = "result.json", "error.json"
MODEL, DATA_OUT = "model", "data_out"

TABLE, DOCUMENTS = "table", "documents"
"""What a model may be made from."""

DONE, FAILED, INVALID, NO_MEMORY = 0, 1, 2, 3
"""Exit statuses. INVALID: the person's data is at fault, and `error.json` says how."""


@dataclass(frozen=True)
class EncoderReference:
    """Which frozen encoder may be stood on, and where its files are on this machine."""

    folder: str
    repo: str
    commit: str


@dataclass(frozen=True)
class JobFile:
    """`job.json`: what one job is asked to do. Files are named from the folder of the job."""

    name: str
    """What the model is to be called."""
    train: str
    test: str | None = None
    answers: str | None = None
    source: str = TABLE
    """Of which sort `train` is."""
    recipe: str | None = None
    """By the name that the hub and the engine know it by; None takes the one that fits best."""
    text_column: str | None = None
    label_columns: Sequence[str] = ()
    """Those that the person chose; none lets the recipe take the likeliest."""
    encoding: str | None = None
    """Of the files that are not UTF-8, as the person said."""
    sheet: str | None = None
    """Of a workbook, or the file of an archive; None lets the recipe take the likeliest."""
    keeps_refused: bool = False
    """Whether a check of a table that can be read, and not be learned from, says what it read."""
    language: str | None = None
    """Of the texts, where it is known; None lets the recipe guess."""
    seed: int = 0
    fixes: Mapping[str, bool] = field(default_factory=dict)
    """Which corrections are refused or wanted, by name; each is made unless it is refused."""
    prefer: str = "balance"
    """What matters most, by a name that the recipe knows."""
    encoder: EncoderReference | None = None

    @classmethod
    def read(cls, folder: Path) -> "JobFile":
        """
        Raises:
            FileNotFoundError: there is none.
        """
        content: dict[str, Any] = json.loads((folder / JOB).read_text("utf-8"))
        known = {one.name for one in fields(cls)}
        encoder = content.get("encoder")
        return cls(
            **{name: content[name] for name in content.keys() & (known - {"encoder"})}
            | {"label_columns": tuple(content.get("label_columns", ()))},
            encoder=EncoderReference(**encoder) if encoder else None,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Stage(StrEnum):
    """What a making is at. A recipe may have stages of its own besides: then it names them."""

    READING = "reading"
    CHECKING = "checking"
    LEARNING = "learning"
    ENCODING = "encoding"
    CALIBRATING = "calibrating"
    EXAMINING = "examining"
    SAVING = "saving"
    DONE = "done"


@dataclass(frozen=True)
class Event:
    """One line of `events.jsonl`."""

    at: datetime
    stage: str
    fraction: float
    """Of the whole making, from 0 to 1: an estimate."""
    values: Mapping[str, Any] = field(default_factory=dict)

    def as_line(self) -> str:
        content = {
            "at": self.at.isoformat(timespec="milliseconds"),
            "stage": self.stage,
            "fraction": round(self.fraction, 3),
            "values": dict(self.values),
        }
        return json.dumps(content, ensure_ascii=False) + "\n"

    @classmethod
    def of_line(cls, line: str) -> "Event":
        said = json.loads(line)
        at = datetime.fromisoformat(said["at"])
        return cls(at, said["stage"], said["fraction"], said.get("values", {}))


class FindingAsJson(TypedDict):
    """One thing that was looked for in a table."""

    code: str
    severity: str
    """`settle`: a correction is offered; `advise`: the person's to decide; `fine`: nothing."""
    count: int
    text: TextAsJson
    examples: Sequence[Mapping[str, Any]]
    fix: str | None


class ChosenColumn(TypedDict):
    name: str
    reason: TextAsJson | None
    confidence: float


class LabelCount(TypedDict):
    label: str
    rows: int


class ReadTable(TypedDict):
    """What is true of a table, whatever is learned from it."""

    file: str
    sheet: str | None
    sheets: Sequence[str]
    encoding: str
    encodings: Mapping[str, str]
    delimiter: str | None
    columns: Sequence[str]
    preview: Sequence[Sequence[str]]


class Understood(ReadTable):
    """What a table is taken to be. What only a usable table has is left out of one refused."""

    text_column: ChosenColumn | None
    label_column: ChosenColumn | None
    label_columns: NotRequired[Sequence[str]]
    """All that hold labels, `label_column` first."""
    answers: int
    test_rows: int | None
    language: str
    rows: NotRequired[int]
    classes: NotRequired[Sequence[LabelCount]]
    median_characters: NotRequired[float]
    sample: NotRequired[Sequence[Mapping[str, Any]]]


class AfterFixes(TypedDict):
    """What is left to learn from and to examine with, as the table would be corrected."""

    rows: int
    classes: Sequence[LabelCount]
    train_rows: int
    test_rows: int
    is_official_test: bool
    dropped: Mapping[str, int]


class FittingKind(TypedDict):
    """A kind of AI that can be made from what was brought."""

    recipe: str
    reason: TextAsJson


class CheckReport(TypedDict):
    """`check.json`."""

    recipe: NotRequired[str]
    """For which the table was looked at; what was written before there were descriptors says
    none."""
    kinds: NotRequired[Sequence[FittingKind]]
    """Those that fit, the likeliest first."""
    understood: Understood
    findings: Sequence[FindingAsJson]
    after_fixes: AfterFixes | None
    refused: TextAsJson | None


def read_problem(folder: Path) -> Message:
    """What `error.json` says."""
    return Message.of_json(json.loads((folder / ERROR).read_text("utf-8")))

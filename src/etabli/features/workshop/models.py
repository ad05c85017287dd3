"""The nouns of the workshop."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from etabli.engine_contract.training import TABLE, CheckReport
from etabli.features.repos import NewRepo
from etabli.foundation.db import Table
from etabli.foundation.i18n.messages import Message

SETTINGS = "etabli.json"


class RunState(StrEnum):
    CHECKED = "checked"
    """Its table has been read and looked at; nothing is made yet."""
    QUEUED = "queued"
    MAKING = "making"
    MADE = "made"
    FAILED = "failed"
    PUBLISHED = "published"

    @property
    def is_under_way(self) -> bool:
        return self in (RunState.QUEUED, RunState.MAKING)

    @property
    def has_result(self) -> bool:
        return self in (RunState.MADE, RunState.PUBLISHED)


class Run(Table):
    """One making of a model from a table. Its files are in a folder of their own."""

    __tablename__ = "runs"

    key: Mapped[str] = mapped_column(primary_key=True, default=lambda: uuid4().hex)
    owner: Mapped[str] = mapped_column(ForeignKey("users.name", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    """What the model is to be called."""
    state: Mapped[RunState]
    source: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Where the data comes from: see `DataSource`."""
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSON, default=None)
    """Why it failed: the template and the values of a sentence."""
    created_at: Mapped[datetime]
    made_at: Mapped[datetime | None] = mapped_column(default=None)
    model: Mapped[str | None] = mapped_column(default=None)
    """The full name of the published model."""
    dataset: Mapped[str | None] = mapped_column(default=None)
    """The full name of the published dataset."""

    @property
    def problem_text(self) -> Message | None:
        if self.problem is None:
            return None
        return Message.of_json(self.problem)


@dataclass(frozen=True)
class DataSource:
    """Where a table comes from, for its card."""

    license: str = ""
    attribution: str = ""
    url: str = ""
    language: str = ""
    is_public: bool = False
    """Whether anybody can read the data elsewhere already: then publishing it reveals nothing."""


def read_source(folder: Path) -> DataSource:
    """What `source.json` beside a table says of it; nothing where there is no such file.

    What is of no use to us there, or of another kind than we expect, is passed over.
    """
    path = folder / "source.json"
    try:
        said = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return DataSource()
    if not isinstance(said, dict):
        return DataSource()
    defaults = asdict(DataSource())
    fit = {name: said[name] for name in defaults if type(said.get(name)) is type(defaults[name])}
    return DataSource(**fit)


@dataclass(frozen=True)
class InputFiles:
    """The files that a run starts from. Each is moved, not copied."""

    train: Path
    """A table; or a folder of documents."""
    test: Path | None = None
    replies: Path | None = None
    """Two columns: a label, and what to reply."""
    source: str = TABLE
    """Of which sort `train` is: see `Recipe.source`."""


@dataclass(frozen=True)
class RunOptions:
    """What the person decided about the table."""

    text_column: str | None = None
    label_columns: Sequence[str] = ()
    """None of them: the likeliest."""
    fixes: Mapping[str, bool] = field(default_factory=dict)
    encoding: str | None = None
    """Of the files that are not UTF-8; None lets the recipe find it."""
    prefer: str = "balance"
    """What matters most: see `Recipe.preferences`."""
    sheet: str | None = None
    """Of a workbook, or the file of an archive; None lets the recipe take the likeliest."""
    kind: str | None = None
    """By the name of its recipe; None takes the one that fits best."""


@dataclass(frozen=True)
class Progress:
    """Where a making is."""

    stage: str
    fraction: float
    """From 0 to 1, an estimate."""
    elapsed_s: float


@dataclass(frozen=True)
class PersonalData:
    """What was found of it in a table: e-mail addresses, telephone numbers, IBANs, card numbers."""

    rows: int
    is_masked: bool
    """Whether it is masked in what was learned from, and would be in what is published."""

    @property
    def is_left(self) -> bool:
        return self.rows > 0 and not self.is_masked

    @classmethod
    def of(cls, check: CheckReport, result: Mapping[str, Any]) -> "PersonalData":
        """By what a check found, and what was corrected in the making."""
        found = [one for one in check.get("findings", ()) if one["code"] == "personal_data"]
        rows = sum(one["count"] for one in found)
        if "mask_personal_data" not in result["data"]["dropped"]:
            return cls(rows, is_masked=False)
        # What cannot be masked, as an answer that is said word for word, is left.
        left = sum(one["count"] for one in found if one["fix"] is None)
        return cls(left or rows, is_masked=not left)


@dataclass(frozen=True)
class ShownRow:
    """A row of the data as others would see it."""

    text: str
    label: str
    """Of a FAQ, the answer."""


@dataclass(frozen=True)
class Publication:
    """How a made model is to be published."""

    namespace: str
    name: str
    private: bool | None = True
    """None: as its owner has new repositories."""
    with_data: bool = False
    """Whether the data is published too, beside the model."""
    shows_personal_data: bool = False
    """Whether the person said that what personal data is left in it may be seen by everybody."""
    license: str = ""
    model_card: str | None = None
    """The text of the card; None takes the one drafted from the facts."""
    dataset_card: str | None = None


@dataclass(frozen=True)
class PlannedRepo:
    """A repository to be published, and its files by path: where each lies, or its bytes."""

    new: NewRepo
    files: Mapping[str, Path | bytes]


@dataclass(frozen=True)
class PublicationPlan:
    model: PlannedRepo
    data: PlannedRepo | None
    names_data: bool = False
    """Whether the model says where its data lies: its answers lead there."""

    def model_naming(self, dataset: str, commit: str) -> PlannedRepo:
        """The model, with where its data lies in its settings if its answers lead there."""
        settings = self.model.files.get(SETTINGS)
        if not self.names_data or not isinstance(settings, Path):
            return self.model
        said = json.loads(settings.read_text("utf-8"))
        said["documents"] = {"dataset": dataset, "commit": commit}
        written = json.dumps(said, ensure_ascii=False, indent=1).encode()
        return PlannedRepo(self.model.new, {**self.model.files, SETTINGS: written})

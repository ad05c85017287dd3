"""What one job is asked to do: `job.json`, read into values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Fixes:
    """What we may change in a copy of the data before learning from it: all, unless refused."""

    drop_duplicates: bool = True
    drop_leaked: bool = True
    drop_empty: bool = True
    mask_personal_data: bool = True
    drop_tiny_classes: bool = True
    merge_look_alikes: bool = True
    skip_titles: bool = True
    name_columns: bool = True
    drop_totals: bool = True
    drop_ragged: bool = True
    fill_merged: bool = True
    drop_error_cells: bool = True

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> "Fixes":
        known = {field.name for field in fields(cls)}
        return cls(**{name: bool(value) for name, value in chosen.items() if name in known})


@dataclass(frozen=True)
class EncoderReference:
    """Which encoder may be stood on, and where its files are on this machine."""

    folder: str
    repo: str
    commit: str


@dataclass(frozen=True)
class Job:
    folder: Path
    name: str
    train: Path
    test: Path | None
    answers: Path | None
    text_column: str | None
    label_column: str | None
    encoding: str | None
    """Of the files that are not UTF-8, as the person said."""
    sheet: str | None
    """Of a workbook, or the file of an archive; None lets the recipe take the likeliest."""
    keeps_refused: bool
    """Whether a check of a table that can be read, and not be learned from, says what it read."""
    language: str | None
    """Of the texts, where it is known; None lets the recipe guess."""
    seed: int
    fixes: Fixes
    prefer: str = "balance"
    """What matters most: see `ladder.Prefer`."""
    encoder: EncoderReference | None = None

    @classmethod
    def read(cls, folder: Path) -> "Job":
        content: dict[str, Any] = json.loads((folder / "job.json").read_text("utf-8"))
        return cls(
            folder=folder,
            name=content["name"],
            train=folder / content["train"],
            test=folder / content["test"] if content.get("test") else None,
            answers=folder / content["answers"] if content.get("answers") else None,
            text_column=content.get("text_column"),
            label_column=content.get("label_column"),
            encoding=content.get("encoding"),
            sheet=content.get("sheet"),
            keeps_refused=bool(content.get("keeps_refused", False)),
            language=content.get("language"),
            seed=int(content.get("seed", 0)),
            fixes=Fixes.of(content.get("fixes", {})),
            prefer=content.get("prefer", "balance"),
            encoder=EncoderReference(**content["encoder"]) if content.get("encoder") else None,
        )


def write_json(path: Path, content: object) -> None:
    """Whole or not at all: whoever looks while we write sees the old file, or the new one."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    partial.replace(path)

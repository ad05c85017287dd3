"""What one job is asked to do: `job.json`, with its files found and its corrections named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from etabli.engine_contract.training import EncoderReference, JobFile


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
    plain_answers: bool = True

    @classmethod
    def of(cls, chosen: Mapping[str, Any]) -> "Fixes":
        known = {field.name for field in fields(cls)}
        return cls(**{name: bool(value) for name, value in chosen.items() if name in known})


@dataclass(frozen=True)
class Job:
    """See `JobFile`."""

    folder: Path
    name: str
    train: Path
    test: Path | None
    answers: Path | None
    text_column: str | None
    label_columns: Sequence[str]
    encoding: str | None
    sheet: str | None
    keeps_refused: bool
    language: str | None
    seed: int
    fixes: Fixes
    prefer: str
    """What matters most: see `ladder.Prefer`."""
    encoder: EncoderReference | None

    @classmethod
    def read(cls, folder: Path) -> "Job":
        said = JobFile.read(folder)
        return cls(
            folder=folder,
            name=said.name,
            train=folder / said.train,
            test=folder / said.test if said.test else None,
            answers=folder / said.answers if said.answers else None,
            text_column=said.text_column,
            label_columns=said.label_columns,
            encoding=said.encoding,
            sheet=said.sheet,
            keeps_refused=said.keeps_refused,
            language=said.language,
            seed=said.seed,
            fixes=Fixes.of(said.fixes),
            prefer=said.prefer,
            encoder=said.encoder,
        )

"""The folder that is published: text and numbers only, nothing that a program would run."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etabli.engine.files import write_csv, write_json
from etabli.engine.recipes.faq.material import RECIPE
from etabli.engine.recipes.faq.questions import Asked
from etabli.engine.runtimes.faq import (
    ARCHITECTURE,
    FAQ_FILE,
    FORMAT_VERSION,
    MAX_CHARACTERS,
    MODEL_TYPE,
    Entry,
    FaqParts,
)
from etabli.engine.runtimes.index_files import word_settings, write_index

MAX_CHANGEABLE, MAX_CHANGEABLE_CHARACTERS = 500, 500_000
"""Answers that stand in the settings, where their owner may change them; more would be no page that
anybody edits."""


def is_changeable(entries: Sequence[Entry]) -> bool:
    characters = sum(len(one.answer or "") + len(one.label) for one in entries)
    return len(entries) <= MAX_CHANGEABLE and characters <= MAX_CHANGEABLE_CHARACTERS


def write_model(folder: Path, parts: FaqParts, name: str, versions: Mapping[str, Any]) -> None:
    folder.mkdir()
    changeable = is_changeable(parts.entries)
    settings = parts.belief.as_settings()
    settings["thresholds"]["clear_lead"] = parts.clear_lead
    config: dict[str, Any] = {"architectures": [ARCHITECTURE], "model_type": MODEL_TYPE}
    if changeable:
        config["id2label"] = {str(at): one.label for at, one in enumerate(parts.entries)}
        settings["answers"] = {one.label: one.answer for one in parts.entries}
    write_json(folder / "config.json", config)
    write_json(
        folder / "etabli.json",
        {
            "format_version": FORMAT_VERSION,
            "recipe": RECIPE,
            "name": name,
            "language": parts.language,
            "preprocessing": {
                "most_characters": MAX_CHARACTERS,
                **word_settings(parts.language),
            },
            "mean_length": parts.index.mean_length,
            "versions": dict(versions),
            **settings,
        },
    )
    said = [
        {"questions": list(one.questions), **({} if changeable else {"answer": one.answer})}
        for one in parts.entries
    ]
    write_json(folder / FAQ_FILE, said)
    write_index(folder, parts.index)


def write_data(folder: Path, entries: Sequence[Entry], examined: Sequence[Asked]) -> None:
    """Each phrasing with its answer, which is called by its first question; and what was asked in
    the examination, with whether people wrote it."""
    folder.mkdir()
    answers = {at: one.answer or "" for at, one in enumerate(entries)}
    write_csv(
        folder / "train.csv",
        ("text", "label", "answer"),
        ((text, one.label, one.answer or "") for one in entries for text in one.questions),
    )
    write_csv(
        folder / "test.csv",
        ("text", "label", "answer", "origin"),
        (
            (one.text, entries[one.entry].label, answers[one.entry], one.kind.value)
            for one in examined
        ),
    )

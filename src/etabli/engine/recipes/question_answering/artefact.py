"""The folder that is published: text and numbers only, nothing that a program would run."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from etabli.engine.files import write_csv, write_json
from etabli.engine.recipes.question_answering.questions import MadeQuestion
from etabli.engine.runtimes.index_files import word_settings, write_index
from etabli.engine.runtimes.retriever import (
    ARCHITECTURE,
    FORMAT_VERSION,
    MAX_CHARACTERS,
    MODEL_TYPE,
    PASSAGES_FILE,
    RetrieverParts,
)


def write_model(
    folder: Path, parts: RetrieverParts, recipe: str, name: str, versions: Mapping[str, Any]
) -> None:
    folder.mkdir()
    write_json(folder / "config.json", {"architectures": [ARCHITECTURE], "model_type": MODEL_TYPE})
    index = parts.index
    write_json(
        folder / "etabli.json",
        {
            "format_version": FORMAT_VERSION,
            "recipe": recipe,
            "name": name,
            "language": parts.language,
            "preprocessing": {
                "most_characters": MAX_CHARACTERS,
                **word_settings(parts.language),
            },
            "mean_length": index.mean_length,
            **parts.belief.as_settings(),
            "versions": dict(versions),
        },
    )
    write_index(folder, index)
    write_json(
        folder / PASSAGES_FILE,
        [
            {
                "document": one.document,
                "headings": list(one.headings),
                "page": one.page,
                "text": one.text,
            }
            for one in parts.passages
        ],
    )


def write_data(
    folder: Path,
    brought: Path,
    parts: RetrieverParts,
    questions: Sequence[MadeQuestion],
) -> None:
    """The files as they were brought, the passages that were read in them, and the questions."""
    folder.mkdir()
    shutil.copytree(brought, folder / "documents")
    rows = [(one.text, one.document) for one in parts.passages]
    write_csv(folder / "train.csv", ("text", "label"), rows)
    asked = [(one.text, parts.passages[min(one.right)].document) for one in questions]
    write_csv(folder / "test.csv", ("text", "label"), asked)

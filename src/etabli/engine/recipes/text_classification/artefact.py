"""The folder that is published: text and numbers only, nothing that a program would run."""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from etabli.engine.files import write_json
from etabli.engine.recipes.text_classification.calibrating import (
    CONFORMAL_LEVEL,
    RIGHT_SHARE_WANTED,
)
from etabli.engine.recipes.text_classification.climbing import Small
from etabli.engine.recipes.text_classification.tables import RECIPE
from etabli.engine.runtimes import FORMAT_VERSION, MAX_CHARACTERS, NgramParts
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Row

INSTANT_KIND = ("EtabliNgramClassifier", "etabli-ngram")
SMALL_KIND = ("EtabliHybridClassifier", "etabli-hybrid")
SMALL_ARRAYS = ("head", "dense", "intercept", "centres")


def write_model(
    folder: Path, parts: NgramParts, small: Small | None, job: Job, versions: Mapping[str, Any]
) -> None:
    """The rung of words and letters; with `small`, the second classifier beside it."""
    folder.mkdir()
    write_json(folder / "config.json", _config(parts, SMALL_KIND if small else INSTANT_KIND))
    write_json(folder / "vocab.json", _vocabulary(parts))
    own = _own(parts, job, versions)
    write_json(folder / "etabli.json", own | ({"small": _own_small(small)} if small else {}))
    if small:
        arrays = {name: getattr(small.parts, name) for name in SMALL_ARRAYS}
        save_file(arrays, folder / "small.safetensors")
    save_file(
        {
            "idf": parts.idf,
            "head": np.ascontiguousarray(parts.head),
            "intercept": parts.intercept,
        },
        folder / "model.safetensors",
    )


def _own_small(small: Small) -> dict[str, Any]:
    parts = small.parts
    return {
        "encoder": {
            "repo": small.reference.repo,
            "commit": small.reference.commit,
            "sha256": parts.encoder_sha256,
        },
        "temperature": parts.temperature,
        "shrinkage": parts.shrinkage,
        "thresholds": asdict(parts.thresholds),
        "cascade_probability": parts.cascade_probability,
    }


def _config(parts: NgramParts, kind: tuple[str, str]) -> dict[str, Any]:
    architecture, model_type = kind
    return {
        "architectures": [architecture],
        "model_type": model_type,
        "num_labels": len(parts.labels),
        "id2label": {str(at): label for at, label in enumerate(parts.labels)},
        "label2id": {label: at for at, label in enumerate(parts.labels)},
    }


def _vocabulary(parts: NgramParts) -> dict[str, list[str]]:
    return {"words": list(parts.word_index), "characters": list(parts.character_index)}


def _own(parts: NgramParts, job: Job, versions: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "recipe": RECIPE,
        "name": job.name,
        "language": parts.language,
        "preprocessing": {
            "lowercase": True,
            "words": "single, neighbours, unordered pairs",
            "characters": "2 to 5 within a word, a space at both ends",
            "most_characters": MAX_CHARACTERS,
            "word_block_weight": parts.word_block_weight,
        },
        "temperature": parts.temperature,
        "shrinkage": parts.shrinkage,
        "thresholds": asdict(parts.thresholds),
        "conformal_level": CONFORMAL_LEVEL,
        "right_share_wanted": RIGHT_SHARE_WANTED,
        "answers": dict(parts.answers),
        "versions": dict(versions),
        "seed": job.seed,
        "train_sha256": sha256_of(job.train),
    }


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_rows(path: Path, rows: Iterable[Row]) -> None:
    """The cleaned rows that were used, as a data set that anyone can train on again."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("text", "label"))
        writer.writerows((row.text, row.label) for row in rows)

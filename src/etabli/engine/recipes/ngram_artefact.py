"""The files of a model of words and letters: text and numbers only, nothing a program would run."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from etabli.engine.files import sha256_of, write_json
from etabli.engine.recipes.calibration import RIGHT_SHARE_WANTED
from etabli.engine.runtimes import FORMAT_VERSION, MAX_CHARACTERS, NgramParts
from etabli.engine.tables.job import Job


def write_ngram(
    folder: Path,
    parts: NgramParts,
    *,
    architecture: str,
    model_type: str,
    own: Mapping[str, Any],
    **config: Any,
) -> None:
    """
    Args:
        own: what `etabli.json` says, see `own_settings`.
        config: what `config.json` says besides.
    """
    folder.mkdir()
    write_json(
        folder / "config.json",
        {
            "architectures": [architecture],
            "model_type": model_type,
            **config,
            "num_labels": len(parts.labels),
            "id2label": {str(at): label for at, label in enumerate(parts.labels)},
            "label2id": {label: at for at, label in enumerate(parts.labels)},
        },
    )
    terms = {"words": list(parts.word_index), "characters": list(parts.character_index)}
    write_json(folder / "vocab.json", terms)
    write_json(folder / "etabli.json", own)
    save_file(
        {
            "idf": parts.idf,
            "head": np.ascontiguousarray(parts.head),
            "intercept": parts.intercept,
        },
        folder / "model.safetensors",
    )


def own_settings(
    recipe: str, parts: NgramParts, job: Job, versions: Mapping[str, Any]
) -> dict[str, Any]:
    """What `etabli.json` says of every model of words and letters."""
    return {
        "format_version": FORMAT_VERSION,
        "recipe": recipe,
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
        "right_share_wanted": RIGHT_SHARE_WANTED,
        "answers": dict(parts.answers),
        "versions": dict(versions),
        "seed": job.seed,
        "train_sha256": sha256_of(job.train),
    }

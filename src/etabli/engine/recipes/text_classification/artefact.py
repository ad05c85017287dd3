"""The folder that is published: words and letters, and the second classifier where there is one."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors.numpy import save_file

from etabli.engine.recipes.ngram_artefact import own_settings, write_ngram
from etabli.engine.recipes.text_classification.calibrating import CONFORMAL_LEVEL
from etabli.engine.recipes.text_classification.climbing import Small
from etabli.engine.recipes.text_classification.tables import RECIPE
from etabli.engine.runtimes import NgramParts
from etabli.engine.tables.job import Job

INSTANT_KIND = ("EtabliNgramClassifier", "etabli-ngram")
SMALL_KIND = ("EtabliHybridClassifier", "etabli-hybrid")
SMALL_ARRAYS = ("head", "dense", "intercept", "centres")


def write_model(
    folder: Path, parts: NgramParts, small: Small | None, job: Job, versions: Mapping[str, Any]
) -> None:
    """The rung of words and letters; with `small`, the second classifier beside it."""
    architecture, model_type = SMALL_KIND if small else INSTANT_KIND
    own = own_settings(RECIPE, parts, job, versions) | {"conformal_level": CONFORMAL_LEVEL}
    own |= {"small": _own_small(small)} if small else {}
    write_ngram(folder, parts, architecture=architecture, model_type=model_type, own=own)
    if small:
        arrays = {name: getattr(small.parts, name) for name in SMALL_ARRAYS}
        save_file(arrays, folder / "small.safetensors")


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

"""The folder that is published."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from etabli.engine.recipes.multilabel_classification.tables import RECIPE
from etabli.engine.recipes.ngram_artefact import own_settings, write_ngram
from etabli.engine.runtimes import NgramParts
from etabli.engine.runtimes.multilabel import ARCHITECTURE, MODEL_TYPE, Rules, as_json
from etabli.engine.tables.job import Job


def write_model(
    folder: Path, parts: NgramParts, rules: Rules, job: Job, versions: Mapping[str, Any]
) -> None:
    own = own_settings(RECIPE, parts, job, versions) | {"multilabel": as_json(rules)}
    write_ngram(
        folder,
        parts,
        architecture=ARCHITECTURE,
        model_type=MODEL_TYPE,
        own=own,
        # Source: `PretrainedConfig.problem_type` of Transformers.
        problem_type="multi_label_classification",
    )

"""What a recipe leaves when a model is made."""

import os
from pathlib import Path
from typing import Any

from etabli.engine.files import folder_size_bytes, write_json
from etabli.engine_contract.evaluation import Exam
from etabli.engine_contract.training import MODEL, RESULT


def leave(folder: Path, partial: Path, result: dict[str, Any], exam: type[Exam]) -> None:
    """Give a saved and examined model its final name, and write `result.json` last.

    Args:
        folder: the job's.
        partial: where the model lies; it gets what was measured as `eval.json`.
        exam: what the hub will read the result as: what it could not read is not to be published.
    """
    exam.read(result)
    write_json(partial / "eval.json", result)
    result["model_size_bytes"] = folder_size_bytes(partial)
    os.replace(partial, folder / MODEL)
    write_json(folder / RESULT, result)

"""The rows that were used, in their roles: written beside a model, and what is said of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from etabli.engine.files import write_csv, write_json
from etabli.engine.tables.job import Job
from etabli.engine.tables.labelling import Groups, Row
from etabli.engine.tables.preparing import Prepared
from etabli.engine.tables.rows import Loaded, look_alike_key, same_text_key
from etabli.engine_contract.training import DATA_OUT


def write_data(job: Job, prepared: Prepared, calibration: Sequence[Row]) -> None:
    """`data_out/`, a data set that anyone can train on again, and `split.json`."""
    folder = job.folder / DATA_OUT
    folder.mkdir()
    _write_rows(folder / "train.csv", prepared.train)
    _write_rows(folder / "test.csv", prepared.test)
    write_json(
        job.folder / "split.json",
        {
            "test_split": _split_name(prepared),
            "seed": job.seed,
            "calibration_lines": [row.line for row in calibration],
            "test_lines": [row.line for row in prepared.test],
        },
    )


def _write_rows(path: Path, rows: Iterable[Row]) -> None:
    write_csv(path, ("text", "label"), ((row.text, row.label) for row in rows))


def present_data(loaded: Loaded, prepared: Prepared) -> dict[str, Any]:
    """`data` of a result: how many rows were read, used, corrected and left out."""
    labels_of = loaded.labelling.labels
    return {
        "train_rows_read": len(loaded.train),
        "test_rows_read": len(loaded.test),
        "n_train": len(prepared.train),
        "n_test": len(prepared.test),
        "test_split": _split_name(prepared),
        "labels": len({label for row in prepared.train for label in labels_of(row.label)}),
        "answers": len(loaded.answers),
        "dropped": prepared.changed,
        "unlabelled": prepared.unlabelled,
        "left_out_beyond_limit": prepared.left_out,
        "near_duplicates": _near_duplicates(prepared.groups, prepared.train, prepared.test),
    }


def _split_name(prepared: Prepared) -> str:
    return "official" if prepared.is_official_test else "held_out"


def _near_duplicates(groups: Groups, train: Sequence[Row], test: Sequence[Row]) -> dict[str, int]:
    learned = {groups[same_text_key(row.text)] for row in train}
    sizes = Counter(groups.values())
    return {
        "groups": sum(size > 1 for size in sizes.values()),
        "texts": sum(size for size in sizes.values() if size > 1),
        "test_rows_like_training": sum(groups[same_text_key(row.text)] in learned for row in test),
    }


def replies_of_known(loaded: Loaded, labels: Sequence[str], *, is_merged: bool) -> dict[str, str]:
    """The reply to each label; to a label made of several, that of any of its spellings."""
    if not is_merged:
        return {label: loaded.answers[label] for label in labels if label in loaded.answers}
    of_spelling = {look_alike_key(label): reply for label, reply in loaded.answers.items()}
    of_spelling |= {
        look_alike_key(label): loaded.answers[label] for label in labels if label in loaded.answers
    }
    keys = {label: look_alike_key(label) for label in labels}
    return {label: of_spelling[key] for label, key in keys.items() if key in of_spelling}

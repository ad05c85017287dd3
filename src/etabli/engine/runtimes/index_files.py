"""An index of words on disk: its terms as JSON, its arrays as safetensors."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from etabli.engine.files import write_json
from etabli.engine.runtimes.word_index import SILENT_WORDS, STEMMERS, WordIndex
from etabli.foundation.letters import WRITTEN_OUT

INDEX_FILE, WORDS_FILE = "index.safetensors", "vocab.json"
ARRAYS = ("starts", "passages", "impacts", "idf")


def word_settings(language: str) -> dict[str, Any]:
    """How words become terms, for a program that has not this code."""
    return {
        "stemmer": STEMMERS.get(language),
        "silent_words": sorted(SILENT_WORDS),
        "written_out": WRITTEN_OUT,
    }


def write_index(folder: Path, index: WordIndex) -> None:
    write_json(folder / WORDS_FILE, {"terms": list(index.rows)})
    save_file({name: getattr(index, name) for name in ARRAYS}, folder / INDEX_FILE)


def read_index(folder: Path, count: int, mean_length: float) -> WordIndex:
    """Of `count` passages of `mean_length` terms on average; look at it with `is_whole`.

    Raises:
        FileNotFoundError, ValueError, KeyError, TypeError, SafetensorError: it is no index.
    """
    arrays = load_file(folder / INDEX_FILE)
    terms = json.loads((folder / WORDS_FILE).read_text("utf-8"))["terms"]
    return WordIndex(
        rows={str(term): row for row, term in enumerate(terms)},
        **{name: arrays[name] for name in ARRAYS},
        count=count,
        mean_length=mean_length,
    )


def is_whole(index: WordIndex) -> bool:
    """Whether its arrays fit each other and its passages."""
    count = index.count
    wanted = (
        (index.starts, (len(index.rows) + 1,), "int64"),
        (index.idf, (len(index.rows),), "float32"),
        (index.passages, index.impacts.shape, "int32"),
        (index.impacts, (len(index.passages),), "float16"),
    )
    if not count or any(a.shape != shape or a.dtype.name != kind for a, shape, kind in wanted):
        return False
    steps = np.diff(index.starts)
    is_in_order = index.starts[0] == 0 and index.starts[-1] == len(index.passages)
    is_within = not len(index.passages) or (
        index.passages.min() >= 0 and index.passages.max() < count
    )
    is_finite = np.isfinite(index.impacts).all() and np.isfinite(index.idf).all()
    return bool(is_in_order and steps.min(initial=0) >= 0 and is_within and is_finite)

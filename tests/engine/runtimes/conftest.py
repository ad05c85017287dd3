"""A model so small that its answers can be worked out by hand."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

WORDS = ["card", "lost", "card&lost", "transfer", "late"]
LABELS = ["lost_card", "late_transfer"]


def write_model(folder, words=WORDS, temperature=0.5):
    folder.mkdir()
    head = np.array([[1, -1], [1, -1], [1, -1], [-1, 1], [-1, 1]], np.float16)
    tensors = {
        "idf": np.ones(len(WORDS), np.float32),
        "head": head,
        "intercept": np.full(2, -0.5, np.float32),
    }
    save_file(tensors, folder / "model.safetensors")
    files = {
        "config.json": {
            "architectures": ["EtabliNgramClassifier"],
            "model_type": "etabli-ngram",
            "num_labels": 2,
            "id2label": {"0": LABELS[0], "1": LABELS[1]},
        },
        "vocab.json": {"words": words, "characters": []},
        "etabli.json": {
            "format_version": 1,
            "preprocessing": {"word_block_weight": 1.0},
            "temperature": temperature,
            "thresholds": {
                "answer_probability": 0.9,
                "conformal_probability": 0.3,
                "outside_margin": -0.2,
            },
            "answers": {"lost_card": "Freeze it in the app."},
        },
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    return folder


@pytest.fixture
def model_folder(tmp_path):
    return write_model(tmp_path / "model")

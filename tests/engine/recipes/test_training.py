"""From a table to a model that answers."""

import csv
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from etabli.engine.recipes.__main__ import run
from etabli.engine.recipes.text_classification.folds import folds
from etabli.engine.recipes.text_classification.learning import learn
from etabli.engine.runtimes import Decision, NgramClassifier, character_terms, word_terms
from etabli.engine.tables.labelling import Row

SAMPLE = Path(__file__).parents[3] / "samples" / "banking77"
ARTEFACT = {"config.json", "etabli.json", "eval.json", "model.safetensors", "vocab.json"}
PICKLE_NAMES = (".pkl", ".pickle", ".joblib", ".bin", ".pt")


@pytest.fixture
def trained(job):
    job.write("answers", "label,answer\ncard,Freeze it in the app.\n")
    assert run("train", job.path) == 0
    return job


def test_the_figures_are_there_and_hold_together(trained):
    result = trained.read("result.json")
    assert result["accuracy"]["value"] >= 0.9
    assert result["accuracy"]["low"] < result["accuracy"]["value"] <= result["accuracy"]["high"]
    assert result["baseline_accuracy"] < 0.5
    assert result["data"]["test_split"] == "held_out"
    assert result["data"]["n_train"] + result["data"]["n_test"] == 84
    assert sum(one["support"] for one in result["per_class"]) == result["data"]["n_test"]
    assert sum(one["share"] for one in result["decisions"].values()) == pytest.approx(1)
    assert result["coverage"][0] == {
        "threshold": 0.0,
        "answered": 1.0,
        "right": result["accuracy"]["value"],
    }
    assert result["speed"]["questions"] >= 500
    assert result["speed"]["p50_ms"] <= result["speed"]["p99_ms"]
    assert result["training"]["cpu_s"] > 0


def test_the_artefact_holds_text_and_numbers_only(trained):
    folder = trained.path / "model"
    assert {path.name for path in folder.iterdir()} == ARTEFACT
    assert trained.read("result.json")["model_size_bytes"] == sum(
        path.stat().st_size for path in folder.iterdir()
    )
    config = json.loads((folder / "config.json").read_text())
    assert config["model_type"] == "etabli-ngram"
    assert config["label2id"] == {"card": 0, "pin": 1, "transfer": 2}


def test_the_model_answers(trained):
    model = NgramClassifier.load(trained.path / "model")
    answer = model.answer("I lost my card abroad")
    assert answer.candidates[0].label == "card"
    assert answer.answer == "Freeze it in the app."
    assert model.answer("Quel temps fera-t-il ?").decision is Decision.OUTSIDE


def test_few_rows_prove_little(trained):
    """84 rows, all easy: no answer may be surer than as many right answers can prove."""
    result = trained.read("result.json")
    rows = result["data"]["n_train"]
    assert result["calibration_rows"] == rows  # each judged by a model that had not learned it
    model = NgramClassifier.load(trained.path / "model")
    surest = max(
        model.answer(text).candidates[0].probability for text in ("my card is lost", "pin")
    )
    assert surest <= (rows + 1) / (rows + 2)
    assert 0 <= result["calibration_error"] < 0.25


def test_folds_judge_each_row_once_and_near_duplicates_together():
    rows = [Row(n, f"text {n}", "ab"[n % 2]) for n in range(40)]
    groups = {row.text: row.line // 4 for row in rows}
    pairs = folds(rows, 5, seed=0, groups=groups)
    assert sorted(row for _, judged in pairs for row in judged) == rows
    for learned, judged in pairs:
        assert not {groups[row.text] for row in learned} & {groups[row.text] for row in judged}


def test_the_data_that_was_used_is_written_too(trained):
    written = {}
    for part in ("train", "test"):
        with (trained.path / "data_out" / f"{part}.csv").open(newline="") as file:
            written[part] = list(csv.DictReader(file))
    assert set(written["train"][0]) == {"text", "label"}
    assert len(written["train"]) + len(written["test"]) == 84
    assert len(trained.read("split.json")["test_lines"]) == len(written["test"])


def test_progress_only_goes_forward(trained):
    lines = (trained.path / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    fractions = [event["fraction"] for event in events]
    assert fractions == sorted(fractions)
    assert [event["stage"] for event in (events[0], events[-1])] == ["reading", "done"]


def test_the_same_seed_gives_the_same_model(trained):
    first = (trained.path / "model" / "model.safetensors").read_bytes()
    assert run("train", trained.path) == 0
    assert (trained.path / "model" / "model.safetensors").read_bytes() == first


def test_personal_data_is_masked_in_what_is_published(job):
    text = (job.path / "data" / "train.csv").read_text()
    job.write("train", text + "write to alice@example.org about the card,card\n")
    job.choose(fixes={"mask_personal_data": True})
    assert run("train", job.path) == 0
    for path in (job.path / "data_out").iterdir():
        assert "alice@example.org" not in path.read_text()
    assert job.read("result.json")["data"]["dropped"]["mask_personal_data"] == 1


def test_two_labels_are_enough(job):
    lines = (job.path / "data" / "train.csv").read_text().splitlines()
    job.write("train", "\n".join(line for line in lines if not line.endswith(",pin")) + "\n")
    assert run("train", job.path) == 0
    assert job.read("result.json")["accuracy"]["value"] >= 0.9


@pytest.mark.parametrize("rows_a_label", [2, 3, 10])
def test_the_smallest_tables_are_learned_too(job, rows_a_label):
    labels = range(20 // rows_a_label + 1)
    rows = [f"thing{n} is word{m} here,label{n}" for n in labels for m in range(rows_a_label)]
    job.write("train", "text,label\n" + "\n".join(rows) + "\n")
    assert run("train", job.path) == 0
    result = job.read("result.json")
    assert result["data"]["n_test"] >= 1
    assert result["data"]["n_train"] + result["data"]["n_test"] == len(rows)


def test_a_failure_leaves_nothing_half_made(job):
    marks = "".join(f"{'!' * n},a\n{'?' * n},b\n" for n in range(1, 30))
    job.write("train", f"text,label\n{marks}")
    job.choose(text_column="text")
    assert run("train", job.path) == 2
    error = job.read("error.json")
    assert error["template"].startswith("The texts hold no word that comes back")
    left = {path.name for path in job.path.iterdir()}
    assert left == {"job.json", "data", "error.json", "events.jsonl"}


def test_stopping_leaves_no_model(job):
    rows = "".join(
        f"word{n} about thing{n % 977} and {n % 31},label{n % 40}\n" for n in range(20_000)
    )
    job.write("train", "text,label\n" + rows)
    command = [sys.executable, "-m", "etabli.engine.recipes", "train", str(job.path)]
    child = subprocess.Popen(command)
    deadline = time.monotonic() + 20
    events = job.path / "events.jsonl"
    while time.monotonic() < deadline and "learning" not in _text_of(events):
        time.sleep(0.02)
    child.send_signal(signal.SIGTERM)
    assert child.wait(timeout=5) == -signal.SIGTERM
    assert not (job.path / "model").exists()
    assert not (job.path / "result.json").exists()


def _text_of(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_the_runtime_sees_the_texts_as_scikit_learn_does():
    texts = ["my card is lost", "the card, my card!", "send money now", "send my money today"] * 5
    parts = learn(texts, ["card", "card", "money", "money"] * 5, seed=0)
    blocks = [
        TfidfVectorizer(analyzer=terms, sublinear_tf=True).fit(texts)
        for terms in (word_terms, character_terms)
    ]
    question = "is my card, MY card, lost?"
    words, letters = (block.transform([question]).toarray()[0] for block in blocks)
    weights = np.concatenate([parts.word_block_weight * words, letters])
    expected = weights @ parts.head.astype(np.float64) + parts.intercept
    assert NgramClassifier(parts).margins(question) == pytest.approx(expected, abs=1e-4)


def test_nothing_here_reads_or_writes_pickle():
    source = Path(sys.modules[run.__module__].__file__).parent
    for path in source.rglob("*.py"):
        assert not re.search(r"\b(pickle|joblib)\b", path.read_text("utf-8")), path


@pytest.mark.slow
def test_banking77_reaches_ninety_one_of_a_hundred(tmp_path):
    shutil.copytree(SAMPLE, tmp_path / "data")
    job = {
        "recipe": "text-classification",
        "name": "banking-helpdesk",
        "train": "data/train.csv",
        "test": "data/test.csv",
        "answers": "data/answers.csv",
        "fixes": {},
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    command = [sys.executable, "-m", "etabli.engine.recipes"]
    for verb in ("check", "train"):
        subprocess.run([*command, verb, str(tmp_path)], check=True)
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["accuracy"]["value"] >= 0.91
    assert result["data"]["test_split"] == "official"
    assert result["data"]["n_test"] == 3080
    assert result["training"]["peak_rss_mb"] < 1000
    assert result["model_size_bytes"] < 8_000_000
    files = list((tmp_path / "model").iterdir())
    assert {path.name for path in files} == ARTEFACT
    assert not any(path.name.endswith(PICKLE_NAMES) for path in files)
    model = NgramClassifier.load(tmp_path / "model")
    assert model.answer("What is the weather").decision is Decision.OUTSIDE
    # A pickle of protocol 2 or later begins with 0x80.
    assert not any(path.read_bytes().startswith(b"\x80") for path in files)

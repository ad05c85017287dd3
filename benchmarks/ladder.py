"""The rungs of a text classifier beside scikit-learn by hand, in one run: BANKING77's own split.

    python -m benchmarks.ladder [--encoder FOLDER]

FOLDER is what `python -m etabli.engine.encoders SOURCE FOLDER` made. Nothing is chosen by the test
file: the recipe runs as it does for anybody.
"""

import argparse
import csv
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

SAMPLE = Path(__file__).parents[1] / "samples" / "banking77"
FAR = (
    "What is the weather",
    "play some jazz music",
    "book a table for two at an italian restaurant",
    "how tall is mount everest",
    "hello",
    "tell me a joke",
    "who won the world cup",
    "does the hotel have a swimming pool",
    "is breakfast included in the room rate",
    "translate this to french",
    "set an alarm for 7 am",
    "how do I bake bread",
    "what is the meaning of life",
    "recommend a good movie",
    "can you cancel my gym class",
    "the cat sat on the mat",
    "is the spa open on sunday",
    "who is the president",
)


def rows(name: str) -> tuple[list[str], list[str]]:
    with (SAMPLE / name).open(encoding="utf-8", newline="") as file:
        found = list(csv.reader(file))[1:]
    return [row[0] for row in found], [row[1] for row in found]


def by_hand() -> dict[str, Any]:
    """What five lines of scikit-learn give."""
    (texts, labels), (asked, truths) = rows("train.csv"), rows("test.csv")
    started = time.process_time()
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True), LinearSVC()).fit(
        texts, labels
    )
    cpu_s = time.process_time() - started
    right = sum(said == true for said, true in zip(model.predict(asked), truths, strict=True))
    times = []
    for text in asked[:500]:
        began = time.perf_counter()
        model.predict([text])
        times.append(1000 * (time.perf_counter() - began))
    return {
        "accuracy": right / len(truths),
        "cpu_s": cpu_s,
        "p50_ms": statistics.median(times),
        "near_not_answered": None,
        "far_not_answered": None,
    }


def by_recipe(encoder: Path | None) -> dict[str, Any]:
    """The whole recipe, calibration included; the CPU is that of its process without the exam."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(SAMPLE, folder / "data")
        job: dict[str, Any] = {"recipe": "text-classification", "name": "bench", "fixes": {}}
        job |= {"train": "data/train.csv", "test": "data/test.csv"}
        if encoder:
            job["encoder"] = {"folder": str(encoder), "repo": "bench/encoder", "commit": "0" * 40}
        (folder / "job.json").write_text(json.dumps(job))
        command = [sys.executable, "-m", "etabli.engine.recipes", "train", name]
        subprocess.run(command, check=True)
        result = json.loads((folder / "result.json").read_text())
        far = [_decision(folder / "model", encoder, text) for text in FAR]
    unknown = result["unknown_subjects"]["decisions"]
    return {
        "rung": result["ladder"]["rung"],
        "accuracy": result["accuracy"]["value"],
        "cpu_s": result["training"]["cpu_s"],
        "p50_ms": result["speed"]["p50_ms"],
        "answered": result["decisions"]["answer"]["share"],
        "near_not_answered": 1 - unknown["answer"],
        "far_not_answered": sum(one != "answer" for one in far) / len(far),
        "calibration_error": result["calibration_error"],
    }


def _decision(model: Path, encoder: Path | None, text: str) -> str:
    request = {"id": 1, "op": "ask", "model": str(model), "text": text}
    if encoder:
        request["encoder"] = str(encoder)
    done = subprocess.run(
        [sys.executable, "-m", "etabli.engine.runtimes.process"],
        input=json.dumps(request) + "\n",
        capture_output=True,
        text=True,
        check=True,
    )
    return str(json.loads(done.stdout)["result"]["decision"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ladder")
    parser.add_argument("--encoder", type=Path)
    encoder: Path | None = parser.parse_args().encoder
    measured = {"scikit-learn by hand": by_hand(), "instant": by_recipe(None)}
    if encoder:
        measured["with the encoder"] = by_recipe(encoder.resolve())
    for name, figures in measured.items():
        print(name, json.dumps(figures, indent=1))
    print("load", os.getloadavg(), "own cpu", resource.getrusage(resource.RUSAGE_SELF).ru_utime)


if __name__ == "__main__":
    main()

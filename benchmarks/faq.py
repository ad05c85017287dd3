"""A FAQ of many questions beside TF-IDF by hand (scikit-learn), in one run: time, memory, finding.

    python -m benchmarks.faq [--pairs 100000]

The questions are BANKING77's, each of several products, with an answer each: they are as near to
each other as questions get. Asked is with words left out and swapped, and with typing mistakes, as
the recipe makes them. What is found is no figure of quality: nobody asked these.
"""

import argparse
import csv
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from random import Random

from sklearn.feature_extraction.text import TfidfVectorizer

from etabli.engine.recipes.faq.artefact import write_model
from etabli.engine.recipes.faq.columns import Columns
from etabli.engine.recipes.faq.indexing import index
from etabli.engine.recipes.faq.material import Material, Noticed
from etabli.engine.recipes.faq.questions import made_questions
from etabli.engine.runtimes.faq import Entry, load
from etabli.engine.tables.columns import Choice
from etabli.foundation.i18n.messages import Message

SAMPLE = Path(__file__).parents[1] / "samples" / "banking77" / "train.csv"
PRODUCTS = ("savings", "student", "joint", "business", "premium", "travel", "pension", "youth",
            "farmer", "gold")  # fmt: skip
ASKED = 300


def entries(pairs: int) -> list[Entry]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        texts = list(dict.fromkeys(" ".join(row["text"].split()) for row in csv.DictReader(file)))
    made = [f"{text.rstrip('?. ')} ({name} account)?" for name, text in product(PRODUCTS, texts)]
    Random(0).shuffle(made)  # noqa: S311  reproducible on purpose
    return [Entry([text], f"The answer to “{text}”, as it was written.") for text in made[:pairs]]


def timed(ask: Callable[[str], str], questions: Sequence[tuple[str, str]]) -> dict[str, float]:
    times_ms, cpu_ms, right = [], [], 0
    for text, expected in questions:
        started, cpu_started = time.perf_counter(), time.thread_time()
        found = ask(text)
        cpu_ms.append((time.thread_time() - cpu_started) * 1000)
        times_ms.append((time.perf_counter() - started) * 1000)
        right += found == expected
    times_ms.sort()
    return {
        "p50_ms": round(statistics.median(times_ms), 2),
        "p99_ms": round(times_ms[int(0.99 * len(times_ms))], 2),
        "cpu_p50_ms": round(statistics.median(cpu_ms), 2),
        "found_first": round(right / len(questions), 3),
    }


def by_hand(known: Sequence[Entry], questions: Sequence[tuple[str, str]], letters: bool) -> None:
    started = time.process_time()
    vectoriser = TfidfVectorizer(
        **({"analyzer": "char_wb", "ngram_range": (3, 3)} if letters else {}), sublinear_tf=True
    )
    matrix = vectoriser.fit_transform([one.label for one in known])
    made_s = time.process_time() - started
    transposed = matrix.T.tocsr()

    def ask(text: str) -> str:
        scores = (vectoriser.transform([text]) @ transposed).toarray()[0]
        return known[int(scores.argmax())].label

    name = "TF-IDF by hand, letters by three" if letters else "TF-IDF by hand, words"
    print(name, {"made_cpu_s": round(made_s, 1), **timed(ask, questions)})


def ours(known: Sequence[Entry], questions: Sequence[tuple[str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        started = time.process_time()
        search = index(known, "en")
        write_model(Path(folder) / "model", search.parts, "faq", {})
        made_s = time.process_time() - started
        started = time.process_time()
        loaded = load(Path(folder) / "model")
        read_s = time.process_time() - started
        size_mb = sum(path.stat().st_size for path in (Path(folder) / "model").iterdir()) / 1e6
    figures = timed(lambda text: loaded.ask(text).labels[0].label, questions)
    print("Établi", {"made_cpu_s": round(made_s, 1), "read_cpu_s": round(read_s, 1),
                     "size_mb": round(size_mb), **figures})  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--pairs", type=int, default=100_000)
    known = entries(parser.parse_args().pairs)
    nothing = Choice("", 0, Message(""), 1.0)
    columns = Columns(nothing, nothing, (), 1.0)
    material = Material(columns, known, Noticed(), len(known), "en", (), ())
    made = made_questions(material, 0)[:ASKED]
    questions = [(one.text, known[one.entry].label) for one in made]
    print(f"{len(known)} answers, {len(questions)} questions made by rule")
    ours(known, questions)
    by_hand(known, questions, letters=False)
    by_hand(known, questions, letters=True)
    print(
        "most memory, all of them:",
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000,
        "MB",
    )


if __name__ == "__main__":
    main()

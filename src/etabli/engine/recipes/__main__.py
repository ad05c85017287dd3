"""The door of every recipe: `python -m etabli.engine.recipes check|extract|train JOB_DIR`.

What comes back is files in JOB_DIR, and the exit status: 0 done, 2 the person's data is at fault
(`error.json` says how), 3 it took more memory than it may, 1 our fault (the trace is on stderr),
-15 stopped. A library that finds no more memory may also abort (-6).
"""

import argparse
import importlib
import json
import os
import resource
import shutil
import signal
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from etabli.engine_contract.training import (
    CHECK,
    DATA_OUT,
    DONE,
    ERROR,
    EVENTS,
    INVALID,
    MODEL,
    NO_MEMORY,
    RESULT,
    ROWS,
    TABLE,
    JobFile,
)
from etabli.foundation.errors import EtabliError, InvalidInputError
from etabli.foundation.i18n.messages import msg

# By name and not by import: a check starts in 0.1 s because it never loads scikit-learn, and the
# number of threads must be in the environment before numpy is first loaded.
RECIPES: Mapping[str, tuple[str, str]] = {
    "text-classification": ("table", "etabli.engine.recipes.text_classification"),
    "multilabel-classification": ("table", "etabli.engine.recipes.multilabel_classification"),
    "faq": ("table", "etabli.engine.recipes.faq"),
    "question-answering": ("documents", "etabli.engine.recipes.question_answering"),
}
"""What each is made from, and its folder. Of those made from a table, the first looks at one that
fits none."""
NICENESS = 10
MADE_BY = {
    "check": (CHECK, ERROR),
    "extract": (ROWS, ERROR),
    "train": (EVENTS, RESULT, ERROR, "split.json", MODEL, "model.partial", DATA_OUT),
}
HALF_MADE = ("model.partial", DATA_OUT, "split.json")


class UnknownRecipeError(InvalidInputError):
    def __init__(self, name: str) -> None:
        super().__init__(
            msg(
                "There is no recipe called {name}: choose one of {recipes}.",
                name=name,
                recipes=", ".join(RECIPES),
            )
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m etabli.engine.recipes")
    parser.add_argument("verb", choices=sorted(MADE_BY))
    parser.add_argument("job_dir", type=Path)
    parser.add_argument("--parent", type=int, help="die with the process of this number")
    parser.add_argument("--memory-mb", type=int, help="of address space, at most")
    arguments = parser.parse_args()
    _limit_threads()
    if arguments.memory_mb:
        _limit_memory(arguments.memory_mb * 1_000_000)
    if arguments.parent:
        _die_with(arguments.parent)
    if arguments.verb == "train":
        os.nice(NICENESS)  # nobody waits for it as they wait for a page
    return run(arguments.verb, arguments.job_dir)


def run(verb: str, job_dir: Path) -> int:
    """Perform `verb`; nothing of an earlier try, nor of a failed one, is left."""
    _remove(job_dir, MADE_BY[verb])
    finished = False
    try:
        VERBS[verb](job_dir)
        finished = True
    except EtabliError as error:
        _write_error(job_dir, error)
        return INVALID
    except MemoryError:
        return NO_MEMORY
    finally:
        if not finished and verb == "train":
            _remove(job_dir, HALF_MADE)
    return DONE


def check(job_dir: Path) -> None:
    """Raises an InvalidInputError when what is brought cannot be used at all."""
    job = JobFile.read(job_dir)
    if job.recipe is not None and job.recipe not in RECIPES:
        raise UnknownRecipeError(job.recipe)
    if job.source != TABLE:  # a single kind is made from it: nothing is to be recognised
        importlib.import_module(f"{_folder(job.recipe)}.check").run(job_dir)
        return
    folders = [folder for source, folder in RECIPES.values() if source == TABLE]
    kinds = [importlib.import_module(f"{folder}.tables").KIND for folder in folders]
    importlib.import_module("etabli.engine.tables.checking").run(job_dir, kinds, job.recipe)


def _extract(job_dir: Path) -> None:
    importlib.import_module("etabli.engine.tables.extract").run(job_dir)


def _train(job_dir: Path) -> None:
    """What the person chose or, where nobody chose, what fitted best when it was looked at."""
    recipe = JobFile.read(job_dir).recipe
    if recipe is None and (job_dir / CHECK).exists():
        recipe = json.loads((job_dir / CHECK).read_text("utf-8"))["recipe"]
    importlib.import_module(f"{_folder(recipe)}.train").run(job_dir)


VERBS: Mapping[str, Callable[[Path], None]] = {
    "check": check,
    "extract": _extract,
    "train": _train,
}


def _die_with(parent: int) -> None:
    """A hub that starts again makes its models again: one left behind would share their folder."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True).start()


def _limit_memory(limit_bytes: int) -> None:
    """A small file may unpack to more than the machine has."""
    with suppress(ValueError, OSError):  # not every system has it
        resource.setrlimit(resource.RLIMIT_AS, (limit_bytes, limit_bytes))


def _limit_threads() -> None:
    # Whoever stops us wants it now, even in the middle of a long call into liblinear.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threads = str(max(1, (os.cpu_count() or 1) - 1))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, threads)
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def _folder(recipe: str | None) -> str:
    if recipe is None or recipe not in RECIPES:
        raise UnknownRecipeError(str(recipe))
    return RECIPES[recipe][1]


def _write_error(job_dir: Path, error: EtabliError) -> None:
    content = {"family": "InvalidInputError", **error.text.as_json()}
    (job_dir / ERROR).write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def _remove(job_dir: Path, names: tuple[str, ...]) -> None:
    for name in names:
        path = job_dir / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


if __name__ == "__main__":
    raise SystemExit(main())

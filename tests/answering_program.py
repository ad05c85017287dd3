"""A program that answers as `etabli.engine.runtimes.process` does, and can be told to misbehave.

`python answering_program.py FOLDER`: what it is asked it notes in FOLDER/log, before it answers.
What a question says decides what becomes of it: see `answer`. `gate` makes it wait until
FOLDER/open exists; a model whose `config.json` says `"slow": true` makes it wait for that too,
while it is loaded.
"""

import json
import os
import sys
import time
from pathlib import Path

FOLDER = Path(sys.argv[1])


def note(text: str) -> None:
    with (FOLDER / "log").open("a") as log:
        log.write(text + "\n")


def wait_for_the_gate() -> None:
    while not (FOLDER / "open").exists():
        time.sleep(0.01)


def load(model: Path) -> None:
    note(f"load {model.name}")
    config = model / "config.json"
    if config.exists() and json.loads(config.read_text()).get("slow"):
        wait_for_the_gate()


def reply(number: int, text: str) -> str:
    label = {"label": str(os.getpid()), "probability": 1.0, "answer": text}
    result = {"decision": "answer", "labels": [label], "latency_ms": 1.0, "cpu_s": 0.001}
    return json.dumps({"id": number, "ok": True, "result": result})


def answer(number: int, text: str) -> str:
    if text.startswith("gate"):
        wait_for_the_gate()
    match text:
        case "die":
            os._exit(1)
        case "garbage":
            return "this is no JSON"
        case "another's":
            return reply(number + 1, text)
        case "senseless":
            return json.dumps({"id": number, "ok": True, "result": {"decision": "perhaps"}})
        case "nested":
            return "[" * 100_000
        case "two lines":
            return reply(number, text) + "\n" + reply(number, text)
        case "endless":
            return "x" * 2_000_000
        case "refuse" | "refuse badly":
            gap = {"why": "so"} if text == "refuse" else {}
            error = {"family": "InvalidInputError", "template": "No: {why}.", "values": gap}
            return json.dumps({"id": number, "ok": False, "error": error})
    return reply(number, text)


def main() -> None:
    loaded = set()
    for line in sys.stdin:
        request = json.loads(line)
        note(f"ask {Path(request['model']).name} {request['text']}")
        if request["model"] not in loaded:
            loaded.add(request["model"])
            load(Path(request["model"]))
        sys.stdout.write(answer(request["id"], request["text"]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

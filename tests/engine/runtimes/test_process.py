"""The process that answers, spoken to as the hub speaks to it."""

import io
import json
import subprocess
import sys

import pytest

from etabli.engine.runtimes.process import LoadedModels, answer_line, serve


@pytest.fixture
def ask():
    models = LoadedModels()
    return lambda **request: answer_line(models, json.dumps(request))


def test_a_real_process_answers_and_ends_with_its_input(model_folder):
    requests = [
        {"id": 1, "op": "ping"},
        {"id": 2, "op": "ask", "model": str(model_folder), "text": "card lost", "top": 1},
        {"id": 3, "op": "ask_many", "model": str(model_folder), "texts": ["card lost", "hello"]},
    ]
    done = subprocess.run(
        [sys.executable, "-m", "etabli.engine.runtimes.process"],
        input="\n".join(json.dumps(request) for request in requests).encode(),
        capture_output=True,
        check=True,
        timeout=20,
    )
    pong, one, many = (json.loads(line) for line in done.stdout.splitlines())
    assert pong["result"]["pong"] is True
    assert one["ok"] is True
    assert one["result"]["decision"] == "answer"
    assert one["result"]["answer"] == "Freeze it in the app."
    assert [label["label"] for label in one["result"]["labels"]] == ["lost_card"]
    assert one["result"]["cpu_s"] > 0
    assert [answer["decision"] for answer in many["result"]["answers"]] == ["answer", "outside"]


def test_neither_scikit_learn_nor_scipy_is_loaded():
    program = (
        "import sys; import etabli.engine.runtimes.process; "
        "sys.exit(any(name.split('.')[0] in ('sklearn', 'scipy', 'torch') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_one_bad_line_does_not_stop_the_next(model_folder):
    good = json.dumps({"id": 9, "op": "ping"})
    replies = io.StringIO()
    serve(io.StringIO(f"nonsense\n\n[1]\n{'[' * 100_000}\n{good}\n"), replies)
    answers = [json.loads(line) for line in replies.getvalue().splitlines()]
    assert [answer["ok"] for answer in answers] == [False, False, False, True]
    assert answers[0]["error"]["template"].startswith("The line is not JSON")


@pytest.mark.parametrize(
    ("request_", "sentence"),
    [
        ({"op": "sing"}, "There is no operation sing: ask, ask_many, embed and ping exist."),
        ({"op": "ask", "model": "/m"}, "There is no question: write one in `text`."),
        ({"op": "ask", "text": "hi"}, "`model` is the full path of a model's folder."),
        ({"op": "ask", "text": "hi", "model": "a/b"}, "`model` is the full path of a model's"),
        ({"op": "ask", "text": "hi", "model": "/nowhere"}, "There is no model in /nowhere: train"),
        ({"op": "ask", "text": "hi", "model": "/\x00"}, "The request holds a value that cannot"),
        ({"op": "ask_many", "texts": "hi"}, "`texts` is a list of at most 1000 questions."),
    ],
)
def test_a_bad_request_is_answered_in_words(ask, request_, sentence):
    reply = ask(id=4, **request_)
    assert (reply["id"], reply["ok"]) == (4, False)
    assert reply["error"]["template"].format(**reply["error"]["values"]).startswith(sentence)


def test_a_question_that_is_too_long(ask, model_folder):
    reply = ask(op="ask", model=str(model_folder), text="x" * 2001)
    assert reply["error"]["family"] == "InvalidInputError"
    assert reply["error"]["values"] == {"length": 2001, "most": 2000}


@pytest.mark.parametrize("top", [0, 101, "five", True])
def test_a_top_that_makes_no_sense(ask, model_folder, top):
    reply = ask(op="ask", model=str(model_folder), text="hi", top=top)
    assert reply["error"]["template"] == "`top` is a number from 1 to {most}."


def test_an_answer_is_only_given_when_sure(ask, model_folder):
    reply = ask(op="ask", model=str(model_folder), text="hello")
    assert reply["result"]["decision"] == "outside"
    assert reply["result"]["answer"] is None


def test_models_are_forgotten_when_they_hold_too_much(tmp_path, model_folder, request):
    models = LoadedModels(memory_bytes=1)
    models.get(model_folder)
    assert len(models) == 1
    other = tmp_path / "other"
    other.mkdir()
    for path in model_folder.iterdir():
        (other / path.name).write_bytes(path.read_bytes())
    models.get(other)
    assert len(models) == 1


def test_a_model_that_changed_is_read_again(model_folder):
    models = LoadedModels()
    first = models.get(model_folder)
    assert models.get(model_folder) is first
    path = model_folder / "etabli.json"
    path.write_text(path.read_text().replace("Freeze it", "Block it"))
    assert models.get(model_folder).parts.answers["lost_card"].startswith("Block it")

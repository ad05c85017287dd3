"""A folder of documents becomes an AI that quotes them, or says that they do not say."""

import json

import pytest

from etabli.engine.recipes.__main__ import run
from etabli.engine.runtimes.retriever import load
from etabli.engine_contract.inference import AnswerResult, Decision
from etabli.engine_contract.training import INVALID
from tests.engine.documents.written import pdf, zipped

THINGS = ("bicycle", "lantern", "kettle", "umbrella", "ladder", "violin", "compass", "hammock",
          "telescope", "typewriter", "blanket", "anchor")  # fmt: skip
CARE = ("Wash the {0} with warm water and dry the {0} at once. Never leave it outside in winter. "
        "A repair of the {0} takes nine days in our workshop.")  # fmt: skip
ASKED = "question,expected\nHow do I wash the violin?,violin.md\nWho is the president of Peru?,\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    brought = folder / "data" / "docs"
    brought.mkdir(parents=True)
    for thing in THINGS:
        text = f"# Care of the {thing}\n\n{CARE.format(thing)}\n\n# Price\n\nThe {thing} is lent.\n"
        (brought / f"{thing}.md").write_text(text)
    (brought / "hours.pdf").write_bytes(pdf("We open the harbour office at seven."))
    (folder / "data" / "asked.csv").write_text(ASKED)
    write_job(folder, test="data/asked.csv")
    assert (run("check", folder), run("train", folder)) == (0, 0)
    return folder


def write_job(folder, **more):
    kind = {"source": "documents", "recipe": "question-answering"}
    job = {**kind, "name": "lending", "train": "data/docs", **more}
    (folder / "job.json").write_text(json.dumps(job))


def test_what_is_answered_is_letter_by_letter_in_the_document(made):
    model = load(made / "model")
    for thing in THINGS:
        best = model.ask(f"How long does a repair of the {thing} take?").labels[0]
        assert best.source.document == f"{thing}.md"
        assert best.answer == best.source.passage[best.source.start : best.source.end]
        assert best.answer in (made / "data" / "docs" / f"{thing}.md").read_text()
        assert "nine days" in best.answer
    found = model.ask("When does the harbour office open?")
    assert (found.decision, found.labels[0].source.page) == (Decision.ANSWER, 1)


def test_of_what_no_document_says_it_says_that_they_do_not_say(made):
    answer = load(made / "model").ask("Who is the president of Peru?")
    assert (answer.decision, answer.answer) == (Decision.OUTSIDE, None)
    assert AnswerResult.of_json(json.loads(json.dumps(answer.as_json()))).labels


def test_the_examination_says_what_was_tried(made):
    result = json.loads((made / "result.json").read_text())
    assert result["made"]["questions"] > 10
    assert result["made"]["three"] >= result["made"]["first"] > 0.3
    assert result["refusing"]["answered_gone"] < result["refusing"]["answered_there"]
    assert (result["asked"]["questions"], result["asked"]["first"]) == (1, 1.0)
    assert result["asked_refused"]["first"] == 1.0
    assert (made / "data_out" / "documents" / "hours.pdf").is_file()


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ({}, "There is no file in it"),
        ({"scan.pdf": pdf("")}, "pictures of pages"),
        ({"a.xyz": b"?", "b.xyz": b"?"}, "None of these files"),
        ({"a.zip": zipped({"b.exe": b"MZ\x00"})}, "of a kind that is not read"),
    ],
)
def test_a_folder_with_nothing_to_read_says_so(tmp_path, files, sentence):
    (tmp_path / "data" / "docs").mkdir(parents=True)
    for name, content in files.items():
        (tmp_path / "data" / "docs" / name).write_bytes(content)
    write_job(tmp_path)
    assert run("check", tmp_path) == INVALID
    assert sentence in json.loads((tmp_path / "error.json").read_text())["template"]

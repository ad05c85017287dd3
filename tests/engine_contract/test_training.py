"""What is asked of a recipe, and what it says, come back as they were written."""

import json
from datetime import UTC, datetime

from etabli.engine_contract.training import EncoderReference, Event, JobFile, Stage, read_problem
from etabli.foundation.i18n.messages import msg


def test_a_job_comes_back_as_it_was_written(tmp_path):
    job = JobFile(
        "assistant",
        "data/train/table.csv",
        test="data/test/table.csv",
        fixes={"drop_empty": False},
        encoder=EncoderReference("/somewhere", "alice/encoder", "abc"),
    )
    (tmp_path / "job.json").write_text(json.dumps(job.as_json()))
    assert JobFile.read(tmp_path) == job


def test_a_job_of_another_version_is_read_by_what_is_known_of_it(tmp_path):
    said = {"name": "assistant", "train": "data/train.csv", "of_tomorrow": True}
    (tmp_path / "job.json").write_text(json.dumps(said))
    assert JobFile.read(tmp_path) == JobFile("assistant", "data/train.csv")


def test_an_event_is_one_line():
    event = Event(datetime(2026, 11, 26, 12, 0, tzinfo=UTC), Stage.LEARNING, 0.25, {"rows": 3})
    line = event.as_line()
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert Event.of_line(line) == event


def test_a_problem_is_a_sentence_that_can_be_translated(tmp_path):
    problem = msg("{file} is empty.", file="table.csv")
    (tmp_path / "error.json").write_text(json.dumps({"family": "any", **problem.as_json()}))
    assert read_problem(tmp_path) == problem

"""What a making says of itself: it moves within each stage, and only forward."""

import json

from etabli.engine.recipes import progress as module
from etabli.engine.recipes.__main__ import run
from etabli.engine.recipes.progress import Part, Progress
from etabli.engine.recipes.text_classification.learning import learn
from etabli.engine.recipes.text_features import STEPS_A_TEXT
from etabli.engine_contract.training import Stage


def test_a_counted_part_moves_with_what_is_done():
    part = Part(0.2, 0.6, steps=10)
    seen = [part.fraction(1.0)]
    for done in range(1, 10):
        part.advance()
        seen.append(part.fraction(1.0 + done))
    assert seen[0] == 0.2
    assert seen == sorted(set(seen))
    assert seen[-1] < 0.2 + 0.4 * module.COUNTED_SHARE


def test_what_cannot_be_counted_moves_ever_slower_and_never_arrives():
    for part in (Part(0.2, 0.6), Part(0.2, 0.6, steps=1)):
        if part._steps:
            part.advance()
        seen = [part.fraction(float(elapsed_s)) for elapsed_s in (1, 10, 100, 1_000, 10_000)]
        assert seen == sorted(set(seen))
        assert seen[0] > 0.2
        assert seen[-1] < 0.6


def test_learning_counts_each_text_as_often_as_it_says():
    steps = []
    texts = [f"the {word} is here" for word in ("card", "pin", "key", "door")] * 3
    learn(texts, ["a", "b"] * 6, 0, lambda: steps.append(1))
    assert len(steps) == STEPS_A_TEXT * len(texts)


def test_a_long_stage_is_told_about_more_than_once(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "HEARTBEAT_S", 0.001)
    path = tmp_path / "events.jsonl"
    told = Progress(path)
    with told.during(Stage.LEARNING, 0.1, 0.3, steps=50) as part:
        for _ in range(40):
            part.advance()
        while len(path.read_text().splitlines()) < 5:
            pass
    told.close()
    fractions = [json.loads(line)["fraction"] for line in path.read_text().splitlines()]
    assert fractions == sorted(fractions)
    assert 0.1 < fractions[-1] < 0.3


def test_the_examination_is_followed_too(job):
    assert run("train", job.path) == 0
    lines = (job.path / "events.jsonl").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    examining = {event["fraction"] for event in events if event["stage"] == "examining"}
    assert len(examining) > 20
    assert [event["fraction"] for event in events] == sorted(event["fraction"] for event in events)

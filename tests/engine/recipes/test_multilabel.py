"""Several labels a text: recognised, parted, learned, and told honestly."""

import csv
import json

import pytest

from etabli.engine.recipes.__main__ import check, run
from etabli.engine.recipes.multilabel_classification.labelling import (
    Lists,
    in_a_column_each,
    is_marks,
    labels_in,
    lists_in,
    written,
)
from etabli.engine.recipes.multilabel_classification.splitting import split, stratified
from etabli.engine.recipes.multilabel_classification.tables import RECIPE
from etabli.engine.runtimes.multilabel import MultilabelClassifier
from etabli.engine.runtimes.process import LoadedModels, answer_line
from etabli.engine.tables.labelling import Row
from tests.several_labels import LABELS, in_cells, in_columns

ONE = "text-classification"


def recognised(job, content: str, **choices) -> tuple[str, list[str]]:
    job.write("train", content)
    job.choose(recipe=None, keeps_refused=True, **choices)
    check(job.path)
    report = job.read("check.json")
    return report["recipe"], report["understood"].get("label_columns", [])


@pytest.mark.parametrize("between", ["|", ";", ", ", " | "])
def test_cells_with_several_labels_are_recognised_by_what_stands_between(job, between):
    assert recognised(job, in_cells(between)) == (RECIPE, ["reasons"])
    found = job.read("check.json")
    assert {one["label"] for one in found["after_fixes"]["classes"]} == set(LABELS)
    assert [one["recipe"] for one in found["kinds"]] == [RECIPE, ONE]


@pytest.mark.parametrize("marks", [("1", "0"), ("oui", "non"), ("x", ""), ("TRUE", "FALSE")])
def test_columns_that_say_yes_or_no_are_labels(job, marks):
    assert recognised(job, in_columns(*marks)) == (RECIPE, list(LABELS))


def test_a_column_that_is_named_as_a_label_comes_first(job):
    lines = in_columns("1", "0").splitlines()
    content = "\n".join([f"{lines[0]},category", *(f"{line},{'ab'[n % 2]}"
                         for n, line in enumerate(lines[1:]))])  # fmt: skip
    assert recognised(job, content) == (ONE, ["category"])
    assert RECIPE in [one["recipe"] for one in job.read("check.json")["kinds"]]
    assert recognised(job, content, label_columns=["refund", "urgent"]) == (
        RECIPE,
        ["refund", "urgent"],
    )


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["a|b", "a", "b", "a|b"] * 3, Lists("|", 0.5)),
        (["A, B", "A", "B", "B, C", "C", "A, C"] * 3, Lists(",", 0.5)),
        (["Paris, France", "Lyon, France", "Nice, France"] * 9, None),
        (["1,5", "2,5", "1,2", "2,1", "5,1"] * 9, None),
        (["Billing, refunds", "Delivery", "Card, lost"] * 9, None),
        ([f"text {n}, and more" for n in range(40)], None),
    ],
)
def test_a_comma_within_a_name_parts_no_labels(values, found):
    assert lists_in(values) == found


def test_only_columns_of_both_answers_are_marks():
    assert is_marks(["Oui", "non", "OUI"])
    assert is_marks(["x", "", ""])
    assert not is_marks(["1", "1"])
    assert not is_marks(["0", ""])
    assert not is_marks(["yes", "maybe"])


def test_no_is_an_answer_and_nothing_is_none():
    read = in_a_column_each(["a", "b", "c"], [True, True, False])
    assert read(["yes", "no", ""]) == ["a"]
    assert read(["no", "no", "other"]) == ["other"]
    assert read(["no", "no", ""]) == []
    assert read(["", " ", ""]) is None
    assert written([]) == "|"
    assert labels_in("|") == []
    assert written(["b", "a", "b"]) == "a|b"


def test_each_label_is_on_both_sides_and_no_group_is():
    rows = [Row(n, f"text number {n} of many", label) for n, label in enumerate(
        [*["a"] * 40, *["a|b"] * 20, *["c"] * 3, *["b|d"] * 2, *["|"] * 10])]  # fmt: skip
    groups = {row.text: n for n, row in enumerate(rows)}
    kept, held_out = split(rows, 0.2, labels_in, 0, groups)
    assert len(held_out) == 15
    assert {one for row in held_out for one in labels_in(row.label)} == {"a", "b", "c"}
    assert {one for row in kept for one in labels_in(row.label)} == {"a", "b", "c", "d"}
    assert sum(row.label == "|" for row in held_out) == 2
    together = {row.text: n // 5 for n, row in enumerate(rows)}
    sides = stratified(rows, [0.5, 0.5], labels_in, 0, together)
    numbers = [{together[row.text] for row in side} for side in sides]
    assert not numbers[0] & numbers[1]
    assert sorted(row.line for side in sides for row in side) == list(range(75))


def test_what_is_alike_as_one_is_still_parted():
    rows = [Row(n, f"same text {n}", "ab"[n % 2]) for n in range(20)]
    kept, held_out = split(rows, 0.2, labels_in, 0, dict.fromkeys((r.text for r in rows), 1))
    assert (len(kept), len(held_out)) == (16, 4)


def train(job, content: str):
    job.write("train", content)
    job.choose(recipe=RECIPE)
    assert run("train", job.path) == 0, job.read("error.json")
    return job.read("result.json")


def test_it_says_every_label_that_fits_and_how_sure_it_is_of_all(job):
    result = train(job, in_cells("|"))
    accuracy = result["accuracy"]
    assert accuracy["low"] < accuracy["value"] <= accuracy["high"]
    assert accuracy["value"] > 3 * result["baseline_accuracy"]
    assert result["micro"]["f1"] > 0.8
    for one in result["per_class"]:
        assert one["recall_low"] <= one["recall"] <= one["recall_high"]
        assert one["precision_low"] <= one["precision"] <= one["precision_high"]
    assert result["data"]["labels"] == len(LABELS)
    config = job.read("model/config.json")
    assert config["problem_type"] == "multi_label_classification"
    with (job.path / "data_out/test.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == result["data"]["n_test"]

    model = MultilabelClassifier.load(job.path / "model")
    both = model.answer("I want my money back, it cannot wait", top=1)
    said = {one.label for one in both.candidates[: both.predicted]}
    assert said == {"refund", "urgent"}
    assert 0 < both.certainty < 1
    one = model.answer("the lamp arrived broken")
    assert [c.label for c in one.candidates[: one.predicted]] == ["broken"]


def test_a_text_of_which_none_fits_gets_no_label_where_such_were_learned(job):
    things = ("tea", "help", "talk", "visit", "note")
    none = "".join(f"thank you for the {one} number {n},non,non,non,non\n" for one in things
                   for n in range(8))  # fmt: skip
    result = train(job, in_columns("oui", "non") + none)
    assert result["says_none"]
    model = MultilabelClassifier.load(job.path / "model")
    assert model.answer("thank you for the tea").predicted == 0
    reply = answer_line(LoadedModels(), _ask(job.path / "model", "thank you for the tea"))
    assert reply["result"]["predicted"] == 0
    assert reply["result"]["labels"]


def _ask(folder, text: str) -> str:
    return f'{{"id": 1, "op": "ask", "model": "{folder}", "text": "{text}", "top": 1}}'


def test_thresholds_come_from_rows_that_no_examination_sees(job):
    train(job, in_cells("|"))
    parts = job.read("split.json")
    assert not set(parts["calibration_lines"]) & set(parts["test_lines"])


def test_labels_of_few_rows_are_said(job):
    rare = "how does the guarantee work,guarantee\nis there a guarantee on it,guarantee\n"
    result = train(job, in_cells("|") + rare)
    assert {"label": "guarantee", "rows": 2} in result["few"]
    assert result["unexamined"] == ["guarantee"]


def test_a_model_whose_thresholds_are_not_whole_is_refused(job):
    train(job, in_cells("|"))
    settings = job.read("model/etabli.json")
    settings["multilabel"]["label_thresholds"].pop()
    (job.path / "model/etabli.json").write_text(json.dumps(settings))
    reply = answer_line(LoadedModels(), _ask(job.path / "model", "where is it"))
    assert not reply["ok"]

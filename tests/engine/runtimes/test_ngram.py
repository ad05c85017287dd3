"""The classifier that answers."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from etabli.engine.runtimes import (
    Decision,
    MalformedModelError,
    NgramClassifier,
    QuestionTooLongError,
    Thresholds,
    character_terms,
    decide,
    softmax,
    word_terms,
)
from etabli.foundation.errors import NotFoundError


def test_words_are_taken_alone_as_neighbours_and_in_pairs():
    assert word_terms("My card, my PIN") == [
        *("my", "card", "my", "pin"),
        *("my card", "card my", "my pin"),
        *("card&my", "my&pin", "card&my", "card&pin", "my&pin"),
    ]


def test_letters_stay_within_their_word():
    assert character_terms("a Ab") == [" a", "a ", " a ", " a", "ab", "b ", " ab", "ab ", " ab "]


def test_a_long_text_does_not_grow_as_the_square():
    assert len(word_terms("word " * 10_000)) < 30_000


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("card lost", Decision.ANSWER),
        ("lost transfer", Decision.OUTSIDE),  # equal margins, both under the gate
        ("hello", Decision.OUTSIDE),
        ("", Decision.OUTSIDE),
    ],
)
def test_the_decision(model_folder, text, decision):
    assert NgramClassifier.load(model_folder).answer(text).decision is decision


def test_margins_are_those_worked_out_by_hand(model_folder):
    # Three terms of weight 1/√3 each, each worth +1 and -1, and the intercept.
    margins = NgramClassifier.load(model_folder).margins("card lost")
    assert margins == pytest.approx([3**0.5 - 0.5, -(3**0.5) - 0.5], abs=1e-5)


def test_an_answer_says_the_reply_of_its_label(model_folder):
    answer = NgramClassifier.load(model_folder).answer("card lost", top=1)
    assert answer.answer == "Freeze it in the app."
    assert [candidate.label for candidate in answer.candidates] == ["lost_card"]
    assert answer.latency_ms > 0


@pytest.mark.parametrize(
    ("probabilities", "margin", "decision"),
    [
        ([0.95, 0.05, 0.0, 0.0], 0.5, Decision.ANSWER),
        ([0.95, 0.05, 0.0, 0.0], -0.5, Decision.OUTSIDE),
        ([0.5, 0.45, 0.05, 0.0], 0.1, Decision.CLARIFY),
        ([0.25, 0.25, 0.25, 0.25], 0.1, Decision.HUMAN),
    ],
)
def test_two_gates_and_a_set(probabilities, margin, decision):
    limits = Thresholds(answer_probability=0.9, conformal_probability=0.2, outside_margin=0.0)
    assert decide(np.array(probabilities, np.float32), margin, limits) is decision


def test_two_or_three_labels_are_offered_when_unsure(model_folder):
    content = json.loads((model_folder / "etabli.json").read_text())
    content["thresholds"]["outside_margin"] = -1.0
    (model_folder / "etabli.json").write_text(json.dumps(content))
    answer = NgramClassifier.load(model_folder).answer("lost transfer", top=1)
    assert answer.decision is Decision.CLARIFY
    assert {candidate.label for candidate in answer.offered} == {"lost_card", "late_transfer"}


def test_a_cold_temperature_makes_sure():
    margins = np.array([1.0, 0.0], np.float32)
    assert softmax(margins, 0.1)[0] > softmax(margins, 1.0)[0] > 0.5
    assert softmax(margins, 0.1).sum() == pytest.approx(1)


def test_what_few_examples_cannot_prove_is_not_claimed():
    margins = np.array([5.0, 0.0, 0.0, 0.0], np.float32)
    probabilities = softmax(margins, 0.1, shrinkage=0.2)
    assert probabilities == pytest.approx([0.85, 0.05, 0.05, 0.05])


def test_a_question_of_unknown_words_is_unlike_the_examples(model_folder):
    model = NgramClassifier.load(model_folder)
    assert model.familiarity("card lost") == 1
    assert model.familiarity("card weather") == 1  # one of two may be a typing mistake
    assert model.familiarity("card weather forecast tomorrow") == pytest.approx(0.5)
    assert model.familiarity("weather") == model.familiarity("") == 0


def test_unknown_words_make_a_question_outside(model_folder):
    content = json.loads((model_folder / "etabli.json").read_text())
    content["thresholds"] |= {"outside_margin": 2.0, "familiarity_weight": 1.0}
    (model_folder / "etabli.json").write_text(json.dumps(content))
    model = NgramClassifier.load(model_folder)
    assert model.answer("card lost").decision is Decision.ANSWER
    assert model.answer("card weather forecast tomorrow").decision is Decision.OUTSIDE


def test_a_question_that_is_too_long(model_folder):
    with pytest.raises(QuestionTooLongError, match="has 2,001 characters and this model reads at"):
        NgramClassifier.load(model_folder).answer("x" * 2001)


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(NotFoundError, match="There is no model in"):
        NgramClassifier.load(tmp_path)


def damage_tensor(folder, name, array):
    tensors = load_file(folder / "model.safetensors")
    save_file(tensors | {name: array}, folder / "model.safetensors")


def test_weights_of_another_shape_are_refused(model_folder):
    damage_tensor(model_folder, "head", np.zeros((4, 2), np.float16))
    with pytest.raises(MalformedModelError, match=r"shape \(4, 2\) where .* need \(5, 2\)"):
        NgramClassifier.load(model_folder)


def test_weights_that_are_not_numbers_are_refused(model_folder):
    damage_tensor(model_folder, "intercept", np.array([np.nan, 0], np.float32))
    with pytest.raises(MalformedModelError, match="not numbers"):
        NgramClassifier.load(model_folder)


@pytest.mark.parametrize("file", ["config.json", "vocab.json", "etabli.json", "model.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"{}", b"\xff\xfe\x00"])
def test_a_damaged_file_is_refused_in_words(model_folder, file, content):
    (model_folder / file).write_bytes(content)
    with pytest.raises(MalformedModelError, match="cannot be used"):
        NgramClassifier.load(model_folder)

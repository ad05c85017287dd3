"""Texts that say nearly the same: found, and kept on one side of every split."""

import csv
import random
from collections import Counter
from itertools import permutations

import pytest

from etabli.engine.recipes.__main__ import run
from etabli.engine.recipes.examination import effective_size
from etabli.engine.recipes.text_classification.splitting import split
from etabli.engine.tables import near_duplicates
from etabli.engine.tables.labelling import Row
from etabli.engine.tables.near_duplicates import (
    group_near_duplicates,
    members_of,
)
from etabli.engine.tables.rows import groups_of
from etabli.foundation.proportions import wilson_interval

PHRASINGS = {
    "delivery": (
        "where is my order", "my parcel is late", "nothing arrived for two weeks",
        "the courier never came", "do you ship to Spain", "change my address",
        "the box was left in the rain", "when does the driver come",
    ),
    "broken": (
        "the screen is cracked", "it arrived broken", "it does not switch on",
        "a part is missing", "the battery gets hot", "a button fell off",
        "it makes a loud noise", "water runs out of it",
    ),
    "refund": (
        "I want my money back", "refund not received", "how do I get a refund",
        "cancel and pay me back", "I was charged twice", "the voucher was refused",
        "give me back the deposit", "you took too much from my account",
    ),
}  # fmt: skip
ENDINGS = ("", " please", " thanks", " !", " hello,")
LONG_ENDINGS = (
    "",
    " can you help me as soon as possible",
    " hello, I am a customer of yours and",
    " thanks a lot in advance for your answer",
    "!!",
)
BEGINNINGS = ("", "hello ", "dear team, ", "hi there I have a question: ", "please tell me ")


def rows_with(endings=ENDINGS, beginnings=("",)) -> list[Row]:
    written = [
        (f"{beginning}{phrasing}{ending}", label)
        for label, phrasings in PHRASINGS.items()
        for phrasing in phrasings
        for ending in endings
        for beginning in beginnings
    ]
    random.Random(1).shuffle(written)
    return [Row(line, *row) for line, row in enumerate(written, start=2)]


def phrasing_of(text: str) -> str:
    phrasings = [one for several in PHRASINGS.values() for one in several]
    return next(one for one in phrasings if one in text)


def table(rows: list[Row]) -> str:
    return "message,reason\n" + "".join(f'"{row.text}",{row.label}\n' for row in rows)


@pytest.mark.parametrize(
    ("endings", "beginnings"),
    [
        (ENDINGS, ("",)),
        (LONG_ENDINGS, ("",)),
        (("",), BEGINNINGS),
        (("", " 1", " 22", " 3"), ("",)),
    ],
)
def test_one_group_a_phrasing_whatever_is_put_around_it(endings, beginnings):
    rows = rows_with(endings, beginnings)
    groups = group_near_duplicates([row.text for row in rows])
    by_phrasing = {(phrasing_of(row.text), group) for row, group in zip(rows, groups, strict=True)}
    assert len(by_phrasing) == len(set(groups)) == 24


@pytest.mark.parametrize(
    "texts",
    [
        (
            "Où est ma commande ?",
            "ou est ma commande",
            "OÙ EST MA COMMANDE !!",
            "où est ma comande",
        ),
        ("Где мой заказ?", "где мой заказ", "Где мой заказ, скажите"),
        ("我的包裹还没有到", "我的包裹还没有到!", "请问我的包裹还没有到"),
        (
            "注文した商品がまだ届きません",
            "注文した商品がまだ届きません。",
            "注文した商品がまだ届きませんが",
        ),
        ("My order 1234 is late", "my order 99 is late"),
        ("???", "???"),
    ],
)
def test_letters_marks_accents_and_numbers_make_no_new_text(texts):
    others = [
        "I lost my key",
        "Le robinet fuit",
        "天气怎么样",
        "Погода сегодня хорошая",
        "お元気ですか",
    ]
    groups = group_near_duplicates([*texts, *others])
    assert set(groups[: len(texts)]) == {0}
    assert len(set(groups)) == 1 + len(others)


def test_questions_about_different_things_stay_apart():
    things = ("card", "transfer", "pin", "refund", "account", "invoice", "parcel", "password")
    texts = [f"where is my {thing}" for thing in things]
    assert len(set(group_near_duplicates(texts))) == len(texts)


def test_a_chain_of_small_changes_does_not_swallow_a_table():
    words = [f"{a}{b}{c}oma" for a, b, c in permutations("bdfglmnprst", 3)]
    texts = [" ".join(words[start : start + 6]) for start in range(900)]
    groups = Counter(group_near_duplicates(texts))
    assert groups.most_common(1)[0][1] <= 2 * near_duplicates.LARGE_GROUP


def test_the_same_texts_give_the_same_groups():
    texts = [row.text for row in rows_with()]
    assert group_near_duplicates(texts) == group_near_duplicates(list(texts))
    assert group_near_duplicates([]) == []
    assert group_near_duplicates(["one"]) == [0]
    assert members_of([0, 0, 2, 0]) == {0: [0, 1, 3]}


def test_the_work_grows_with_the_texts_and_not_with_their_square(monkeypatch):
    compared = []
    real = near_duplicates._similarity
    monkeypatch.setattr(
        near_duplicates, "_similarity", lambda *those: compared.append(1) or real(*those)
    )
    made = random.Random(0)
    words = [f"{a}{b}{c}" for a, b, c in permutations("abcdefghij", 3)]
    counts = []
    for rows in (500, 2_000):
        compared.clear()
        group_near_duplicates([" ".join(made.sample(words, 8)) for _ in range(rows)])
        counts.append(len(compared) / rows)
    assert max(counts) < near_duplicates.BANDS


def test_no_group_is_on_both_sides_of_a_split():
    rows = rows_with()
    groups = groups_of(rows)
    kept, out = split(rows, 0.2, seed=3, groups=groups)
    assert not {phrasing_of(row.text) for row in kept} & {phrasing_of(row.text) for row in out}
    assert {row.label for row in kept} == {row.label for row in out} == set(PHRASINGS)
    assert 15 <= len(out) <= 30


def test_a_label_within_groups_of_another_is_still_learned():
    rows = [Row(n, f"where is my order {'!' * n}", "ab"[n == 7]) for n in range(1, 9)]
    rows += [Row(20 + n, text, "c") for n, text in enumerate(PHRASINGS["broken"])]
    kept, _ = split(rows, 0.2, seed=0, groups=groups_of(rows))
    assert {row.label for row in kept} == {"a", "b", "c"}


def trained(job, rows: list[Row], **parts: str):
    job.write("train", table(rows))
    for part, content in parts.items():
        job.write(part, content)
    assert run("train", job.path) == 0
    return job.read("result.json")


def texts_of(job, part: str) -> list[str]:
    with (job.path / "data_out" / f"{part}.csv").open(newline="") as file:
        return [row["text"] for row in csv.DictReader(file)]


def test_five_endings_are_no_five_texts_in_the_examination(job):
    result = trained(job, rows_with())
    learned, examined = (
        {phrasing_of(text) for text in texts_of(job, part)} for part in ("train", "test")
    )
    assert not learned & examined
    accuracy = result["accuracy"]
    assert accuracy["texts"] == len(examined) < 10
    assert accuracy["is_too_small"]
    assert accuracy["high"] - accuracy["low"] > 0.3
    assert result["data"]["near_duplicates"] == {
        "groups": 24, "texts": 120, "test_rows_like_training": 0,
    }  # fmt: skip


def test_calibration_learns_nothing_from_what_was_learned(job):
    trained(job, rows_with())
    lines = set(job.read("split.json")["calibration_lines"])
    rows = [row for row in rows_with() if row.text in set(texts_of(job, "train"))]
    calibrated = {phrasing_of(row.text) for row in rows if row.line in lines}
    learned = {phrasing_of(row.text) for row in rows if row.line not in lines}
    assert calibrated
    assert not calibrated & learned


def test_one_phrasing_a_label_is_made_and_not_examined(job):
    one_each = [row for row in rows_with() if phrasing_of(row.text) in
                {several[0] for several in PHRASINGS.values()}]  # fmt: skip
    more = [
        Row(90 + n, f"what are your hours{ending}", "hours") for n, ending in enumerate(ENDINGS)
    ]
    result = trained(job, [*one_each, *more])
    assert result["accuracy"]["texts"] == 0
    assert result["accuracy"]["is_too_small"]


def test_equal_texts_only_are_refused_with_a_sentence(job):
    rows = [Row(n, "where is my order" if n % 2 else "it broke", "ab"[n % 2]) for n in range(24)]
    job.write("train", table(rows))
    job.choose(fixes={"drop_duplicates": False})
    assert run("train", job.path) == 2
    assert job.read("error.json")["template"].startswith("In {file} each label has a single text")


def test_a_test_file_stays_as_it_is_and_what_it_repeats_is_counted(job):
    rows = rows_with(endings=("",))
    like = "where is my order please,delivery\n"
    new = "the app logs me out,broken\nwhich colours are there,refund\n"
    result = trained(job, rows, test="message,reason\n" + like + new)
    assert result["data"]["n_test"] == 3
    assert result["data"]["near_duplicates"]["test_rows_like_training"] == 1
    assert result["accuracy"]["unlike_training"]["rows"] == 2


def test_the_interval_is_as_wide_as_the_different_texts_allow():
    texts = [f"{word}{ending}" for word in ("one", "two", "three", "four") for ending in "abcde"]
    places = [9 if text.startswith("three") else "otwhf".index(text[0]) for text in texts]
    assert effective_size([True for _ in texts], places) == 4
    by_group = [text.startswith("one") for text in texts]
    assert effective_size(by_group, places) == pytest.approx(4)
    by_row = [text.endswith("a") for text in texts]
    assert effective_size(by_row, places) == 20
    low, high = wilson_interval(1.0, 4)
    assert (round(low, 2), round(high, 2)) == (0.51, 1.0)

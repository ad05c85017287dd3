"""What is understood of a table, and what is found in it."""

import csv
import subprocess
import sys

import pytest

from etabli.engine.recipes.__main__ import check
from etabli.engine.recipes.text_classification.splitting import split
from etabli.engine.tables.labelling import Row
from etabli.engine.tables.personal import mask_personal
from etabli.engine.tables.rows import groups_of


def found(job, code: str):
    check(job.path)
    (finding,) = [one for one in job.read("check.json")["findings"] if one["code"] == code]
    return finding


def add(job, *rows: str) -> None:
    path = job.path / "data" / "train.csv"
    job.write("train", path.read_text() + "".join(f"{row}\n" for row in rows))


def test_what_was_understood(job):
    check(job.path)
    understood = job.read("check.json")["understood"]
    assert understood["text_column"]["name"] == "text"
    assert understood["label_column"]["confidence"] > 0.9
    assert understood["rows"] == 84
    assert {one["label"]: one["rows"] for one in understood["classes"]} == {
        "card": 28,
        "transfer": 28,
        "pin": 28,
    }
    assert understood["language"] == "en"
    assert len(understood["sample"]) == 3


def test_columns_are_told_apart_without_their_names(job):
    path = job.path / "data" / "train.csv"
    with path.open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    job.write("train", "ref;quoi;où\n" + "".join(f"{n};{c};{t}\n" for n, (t, c) in enumerate(rows)))
    check(job.path)
    understood = job.read("check.json")["understood"]
    assert (understood["text_column"]["name"], understood["label_column"]["name"]) == ("où", "quoi")


def test_clean_data_is_fine_everywhere(job):
    check(job.path)
    findings = job.read("check.json")["findings"]
    fine = [one for one in findings if one["code"] != "near_duplicates"]  # it has “the pin” thrice
    assert {finding["severity"] for finding in fine} == {"fine"}
    assert {finding["count"] for finding in fine} == {0}


def test_repeated_rows(job):
    add(job, "My card  is lost TODAY,card")
    finding = found(job, "duplicates")
    assert (finding["severity"], finding["count"]) == ("settle", 1)
    assert finding["fix"] == "drop_duplicates"
    assert finding["examples"][0]["first_line"] == 2
    assert job.read("check.json")["after_fixes"]["dropped"]["drop_duplicates"] == 1


def test_one_text_under_two_labels(job):
    add(job, "my card is lost today,pin")
    finding = found(job, "contradictions")
    assert (finding["severity"], finding["count"], finding["fix"]) == ("advise", 1, None)
    assert finding["examples"][0]["labels"] == ["card", "pin"]


def test_a_text_on_both_sides(job):
    job.write("test", "text,label\nMy card is lost today,card\nwhere is my pin,pin\n")
    finding = found(job, "leakage")
    assert (finding["severity"], finding["count"]) == ("settle", 1)
    assert finding["examples"][0] | {"test_line": 2, "line": 2} == finding["examples"][0]
    after = job.read("check.json")["after_fixes"]
    assert (after["train_rows"], after["test_rows"]) == (83, 2)


def test_labels_with_few_examples(job):
    add(job, "hello,greeting", "bye,farewell", "good bye,farewell")
    assert found(job, "tiny_classes")["examples"] == [{"label": "greeting", "rows": 1}]
    assert found(job, "small_classes")["examples"] == [{"label": "farewell", "rows": 2}]
    assert job.read("check.json")["after_fixes"]["dropped"]["drop_tiny_classes"] == 1


def test_personal_data_is_counted_and_never_shown(job):
    add(
        job,
        "write to alice@example.org,card",
        "call +33 6 12 34 56 78 now,card",
        "pay GB82 WEST 1234 5698 7654 32 please,transfer",
        "card 4111 1111 1111 1111 is lost,card",
    )
    finding = found(job, "personal_data")
    assert (finding["count"], finding["fix"]) == (4, "mask_personal_data")
    assert finding["text"]["values"] == {"count": 4, "email": 1, "phone": 1, "iban": 1, "card": 1}
    written = (job.path / "check.json").read_text("utf-8")
    assert "alice@example.org" not in written
    assert "4111" not in written


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to alice@example.org.", "write to [email]."),
        ("IBAN FR14 2004 1010 0505 0001 3M02 606 PLEASE", "IBAN [iban] PLEASE"),
        ("IBAN FR14 2004 1010 0505 0001 3M02 607", "IBAN FR14 2004 1010 0505 0001 3M02 607"),
        ("4111-1111-1111-1111", "[card]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("06 12 34 56 78", "[phone]"),
        ("(555) 123-4567", "[phone]"),
        ("I paid 1200 on 12 May 2024", "I paid 1200 on 12 May 2024"),
    ],
)
def test_only_what_passes_its_own_check_is_masked(text, masked):
    assert mask_personal(text) == masked


def test_empty_texts_and_labels(job):
    add(job, "  ,card", "where is it,")
    assert found(job, "empty_texts")["count"] == 1
    assert found(job, "empty_labels")["count"] == 1


def test_very_long_texts(job):
    add(job, "very " * 500 + ",card")
    assert found(job, "long_texts")["count"] == 1


def test_labels_that_look_alike_can_be_made_one(job):
    add(job, "where is the card now,Card ", "is the card here,CARD")
    finding = found(job, "look_alike_labels")
    assert finding["examples"] == [{"spellings": {"card": 28, "Card ": 1, "CARD": 1}}]
    job.choose(fixes={"merge_look_alikes": True})
    check(job.path)
    assert job.read("check.json")["after_fixes"]["dropped"]["merge_look_alikes"] == 2


def test_no_row_is_to_be_set_aside_and_merged(job):
    add(job, "where is the card now,CARD", "a lonely thing,alone")
    assert found(job, "look_alike_labels")["count"] == 1
    assert found(job, "tiny_classes")["examples"] == [{"label": "alone", "rows": 1}]
    job.choose(fixes={"merge_look_alikes": False})
    assert found(job, "tiny_classes")["count"] == 2


def test_a_test_file_and_replies_may_spell_labels_otherwise(job):
    job.write("test", "text,label\nmay I freeze it,CARD\nthe pin again,Pin\n")
    job.write("answers", "label,answer\nCard,Freeze it.\npin,Look.\nTRANSFER,Wait.\n")
    assert found(job, "unknown_test_labels")["count"] == 0
    assert found(job, "labels_without_answer")["count"] == 0
    assert found(job, "answers_without_label")["count"] == 0
    assert job.read("check.json")["after_fixes"]["test_rows"] == 2


def test_labels_of_very_different_sizes(job):
    add(job, *(f"thing number {n},other" for n in range(700)))
    finding = found(job, "imbalance")
    assert finding["severity"] == "advise"
    assert finding["text"]["values"]["largest"] == "other"


def test_labels_that_only_the_test_file_has(job):
    job.write("test", "text,label\nhello there,greeting\nwhere is my pin,pin\n")
    assert found(job, "unknown_test_labels")["examples"] == [{"label": "greeting"}]
    assert job.read("check.json")["after_fixes"]["test_rows"] == 1


def test_labels_without_an_answer(job):
    job.write("answers", "label,answer\ncard,Freeze it in the app.\nloan,Come and see us.\n")
    assert found(job, "labels_without_answer")["count"] == 2
    assert found(job, "answers_without_label")["examples"] == [{"label": "loan"}]


def test_a_split_holds_out_a_fifth_and_never_the_same_text():
    rows = [Row(n, f"text {n // 2}", "ab"[n // 2 % 2]) for n in range(400)]
    groups = groups_of(rows)
    kept, out = split(rows, 0.2, seed=0, groups=groups)
    assert len(out) == 80
    assert not {row.text for row in kept} & {row.text for row in out}
    assert split(rows, 0.2, seed=0, groups=groups) == (kept, out)


def test_near_duplicates_are_counted_in_groups(job):
    before = found(job, "near_duplicates")
    add(job, "Is the bank open on Sundays?,pin", "is the bank open on sundays please,pin")
    finding = found(job, "near_duplicates")
    assert (finding["severity"], finding["fix"]) == ("advise", None)
    assert finding["count"] > before["count"]
    assert finding["count"] == finding["text"]["values"]["count"]
    assert finding["text"]["values"]["groups"]["values"] == {"n": 3}


def test_test_rows_that_say_nearly_what_is_learned_are_counted(job):
    rows = ["My card is lost at home !,card", "please tell me the opening hours,pin"]
    job.write("test", "text,label\n" + "\n".join(rows) + "\n")
    finding = found(job, "near_leakage")
    assert (finding["count"], finding["text"]["values"]["total"]) == (1, 2)


def test_the_program_says_what_is_wrong_and_leaves_nothing_else(job):
    job.write("train", "")
    command = [sys.executable, "-m", "etabli.engine.recipes", "check", str(job.path)]
    assert subprocess.run(command, check=False).returncode == 2
    error = job.read("error.json")
    assert error["family"] == "InvalidInputError"
    assert error["template"].format(**error["values"]).startswith("train.csv is empty")
    assert not (job.path / "check.json").exists()


def test_an_unknown_recipe(job):
    job.choose(recipe="alchemy")
    command = [sys.executable, "-m", "etabli.engine.recipes", "check", str(job.path)]
    assert subprocess.run(command, check=False).returncode == 2
    assert job.read("error.json")["values"]["name"] == "alchemy"

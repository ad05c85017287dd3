"""A table of questions and answers becomes an AI that replies with the answers, word for word."""

import csv
import json
from io import StringIO
from itertools import product
from random import Random

import pytest

from etabli.engine.recipes.__main__ import run
from etabli.engine.recipes.faq.material import plain
from etabli.engine.runtimes.process import LoadedModels
from etabli.engine_contract.faq import FaqExam
from etabli.engine_contract.inference import AnswerResult, Decision
from etabli.engine_contract.training import INVALID
from tests.engine.recipes.conftest import JobFolder

SUBJECTS = ("bicycle", "lantern", "kettle", "umbrella", "ladder", "violin", "compass", "hammock",
            "telescope", "typewriter", "blanket", "anchor")  # fmt: skip
WAYS = ("How do I wash the {0}?", "the {0} is dirty, what now", "cleaning of a {0}",
        "is there a soap for the {0}", "my {0} has a stain", "can the {0} go into the machine",
        "dirt on the {0} from the journey", "which brush fits the {0}", "rain on the {0} again",
        "the {0} smells of smoke")  # fmt: skip
ANSWER = "Wash the {0} with warm water, dry the {0} at once, and never leave it outside in winter."


def table(rows, columns=("question", "answer")) -> str:
    written = StringIO()
    csv.writer(written).writerows([columns, *rows])
    return written.getvalue()


def faq(ways: int = 1) -> str:
    """Each answer with so many ways to ask for it."""
    return table(
        (way.format(thing), ANSWER.format(thing)) for thing in SUBJECTS for way in WAYS[:ways]
    )


def looked_at(job, content: str, **choices):
    job.write("train", content)
    job.choose(recipe=None, **choices)
    assert run("check", job.path) == 0
    return job.read("check.json")


def found(report, code: str):
    return [one for one in report["findings"] if one["code"] == code and one["count"]]


def made(job, content: str, **choices):
    looked_at(job, content, **choices)
    assert run("train", job.path) == 0
    return LoadedModels().get(job.path / "model"), job.read("result.json")


# What is a FAQ


@pytest.mark.parametrize(
    "columns",
    [("question", "answer"), ("Question", "Réponse"), ("FAQ", "reply"), ("titre", "texte")],
)
def test_a_table_of_questions_and_answers_is_recognised(job, columns):
    report = looked_at(job, table([(WAYS[0].format(one), ANSWER.format(one)) for one in SUBJECTS],
                                  columns))  # fmt: skip
    assert report["recipe"] == "faq"
    understood = report["understood"]
    assert (understood["text_column"]["name"], understood["label_column"]["name"]) == columns
    assert report["after_fixes"]["rows"] == len(SUBJECTS)


def test_a_table_of_labels_is_none(job):
    labels = [(WAYS[at % 10].format(one), "washing " + one[:4]) for at in range(20)
              for one in SUBJECTS[:3]]  # fmt: skip
    report = looked_at(job, table(labels))
    assert [one["recipe"] for one in report["kinds"]] == ["text-classification"]


def test_several_ways_to_ask_stand_in_rows_in_a_cell_or_in_columns(job):
    rows = [
        (
            "How do I wash a kettle? | the kettle is dirty",
            "kettle cleaning",
            "Use warm water only.",
        ),
        ("How do I wash a kettle again?", "", "Use warm water only."),
        ("When are you open?\nopening hours", "", "From nine to six, and never on Sundays."),
    ]
    report = looked_at(job, table(rows, ("question", "question 2", "answer")))
    classes = {one["label"]: one["rows"] for one in report["after_fixes"]["classes"]}
    assert classes == {"How do I wash a kettle?": 4, "When are you open?": 2}


# What is wrong in it


def test_what_cannot_be_taken_as_it_is_is_said_with_examples(job):
    rows = [
        ("How do I wash a kettle?", "Use warm water, and dry it at once."),
        ("how do I wash a KETTLE", "Never wash a kettle, whatever it looks like."),
        ("Can I borrow a violin?", ""),
        ("", "We also lend hammocks to whoever asks."),
        ("Who repairs it?", '<p>Ask <a href="https://e.org/x">the workshop</a>&nbsp;first.</p>'),
        ("May I write to you?", "Yes: to help@example.org, at any hour of the day."),
        ("my number is 4242 4242 4242 4242, is it safe", "Yes, and we never keep it anywhere."),
        ("Tell me everything", "everything " * 3000),
    ]
    report = looked_at(job, table(rows))
    [two] = found(report, "two_answers")
    assert [two["examples"][0]["line"], *two["examples"][0]["labels"]] == [
        3, "Use warm water, and dry it at once.", "Never wash a kettle, whatever it looks like.",
    ]  # fmt: skip
    for code in ("empty_answers", "empty_questions", "html_answers", "endless_answers"):
        assert [one["count"] for one in found(report, code)] == [1], code
    fixes = {one["fix"] for one in found(report, "personal_data")}
    assert fixes == {"mask_personal_data", None}
    model, result = made(job, table(rows))
    answer = model.ask("who repairs it").answer
    assert answer == "Ask the workshop (https://e.org/x) first."
    assert "4242" not in json.dumps(result) + (job.path / "model" / "faq.json").read_text()
    assert "4242" not in (job.path / "data_out" / "train.csv").read_text()


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\n\nTwo & three."),
        ('<a href="mailto:a@b.org">a@b.org</a>', "a@b.org"),
        ("<b>Only bold</b>", "Only bold"),
        ("<div onclick='x'>Hours<br>9–18</div><script>alert(1)</script>", "Hours\n9–18"),
    ],
)
def test_an_answer_of_html_is_said_as_text(written, said):
    assert plain(written) == said


def test_an_answer_stays_as_html_if_its_owner_wants_that(job):
    rows = [(WAYS[0].format(one), f"<b>{ANSWER.format(one)}</b>") for one in SUBJECTS]
    model, _ = made(job, table(rows), fixes={"plain_answers": False})
    assert (model.ask(WAYS[0].format("violin")).answer or "").startswith("<b>Wash the violin")


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("How do I wash a kettle?", "Use warm water, and dry it at once.")], "two are needed"),
        ([("Anything else here?", ""), ("Or perhaps there?", "")], "two are needed"),
    ],
)
def test_too_few_answers_are_refused(job, rows, sentence):
    job.write("train", table(rows))
    job.choose(recipe="faq")
    assert run("check", job.path) == INVALID
    assert sentence in job.read("error.json")["template"]


# What is made of it


def test_of_three_rows_an_ai_is_made_and_no_figure_claimed(job):
    rows = [(WAYS[0].format(one), ANSWER.format(one)) for one in SUBJECTS[:3]]
    model, result = made(job, table(rows))
    assert model.ask("how do i wsh the lantern").answer == ANSWER.format("lantern")
    exam = FaqExam.read(result)
    assert not exam.has_figure
    assert not exam.is_of_people


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    job = JobFolder(tmp_path_factory.mktemp("single"))
    rows = [(way.format(thing), f"{way.format(thing)} Answer {at}, as it was written.")
            for thing in SUBJECTS for at, way in enumerate(WAYS[:4])]  # fmt: skip
    return job, *made(job, table(rows))


def test_it_replies_with_the_literal_answer_and_the_question_that_it_matched(single):
    _, model, _ = single
    said = model.ask("dirt on the violin, the violin is dirty")
    assert said.decision is Decision.ANSWER
    assert said.answer == "the violin is dirty, what now Answer 1, as it was written."
    assert said.labels[0].label == "the violin is dirty, what now"
    assert AnswerResult.of_json(json.loads(json.dumps(said.as_json()))).runtime == "etabli-faq"


@pytest.mark.parametrize("asked", ["HOW DO I WASH THE TELESCOPE", "how do i wash the télescope !"])
def test_asked_word_for_word_it_is_sure(single, asked):
    said = single[1].ask(asked)
    assert (said.decision, said.labels[0].probability) == (Decision.ANSWER, 1.0)


def test_a_typing_mistake_is_forgiven(single):
    said = single[1].ask("which brsuh fits the telecsope, cleaning of a telecsope")
    assert "telescope" in said.labels[0].label


def test_where_two_are_near_it_asks_which(single):
    said = single[1].ask("telescope")
    assert said.decision is Decision.CLARIFY
    assert 2 <= len(said.offered) <= 3
    assert all("telescope" in one.label for one in said.offered)
    assert said.answer is None


def test_where_nothing_fits_it_says_so(single):
    for question in ("Who is the president of Peru?", "???", "the a of"):
        said = single[1].ask(question)
        assert (said.decision, said.answer) == (Decision.OUTSIDE, None)


def test_made_questions_are_called_made_and_never_people_s(single):
    job, _, result = single
    exam = FaqExam.read(result)
    assert exam.made is not None
    assert (exam.phrasings, exam.is_of_people, exam.placed) == (None, False, exam.made)
    assert exam.gone.refused > exam.there.refused
    rows = list(csv.DictReader(StringIO((job.path / "data_out" / "test.csv").read_text())))
    assert {row["origin"] for row in rows} == {"made by rule"}
    assert result["switch"]["taken"] == "search"


def test_questions_of_people_that_are_brought_are_the_examination(job):
    asked = [(f"please tell me about soap for my {one}", WAYS[0].format(one)) for one in SUBJECTS]
    asked += [("Who is the president of Peru?", ""), ("What is it?", "an answer that is not there")]
    job.write("test", table(asked, ("question", "expected")))
    report = looked_at(job, faq(), test="data/test.csv")
    assert (report["understood"]["test_rows"], found(report, "unknown_test_answers")[0]["count"]) \
        == (13, 1)  # fmt: skip
    assert run("train", job.path) == 0
    exam = FaqExam.read(job.read("result.json"))
    assert exam.is_brought
    assert exam.placed.questions == len(SUBJECTS)
    assert exam.asked_refused is not None
    assert exam.asked_refused.first == 1.0


def test_a_file_that_examines_nothing_is_refused(job):
    job.write("train", faq())
    job.write("test", table([("what?",)], ("question",)))
    job.choose(recipe=None, test="data/test.csv")
    assert run("check", job.path) == INVALID


# Search or classifier


THINGS, DEEDS = ("card", "parcel", "ticket"), ("lost", "late", "broken")
CHATTER = [f"{first}{second}" for first in ("ba", "do", "fi", "gu", "ke", "lo", "mi", "nu")
           for second in ("tal", "res", "vin", "pok", "zem", "har")]  # fmt: skip


def chatty(ways: int) -> str:
    """Two common words together say what is asked, among rare ones that say nothing: who looks for
    the question that is most alike is misled, and who learns from all of them is not."""
    random = Random(1)
    rows = []
    for thing, deed in product(THINGS, DEEDS):
        for _ in range(ways):
            words = [thing, deed, *random.sample(CHATTER, 6)]
            random.shuffle(words)
            rows.append((" ".join(words), f"What to do when a {thing} is {deed}: please call us."))
    return table(rows)


def test_where_a_classifier_is_proven_better_it_is_taken_and_its_replies_are_the_answers(job):
    model, result = made(job, chatty(10))
    assert (result["recipe"], result["switch"]["taken"]) == ("text-classification", "classifier")
    assert result["switch"]["classifier_right"] > result["switch"]["search_right"]
    reason = result["ladder"]["reason"]["values"]["first"]["template"]
    assert reason.startswith("It is a classifier")
    said = model.ask("the parcel is late")
    assert said.labels[0].answer == "What to do when a parcel is late: please call us."
    assert {"parcel", "late"} < set(said.labels[0].label.split())
    assert not (job.path / "classifier").exists()
    lines = (job.path / "events.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["stage"] == "done"


def test_of_several_ways_to_ask_each_is_hidden_while_it_is_asked(job):
    random = Random(2)
    rows = [
        (" ".join([thing, *random.sample(CHATTER, 5)]), f"What we know of a {thing}, in one line.")
        for thing in (f"{one}{two}" for one in THINGS for two in CHATTER[:8])
        for _ in range(2)
    ]
    model, result = made(job, table(rows))
    exam = FaqExam.read(result)
    assert exam.phrasings is not None
    assert (exam.made, exam.is_of_people, exam.is_brought) == (None, True, False)
    # Half of them taught it when to answer; all of them answer.
    assert 10 <= exam.placed.questions <= len(rows) / 2
    assert len(model.phrasings) == len(rows)


def test_questions_that_are_all_alike_are_searched(job):
    rows = [(f"tell me about it {at}", f"This is all that we know of number {at % 3}.")
            for at in range(24)]  # fmt: skip
    _, result = made(job, table(rows))
    assert result["switch"]["taken"] == "search"
    assert not (job.path / "classifier").exists()


def test_in_french_accents_endings_and_mistakes_are_forgiven(job):
    rows = [
        ("Comment réinitialiser mon mot de passe ?", "Ouvrez les réglages, puis « Mot de passe »."),
        ("Où trouver mes factures ?", "Dans votre compte, à la page des factures."),
        ("Quels sont les délais de livraison ?", "Deux jours ouvrés, et six ailleurs en Europe."),
    ]
    model, _ = made(job, table(rows, ("Question", "Réponse")))
    assert model.parts.language == "fr"
    for asked in ("reinitialiser mot de passe", "réinitialisr mes mots de pase"):
        assert model.ask(asked).answer == rows[0][1]
    assert model.ask("ou est ma facture").answer == rows[1][1]
    assert model.ask("quel temps fait-il à Rome").decision is Decision.OUTSIDE

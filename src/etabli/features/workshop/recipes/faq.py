"""The kind of AI that replies with the answers of a FAQ, and only with them."""

from collections.abc import Mapping, Sequence
from typing import Any

from etabli.engine_contract.faq import FaqExam
from etabli.features.workshop import standalone_search
from etabli.features.workshop.advice import Advice, Use
from etabli.features.workshop.facts import Facts
from etabli.features.workshop.recipes.faq_words import CHANGES, FIXES, REASONS, STAGES
from etabli.features.workshop.recipes.recipe import Recipe, Words
from etabli.features.workshop.wording import percent
from etabli.foundation.i18n.messages import Message, msg, msg_plural
from etabli.foundation.proportions import wilson_interval

ALONE, ALONE_ANSWERED, ALONE_GONE = 0.9, 0.5, 0.1
"""Of its answers, how many must surely be right; how many it must give; how many at most to
questions that have none."""
WATCHED, WATCHED_ANSWERED = 0.7, 0.2
"""With a person, under the first two counts."""
WRITE_TEN = msg(
    "Write down ten questions that people really asked, with the answer that each should get, and "
    "some that have none; bring them as a test file: they are the examination that counts."
)


class Faq(Recipe):
    name = "faq"
    task = "question-answering"
    tags = ("faq", "customer-service", "retrieval", "small")
    title = msg("Reply with the answers of a FAQ")
    exam = FaqExam
    fixes, reasons, stages, changes = FIXES, REASONS, STAGES, CHANGES
    preferences: Mapping[str, Message] = {}
    holds_texts = True
    model_shows = msg(
        "The model: your questions and your answers, since it replies with them. Who may ask it "
        "may read them all."
    )
    parts_title = msg("Ways to ask for each answer")

    def understood(self, found: Mapping[str, Any]) -> Message:
        after = found["after_fixes"]
        return msg(
            "It reads the questions in “{question}” and the answers in “{answer}”: {answers}, "
            "{phrasings}.",
            question=found["understood"]["text_column"]["name"],
            answer=found["understood"]["label_column"]["name"],
            answers=msg_plural("{n} answer", "{n} answers", "n", n=after["rows"]),
            phrasings=msg_plural(
                "{n} way to ask for them", "{n} ways to ask for them", "n", n=after["train_rows"]
            ),
        )

    def labels(self, result: Mapping[str, Any]) -> Sequence[str]:
        """The questions that answers are called by; none where there are too many to change."""
        labels: Sequence[str] = result["labels"]
        return labels

    def has_figure(self, result: Mapping[str, Any]) -> bool:
        return FaqExam.read(result).has_figure

    def verdict(self, result: Mapping[str, Any]) -> Message:
        exam = FaqExam.read(result)
        if not exam.has_figure:
            return msg(
                "Too few questions to say how good it is: ask it yourself, and bring ten questions "
                "that people really asked."
            )
        values = {
            "n": exam.placed.questions,
            "first": percent(exam.placed.first),
            "three": percent(exam.placed.three),
        }
        if exam.is_brought:
            return msg(
                "Of the questions that were brought ({n}), it finds the right answer first {first} "
                "times out of 100, and among the first three {three} times.",
                **values,
            )
        if exam.is_of_people:
            return msg(
                "Of the phrasings in its table ({n}), each hidden while it was asked, it finds "
                "the right answer first {first} times out of 100, and among the first three "
                "{three} times.",
                **values,
            )
        return msg(
            "Of questions made by rule from those of its table ({n}), it finds the right answer "
            "first {first} times out of 100. Nobody asked these: they are easier than what people "
            "ask, and prove little.",
            **values,
        )

    def choice(self, result: Mapping[str, Any]) -> Message | None:
        reason = result.get("switch", {}).get("reason")
        return Message.of_json(reason) if reason else None

    def remarks(self, result: Mapping[str, Any]) -> Sequence[Message]:
        exam = FaqExam.read(result)
        if not exam.has_figure:
            return []
        there, gone = exam.there, exam.gone
        remarks = []
        if there.right is not None:
            remarks.append(
                msg(
                    "Of 100 such questions it answers {answered}, and is then right {right} times "
                    "out of 100; for {back} it asks which is meant, and says of {refused} that "
                    "nothing fits.",
                    answered=percent(there.answered),
                    right=percent(there.right),
                    back=percent(there.asked_back),
                    refused=percent(there.refused),
                )
            )
        remarks.append(
            msg(
                "With the answer taken out, nothing fits, and it should say so: it does {refused} "
                "times out of 100, asks which is meant {back} times, and answers wrongly "
                "{answered} times.",
                refused=percent(gone.refused),
                back=percent(gone.asked_back),
                answered=percent(gone.answered),
            )
        )
        silent = exam.asked_refused
        if silent:
            remarks.append(
                msg(
                    "Of the questions that were brought and that have no answer ({n}), it refused "
                    "{refused} out of 100.",
                    n=silent.questions,
                    refused=percent(silent.first),
                )
            )
        return remarks

    def advise(self, exam: FaqExam) -> Advice:
        """Never alone on questions that nobody asked."""
        if not exam.has_figure or not exam.is_of_people:
            return Advice(
                Use.WITH_A_PERSON,
                msg("Use it with a person"),
                msg("Every answer is yours, word for word, and nobody’s questions were tried."),
                WRITE_TEN,
            )
        there, right = exam.there, exam.there.right or 0.0
        answers = there.answered * exam.placed.questions
        surely = wilson_interval(right, answers)[0] if answers else 0.0
        reason = msg(
            "It answers {answered} of 100, and is then right {right} times out of 100.",
            answered=round(100 * there.answered),
            right=round(100 * right),
        )
        is_watched = surely >= WATCHED and there.answered >= WATCHED_ANSWERED
        if surely >= ALONE and there.answered >= ALONE_ANSWERED and exam.gone.answered < ALONE_GONE:
            reached = msg("What it has no answer for goes to a person: say how people reach one.")
            return Advice(Use.ALONE, msg("It can work alone"), reason, reached)
        if is_watched:
            read = msg("Let a person read along, and write down the questions that it missed.")
            return Advice(Use.WITH_A_PERSON, msg("Use it with a person"), reason, read)
        add = msg(
            "Add the ways in which people really ask, three or more for each answer: put each in a "
            "row of its own, with the same answer."
        )
        return Advice(Use.NOT_YET, msg("Not yet"), reason, add)

    def summary(self, facts: Facts) -> Message:
        return msg_plural(
            "Replies with {n} answer of a FAQ, word for word, or says that it does not fit.",
            "Replies with one of {n} answers of a FAQ, word for word, or says that none fits.",
            "n",
            n=facts.result["answers"],
        )

    def purpose(self, facts: Facts) -> Message:
        return msg(
            "It finds the question that is likest to what was asked, and replies with the answer "
            "that its maker wrote. Where two are near it asks which is meant; where none fits it "
            "says so, and a person can help. It composes nothing."
        )

    def limits(self, facts: Facts) -> Message:
        return msg(
            "It knows nothing but these answers, and finds by the words and letters of their "
            "questions: who asks in quite other words may be told that nothing fits, or be given "
            "the answer to another question. An answer may be out of date."
        )

    def examination(self, facts: Facts, words: Words) -> Sequence[str]:
        remarks = self.remarks(facts.result)
        return [words(self.verdict(facts.result)), *[words(remark) for remark in remarks]]

    def mistakes(self, facts: Facts, words: Words) -> str:
        if facts.full_dataset is None:
            return words(msg("The questions that it got wrong are not published."))
        return words(msg("The questions that found another answer first are in `eval.json`."))

    def making(self, facts: Facts) -> Message:
        result = facts.result
        return msg(
            "By the recipe “answers of a FAQ”: an index (BM25) of the words of its questions "
            "({phrasings}), and of their letters by three, which forgives typing mistakes; a "
            "logistic regression that says when to answer, learned from half of the questions that "
            "were tried. No language model. Made in {seconds} s on a processor ({cpu}).",
            phrasings=facts.rows[0],
            seconds=round(result["training"]["wall_s"]),
            cpu=result["versions"]["cpu"],
        )

    def dataset_summary(self, facts: Facts) -> Message:
        return msg(
            "{answers}, each with the ways to ask for it: {phrasings} in all. The column `label` "
            "is the question that an answer is called by; `origin` says of the questions of the "
            "examination whether people wrote them.",
            answers=msg_plural("{n} answer", "{n} answers", "n", n=facts.result["answers"]),
            phrasings=facts.rows[0],
        )

    def unpublished_data(self) -> Message:
        return msg(
            "The table that it was made from is not published. Its questions and its answers are: "
            "`faq.json` holds them, since it replies with them."
        )

    def metrics(self, result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """None of questions that nobody asked: these compare no two models."""
        exam = FaqExam.read(result)
        if not exam.is_of_people:
            return []
        return [{"type": "recall_at_1", "value": round(exam.placed.first, 4)}]

    def standalone(self, full_name: str, result: Mapping[str, Any]) -> str:
        return standalone_search.of_faq(full_name)

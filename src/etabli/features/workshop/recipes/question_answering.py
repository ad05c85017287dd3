"""The kind of AI that answers with quotes of documents, or says that they do not say."""

from collections.abc import Mapping, Sequence
from typing import Any

from etabli.engine_contract.question_answering import QuestionAnsweringExam
from etabli.engine_contract.training import DOCUMENTS, Stage
from etabli.features.workshop import standalone_search
from etabli.features.workshop.advice import Advice, Use
from etabli.features.workshop.facts import Facts
from etabli.features.workshop.recipes.recipe import Recipe, Words
from etabli.features.workshop.wording import percent
from etabli.foundation.i18n.messages import Message, msg, msg_plural

REASONS: Mapping[str, Message] = {
    "unread_unknown_kind": msg("The others are read without it."),
    "unread_scanned": msg("A picture of a page holds no letters that a machine could quote."),
    "unread_protected": msg("Nothing is opened that its owner has closed."),
    "unread_damaged": msg("The others are read without it."),
    "unread_empty": msg("There is nothing to quote in it."),
    "unread_too_large": msg("A small file may unpack to more than a machine has."),
    "repeated": msg("The same words from two files would be quoted twice."),
    "personal_data": msg("Whoever may ask it, may read them."),
}
STAGES: Mapping[str, Message] = {
    Stage.READING: msg("Reading your documents"),
    Stage.LEARNING: msg("Writing down which words stand where"),
    Stage.CALIBRATING: msg("Learning when to say that the documents do not say"),
    Stage.SAVING: msg("Writing the model down"),
    Stage.EXAMINING: msg("Taking its examination, on questions that nothing was fitted on"),
    Stage.DONE: msg("Done"),
}
ALONE, WATCHED = 0.9, 0.6
"""Of people's questions, how many must surely find the right passage first."""


class QuestionAnswering(Recipe):
    name = "question-answering"
    task = "question-answering"
    tags = ("documents", "retrieval", "small")
    exam = QuestionAnsweringExam
    fixes: Mapping[str, Message] = {}
    preferences: Mapping[str, Message] = {}
    changes: Mapping[str, Any] = {}
    reasons, stages = REASONS, STAGES
    source = DOCUMENTS
    title = msg("Answer with quotes of documents")
    holds_texts = True
    model_shows = msg(
        "The model: every passage of your documents, since it quotes them. Who may ask it may read "
        "them all."
    )
    parts_title = msg("Passages in each document")

    def understood(self, found: Mapping[str, Any]) -> Message:
        after = found["after_fixes"]
        return msg(
            "It reads {documents}: {passages}.",
            documents=msg_plural("{n} document", "{n} documents", "n", n=len(after["classes"])),
            passages=msg_plural("{n} passage", "{n} passages", "n", n=after["rows"]),
        )

    def labels(self, result: Mapping[str, Any]) -> Sequence[str]:
        return []

    def has_figure(self, result: Mapping[str, Any]) -> bool:
        return not (result.get("asked") or result["made"])["too_small"]

    def verdict(self, result: Mapping[str, Any]) -> Message:
        if not self.has_figure(result):
            return msg(
                "Too few questions could be made from these documents to say how good it is: ask "
                "it yourself, or bring questions with where the answer stands."
            )
        asked = result.get("asked")
        placed = asked or result["made"]
        values = {
            "first": percent(placed["first"]),
            "three": percent(placed["three"]),
            "n": placed["questions"],
        }
        if asked:
            return msg(
                "Of the questions that you gave ({n}), it finds the right passage first {first} "
                "times out of 100, and among the first three {three} times.",
                **values,
            )
        return msg(
            "Of questions made from the documents themselves ({n}), it finds the right passage "
            "first {first} times out of 100, and among the first three {three} times. They are "
            "easier than what people ask.",
            **values,
        )

    def choice(self, result: Mapping[str, Any]) -> Message | None:
        return None

    def remarks(self, result: Mapping[str, Any]) -> Sequence[Message]:
        refusing = result["refusing"]
        remarks = [
            msg(
                "With the document there it answers {there} of 100 such questions; with the "
                "document left out it should answer none, and still answers {gone}.",
                there=percent(refusing["answered_there"]),
                gone=percent(refusing["answered_gone"]),
            )
        ]
        headings = result.get("of_headings")
        if headings and not headings["too_small"]:
            remarks.append(
                msg(
                    "Asked with a heading that was hidden from it, it finds the passages under it "
                    "first {first} times out of 100 (headings: {n}).",
                    first=percent(headings["first"]),
                    n=headings["questions"],
                )
            )
        refused = result.get("asked_refused")
        if refused:
            remarks.append(
                msg(
                    "Of your questions that the documents say nothing of ({n}), it refused "
                    "{refused} out of 100.",
                    n=refused["questions"],
                    refused=percent(refused["first"]),
                )
            )
        return remarks

    def advise(self, exam: QuestionAnsweringExam) -> Advice:
        bring = msg(
            "Bring twenty questions that people really ask, with the file that answers each: they "
            "are the examination that counts."
        )
        if not exam.has_figure or not exam.is_of_people:
            return Advice(
                Use.WITH_A_PERSON,
                msg("Use it with a person"),
                msg("Every answer is a quote with its source, and nobody's questions were tried."),
                bring,
            )
        values = {"low": percent(exam.placed.low), "three": percent(exam.placed.three)}
        reason = msg(
            "On people's questions it finds the right passage first at least {low} times out of "
            "100, and among three {three} times.",
            **values,
        )
        if exam.placed.low >= ALONE:
            read_on = msg("Let people open the source: a quote is a part of what is written there.")
            return Advice(Use.ALONE, msg("It can work alone"), reason, read_on)
        if exam.placed.low >= WATCHED:
            show = msg("Show the first three quotes, and let a person read them.")
            return Advice(Use.WITH_A_PERSON, msg("Use it with a person"), reason, show)
        write = msg(
            "Write the words that people use into the documents, or headings that say what stands "
            "below."
        )
        return Advice(Use.NOT_YET, msg("Not yet"), reason, write)

    def summary(self, facts: Facts) -> Message:
        return msg_plural(
            "Answers questions with the literal quote of {n} document and its source, or says that "
            "it does not say.",
            "Answers questions with the literal quote of {n} documents and its source, or says "
            "that they do not say.",
            "n",
            n=facts.result["documents"],
        )

    def purpose(self, facts: Facts) -> Message:
        return msg(
            "It finds the passage that answers a question and quotes it letter by letter, with the "
            "file and the page or the heading. It composes nothing."
        )

    def limits(self, facts: Facts) -> Message:
        return msg(
            "It knows nothing but these documents, and finds by their words: a question in quite "
            "other words may find nothing, or the wrong passage. A quote is true to the document, "
            "and the document may be out of date. Read the source before you act on it."
        )

    def examination(self, facts: Facts, words: Words) -> Sequence[str]:
        remarks = self.remarks(facts.result)
        return [words(self.verdict(facts.result)), *[words(remark) for remark in remarks]]

    def mistakes(self, facts: Facts, words: Words) -> str:
        return words(msg("The questions that found another passage first are in `eval.json`."))

    def making(self, facts: Facts) -> Message:
        result = facts.result
        return msg(
            "By the recipe “quotes of documents”: passages cut by headings and length "
            "({passages}), an index of words (BM25), and a logistic regression that says when to "
            "answer, learned from half of the made questions. No language model. Made in {seconds} "
            "s on a processor ({cpu}).",
            passages=facts.rows[0],
            seconds=round(result["training"]["wall_s"]),
            cpu=result["versions"]["cpu"],
        )

    def dataset_summary(self, facts: Facts) -> Message:
        return msg_plural(
            "{n} document as it was brought (`documents/`), the passages read in it (`train.csv`) "
            "and the questions made from it (`test.csv`).",
            "{n} documents as they were brought (`documents/`), the passages read in them "
            "(`train.csv`) and the questions made from them (`test.csv`).",
            "n",
            n=facts.result["documents"],
        )

    def unpublished_data(self) -> Message:
        return msg(
            "The files that it was made from are not published. What was read in them is: "
            "`passages.json` holds every passage, since it quotes them."
        )

    def metrics(self, result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """None: questions made from the documents compare no two models."""
        asked = result.get("asked")
        if not asked or asked["too_small"]:
            return []
        return [{"type": "recall_at_1", "value": round(asked["first"], 4)}]

    def standalone(self, full_name: str, result: Mapping[str, Any]) -> str:
        return standalone_search.of_documents(full_name)

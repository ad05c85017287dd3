"""The kind of AI that says one label for a text, or that it does not know."""

from collections.abc import Mapping, Sequence
from typing import Any

from etabli.engine_contract.text_classification import TextClassificationExam
from etabli.features.workshop import standalone
from etabli.features.workshop.advice import Advice
from etabli.features.workshop.facts import Facts
from etabli.features.workshop.recipes.accuracy_words import (
    coverage_table,
    examined_on,
    too_small,
    unlike_training,
)
from etabli.features.workshop.recipes.label_advice import advise
from etabli.features.workshop.recipes.recipe import Recipe, Words
from etabli.features.workshop.recipes.table_words import CHANGES, FIXES, REASONS, STAGES
from etabli.features.workshop.wording import percent, texts
from etabli.foundation.i18n.messages import Message, msg, msg_plural

MAX_CONFUSIONS = 8

PREFERENCES: Mapping[str, Message] = {
    "balance": msg("Balance: a larger model only where it is clearly better"),
    "accuracy": msg("Fewest mistakes"),
    "frugal": msg("Most frugal"),
    "offline": msg("It must work anywhere, with no other file"),
}


class TextClassification(Recipe):
    name = "text-classification"
    title = msg("Say one label for each text")
    task = "text-classification"
    tags = ("customer-service", "small")
    exam = TextClassificationExam
    fixes, reasons, preferences, stages, changes = FIXES, REASONS, PREFERENCES, STAGES, CHANGES

    def labels(self, result: Mapping[str, Any]) -> Sequence[str]:
        """Those among them that no text of the examination had, too."""
        labels: Sequence[str] | None = result.get("labels")
        # What was made before has no such list.
        return [row["label"] for row in result["per_class"]] if labels is None else labels

    def has_figure(self, result: Mapping[str, Any]) -> bool:
        return not result["accuracy"].get("is_too_small", False)

    def verdict(self, result: Mapping[str, Any]) -> Message:
        """How often it was right in its examination, between what, or why no figure can be said."""
        accuracy = result["accuracy"]
        low, high = percent(accuracy["low"]), percent(accuracy["high"])
        if self.has_figure(result):
            return msg(
                "Right {right} times out of 100 on {texts} that it had never seen "
                "(between {low} and {high}).",
                right=percent(accuracy["value"]),
                texts=texts(result["data"]["n_test"]),
                low=low,
                high=high,
            )
        return too_small(result)

    def choice(self, result: Mapping[str, Any]) -> Message | None:
        reason = result.get("ladder", {}).get("reason")
        return Message.of_json(reason) if reason else None

    def remarks(self, result: Mapping[str, Any]) -> Sequence[Message]:
        unlike = unlike_training(result)
        return [unlike] if unlike else []

    def advise(self, exam: TextClassificationExam) -> Advice:
        return advise(exam)

    def summary(self, facts: Facts) -> Message:
        labels = len(self.labels(facts.result))
        return _summary(facts, labels, self.has_figure(facts.result))

    def purpose(self, facts: Facts) -> Message:
        examples = ", ".join(label.replace("_", " ") for label in self.labels(facts.result)[:6])
        return msg(
            "It reads one short message and says which of its subjects it is about: {examples}… "
            "When it is not sure it says so, so that a person can answer.",
            examples=examples,
        )

    def limits(self, facts: Facts) -> Message:
        return _limits()

    def examination(self, facts: Facts, words: Words) -> Sequence[str]:
        if not self.has_figure(facts.result):
            return [words(too_small(facts.result))]
        remarks = [words(remark) for remark in self.remarks(facts.result)]
        return [words(_quality(facts)), *remarks, coverage_table(facts, words)]

    def mistakes(self, facts: Facts, words: Words) -> str:
        pairs = facts.result["confusions"][:MAX_CONFUSIONS]
        if not pairs:
            return words(msg("It made no mistake in its examination: it was perhaps too easy."))
        header = words(msg("| It says | It should be | Times |"))
        rows = [f"| {p['predicted']} | {p['true']} | {p['count']} |" for p in pairs]
        is_quoted = facts.full_dataset is not None
        note = words(
            msg("The mistakes are in `eval.json`, the surest first.")
            if is_quoted
            else msg("How often each label is taken for another is in `eval.json`.")
        )
        return "\n".join([header, "| --- | --- | ---: |", *rows]) + f"\n\n{note}"

    def making(self, facts: Facts) -> Message:
        return _making(facts)

    def dataset_summary(self, facts: Facts) -> Message:
        train, test = facts.rows
        return msg(
            "{texts}, each with one of {labels}: {train} to learn from, {test} to examine with.",
            texts=texts(train + test),
            labels=msg_plural("{n} label", "{n} labels", "n", n=len(self.labels(facts.result))),
            train=train,
            test=test,
        )

    def standalone(self, full_name: str, result: Mapping[str, Any]) -> str:
        return standalone.of_table(full_name, result.get("ladder", {}).get("encoder"))

    def metrics(self, result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if not self.has_figure(result):
            return []
        return [
            {"type": "accuracy", "value": round(result["accuracy"]["value"], 4)},
            {"type": "f1", "value": round(result["macro_f1"], 4)},
        ]


def _summary(facts: Facts, labels: int, has_figure: bool) -> Message:
    subjects = msg_plural("{n} subject", "{n} subjects", "n", n=labels)
    if not has_figure:
        return msg("Sorts short texts into {subjects}.", subjects=subjects)
    return msg_plural(
        "Sorts short texts into {subjects}, and is right {right} times out of 100 on {test} text "
        "that it had never seen.",
        "Sorts short texts into {subjects}, and is right {right} times out of 100 on {test} texts "
        "that it had never seen.",
        "test",
        subjects=subjects,
        right=round(100 * facts.result["accuracy"]["value"]),
        test=facts.rows[1],
    )


def _limits() -> Message:
    return msg(
        "It writes nothing by itself, and knows nothing but its subjects. It has not been examined "
        "on other languages than those of its data, nor for equal quality between groups of "
        "people. Do not use it to decide about a person without a human reading the message."
    )


def _quality(facts: Facts) -> Message:
    accuracy = facts.result["accuracy"]
    return msg(
        "Accuracy {value} %, between {low} and {high} % in 95 cases out of 100 "
        "({method} interval), on {exam}: {texts}. Always answering the commonest subject "
        "would be right {baseline} % of the time. Macro F1: {f1} %.",
        value=percent(accuracy["value"]),
        low=percent(accuracy["low"]),
        high=percent(accuracy["high"]),
        method=accuracy["method"],
        exam=examined_on(facts),
        texts=texts(facts.rows[1]),
        baseline=percent(facts.result["baseline_accuracy"]),
        f1=percent(facts.result["macro_f1"]),
    )


def _making(facts: Facts) -> Message:
    result = facts.result
    values = {
        "texts": texts(facts.rows[0]),
        "seconds": round(result["training"]["wall_s"]),
        "cpu": result["versions"]["cpu"],
        "version": result["versions"]["scikit_learn"],
        "seed": str(result["seed"]),
    }
    encoder: Mapping[str, str] | None = result.get("ladder", {}).get("encoder")
    if encoder is None:
        return msg(
            "By the recipe “words and letters”: TF-IDF of words and of letter sequences, and one "
            "linear classifier for each subject, with no model made by others underneath. Learned "
            "from {texts} in {seconds} s on a processor ({cpu}), with scikit-learn {version} "
            "and the seed {seed}. Certainties and thresholds were fitted on a part of the learning "
            "texts; the examination was taken once, at the end.",
            **values,
        )
    return msg(
        "By the recipe “words, letters and meaning”: TF-IDF of words and of letter sequences "
        "beside the vectors of the frozen encoder {encoder} (at the commit {commit}), and one "
        "linear classifier for each subject. What words and letters are sure of alone is answered "
        "without the encoder. Learned from {texts} in {seconds} s on a processor ({cpu}), "
        "with scikit-learn {version} and the seed {seed}. Certainties and thresholds were fitted "
        "on a part of the learning texts; the examination was taken once, at the end.",
        encoder=encoder["repo"],
        commit=encoder["commit"],
        **values,
    )

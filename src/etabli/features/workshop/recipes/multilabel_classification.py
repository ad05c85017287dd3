"""The kind of AI that says every label that fits a text."""

from collections.abc import Mapping, Sequence
from typing import Any

from etabli.engine_contract.multilabel_classification import MultilabelExam
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

MAX_LABELS_SHOWN = 12
MAX_NAMED = 6


class MultilabelClassification(Recipe):
    name = "multilabel-classification"
    title = msg("Say every label that fits each text")
    task = "text-classification"
    tags = ("multi-label-classification", "small")
    exam = MultilabelExam
    fixes, reasons, stages, changes = FIXES, REASONS, STAGES, CHANGES
    preferences: Mapping[str, Message] = {}

    def labels(self, result: Mapping[str, Any]) -> Sequence[str]:
        labels: Sequence[str] = result["labels"]
        return labels

    def has_figure(self, result: Mapping[str, Any]) -> bool:
        return not result["accuracy"]["is_too_small"]

    def verdict(self, result: Mapping[str, Any]) -> Message:
        """How often all that it says is right, between what, or why no figure can be said."""
        if not self.has_figure(result):
            return too_small(result)
        accuracy = result["accuracy"]
        return msg(
            "All labels right, none missing and none too much, {right} times out of 100 on {texts} "
            "that it had never seen (between {low} and {high}).",
            right=percent(accuracy["value"]),
            texts=texts(result["data"]["n_test"]),
            low=percent(accuracy["low"]),
            high=percent(accuracy["high"]),
        )

    def choice(self, result: Mapping[str, Any]) -> Message | None:
        return None

    def remarks(self, result: Mapping[str, Any]) -> Sequence[Message]:
        unlike, few, unexamined = unlike_training(result), result["few"], result["unexamined"]
        said = [_one_by_one(result)] if self.has_figure(result) else []
        said += [unlike] if unlike else []
        if few:
            names = _named([one["label"] for one in few])
            said.append(msg("Learned from few texts, and so badly: {labels}.", labels=names))
        if unexamined:
            names = _named(unexamined)
            said.append(msg("Not examined, for want of texts: {labels}.", labels=names))
        return said

    def advise(self, exam: MultilabelExam) -> Advice:
        return advise(exam)

    def summary(self, facts: Facts) -> Message:
        labels = len(self.labels(facts.result))
        subjects = msg_plural("{n} label", "{n} labels", "n", n=labels)
        if not self.has_figure(facts.result):
            return msg("Says which of {labels} fit a short text.", labels=subjects)
        return msg(
            "Says which of {labels} fit a short text, and has all of them right {right} times out "
            "of 100 on texts that it had never seen ({test}).",
            labels=subjects,
            right=percent(facts.result["accuracy"]["value"]),
            test=facts.rows[1],
        )

    def purpose(self, facts: Facts) -> Message:
        return msg(
            "It reads one short message and says every label that fits it: {examples}… "
            "When it is not sure it says so, so that a person can answer.",
            examples=_named(self.labels(facts.result)),
        )

    def limits(self, facts: Facts) -> Message:
        return msg(
            "It writes nothing by itself, and knows nothing but its subjects. It has not been "
            "examined on other languages than those of its data, nor for equal quality between "
            "groups of people. Do not use it to decide about a person without a human reading the "
            "message."
        )

    def examination(self, facts: Facts, words: Words) -> Sequence[str]:
        if not self.has_figure(facts.result):
            return [words(too_small(facts.result))]
        remarks = [words(remark) for remark in self.remarks(facts.result)]
        return [words(_quality(facts)), *remarks, coverage_table(facts, words)]

    def mistakes(self, facts: Facts, words: Words) -> str:
        """The labels that are found least well."""
        worst = sorted(facts.result["per_class"], key=lambda one: one["f1"])[:MAX_LABELS_SHOWN]
        header = words(
            msg("| Label | Found, of those that are there | Right, of those that it says |")
        )
        rows = [_label_row(one) for one in worst]
        note = words(
            msg("The mistakes are in `eval.json`, the surest first.")
            if facts.full_dataset is not None
            else msg("How well each label is found is in `eval.json`.")
        )
        return "\n".join([header, "| --- | ---: | ---: |", *rows]) + f"\n\n{note}"

    def making(self, facts: Facts) -> Message:
        result = facts.result
        return msg(
            "By the recipe “words and letters, several labels”: TF-IDF of words and of letter "
            "sequences, and one linear classifier for each label, with no model made by others "
            "underneath. Learned from {texts} in {seconds} s on a processor ({cpu}), with "
            "scikit-learn {version} and the seed {seed}. Certainties, and a threshold for each "
            "label, were fitted on learning texts that were set aside; the examination was taken "
            "once, at the end.",
            texts=texts(facts.rows[0]),
            seconds=round(result["training"]["wall_s"]),
            cpu=result["versions"]["cpu"],
            version=result["versions"]["scikit_learn"],
            seed=str(result["seed"]),
        )

    def dataset_summary(self, facts: Facts) -> Message:
        train, test = facts.rows
        return msg(
            "{texts}, each with any of {labels}, `|` between them, and `|` alone where none fits: "
            "{train} to learn from, {test} to examine with.",
            texts=texts(train + test),
            labels=msg_plural("{n} label", "{n} labels", "n", n=len(self.labels(facts.result))),
            train=train,
            test=test,
        )

    def metrics(self, result: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        if not self.has_figure(result):
            return []
        return [
            {"type": "exact_match", "value": round(result["accuracy"]["value"], 4)},
            {"type": "f1", "name": "F1 (micro)", "value": round(result["micro"]["f1"], 4)},
            {"type": "f1", "name": "F1 (macro)", "value": round(result["macro_f1"], 4)},
        ]

    def standalone(self, full_name: str, result: Mapping[str, Any]) -> str:
        return standalone.of_several_labels(full_name)


def _named(labels: Sequence[str]) -> str:
    names = ", ".join(label.replace("_", " ") for label in labels[:MAX_NAMED])
    return f"{names}…" if len(labels) > MAX_NAMED else names


def _one_by_one(result: Mapping[str, Any]) -> Message:
    micro = result["micro"]
    return msg(
        "Label by label: of 100 that are there it finds {found}, and of 100 that it says {right} "
        "are right.",
        found=percent(micro["recall"]),
        right=percent(micro["precision"]),
    )


def _quality(facts: Facts) -> Message:
    accuracy, micro = facts.result["accuracy"], facts.result["micro"]
    return msg(
        "All labels right {value} % of the time, between {low} and {high} % in 95 cases out of 100 "
        "({method} interval), on {exam}: {texts}. Always saying what is said together most often "
        "would be right {baseline} % of the time. F1 of all labels together (micro): {micro} %; "
        "mean of each label’s F1 (macro): {macro} %.",
        value=percent(accuracy["value"]),
        low=percent(accuracy["low"]),
        high=percent(accuracy["high"]),
        method=accuracy["method"],
        exam=examined_on(facts),
        texts=texts(facts.rows[1]),
        baseline=percent(facts.result["baseline_accuracy"]),
        micro=percent(micro["f1"]),
        macro=percent(facts.result["macro_f1"]),
    )


def _label_row(one: Mapping[str, Any]) -> str:
    found = round(one["recall"] * one["support"])
    right = f"{found} / {one['said']}"
    return f"| {one['label']} | {found} / {one['support']} | {right} |"

"""Cards written from facts: what was measured, on what, and what is not known.

Nothing here is an opinion or a guess; what only a person can say is left for them to say.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from etabli.features.cards import write
from etabli.features.footprint import Emissions, Energy, in_unit, two_digits
from etabli.features.workshop.models import PersonalData, Publication, Source
from etabli.features.workshop.verdicts import (
    has_figure,
    labels_of,
    percent,
    rung_reason,
    texts,
    too_small,
    unlike_training,
)
from etabli.foundation.i18n.messages import Text, Translator, say, say_plural

MAX_CONFUSIONS = 8
SHOWN_THRESHOLDS = (0.0, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True)
class Facts:
    """All that the cards are written from."""

    publication: Publication
    dataset: str | None
    """The name of the dataset published with the model."""
    source: Source
    findings: Mapping[str, Any]
    result: Mapping[str, Any]
    energy_to_make: Energy
    emissions_to_make: Emissions
    energy_of_an_answer: Energy
    made_at: datetime
    personal: PersonalData

    @property
    def labels(self) -> Sequence[str]:
        return labels_of(self.result)

    @property
    def rows(self) -> tuple[int, int]:
        """How many were learned from, and how many examined with."""
        data = self.result["data"]
        return data["n_train"], data["n_test"]

    @property
    def full_dataset(self) -> str | None:
        return self.dataset and f"{self.publication.namespace}/{self.dataset}"


def model_card(facts: Facts, translator: Translator) -> str:
    def words(text: Text) -> str:
        return text.in_words_of(translator)

    name = facts.publication.name
    sections = [
        f"# {name}",
        words(_verdict(facts)),
        words(say("## What it is for")),
        words(_purpose(facts)),
        words(say("## What it is not for")),
        words(_limits()),
        words(say("## How good it is")),
        *_examination(facts, words),
        words(say("## Where it is wrong")),
        _confusions(facts, words),
        words(say("## How it was made")),
        words(_making(facts)),
        *[words(reason) for reason in [rung_reason(facts.result)] if reason],
        words(_data(facts)),
        words(say("## What it costs")),
        words(_cost(facts)),
        words(say("## How to use it")),
        _usage(facts, words),
    ]
    return write(_model_metadata(facts), "\n\n".join(sections) + "\n")


def dataset_card(facts: Facts, translator: Translator) -> str:
    def words(text: Text) -> str:
        return text.in_words_of(translator)

    train, test = facts.rows
    sections = [
        f"# {facts.dataset}",
        words(
            say(
                "{texts}, each with one of {labels}: {train} to learn from, {test} to examine "
                "with.",
                texts=texts(train + test),
                labels=say_plural("{n} label", "{n} labels", "n", n=len(facts.labels)),
                train=train,
                test=test,
            )
        ),
        words(say("## What was changed")),
        _changes(facts, words),
        words(say("## Where it comes from")),
        _provenance(facts, words),
    ]
    return write(_dataset_metadata(facts), "\n\n".join(sections) + "\n")


def _verdict(facts: Facts) -> Text:
    subjects = say_plural("{n} subject", "{n} subjects", "n", n=len(facts.labels))
    if not has_figure(facts.result):
        return say("Sorts short texts into {subjects}.", subjects=subjects)
    return say_plural(
        "Sorts short texts into {subjects}, and is right {right} times out of 100 on {test} text "
        "that it had never seen.",
        "Sorts short texts into {subjects}, and is right {right} times out of 100 on {test} texts "
        "that it had never seen.",
        "test",
        subjects=subjects,
        right=round(100 * facts.result["accuracy"]["value"]),
        test=facts.rows[1],
    )


def _purpose(facts: Facts) -> Text:
    examples = ", ".join(label.replace("_", " ") for label in facts.labels[:6])
    return say(
        "It reads one short message and says which of its subjects it is about: {examples}… "
        "When it is not sure it says so, so that a person can answer.",
        examples=examples,
    )


def _limits() -> Text:
    return say(
        "It writes nothing by itself, and knows nothing but its subjects. It has not been examined "
        "on other languages than those of its data, nor for equal quality between groups of "
        "people. Do not use it to decide about a person without a human reading the message."
    )


def _examination(facts: Facts, words: Callable[[Text], str]) -> list[str]:
    if not has_figure(facts.result):
        return [words(too_small(facts.result))]
    unlike = unlike_training(facts.result)
    aside = [words(unlike)] if unlike else []
    return [words(_quality(facts)), *aside, _coverage_table(facts, words)]


def _quality(facts: Facts) -> Text:
    accuracy = facts.result["accuracy"]
    exam = (
        say("the test file given with the data")
        if facts.result["data"]["test_split"] == "official"
        else say("a part of the data kept aside")
    )
    return say(
        "Accuracy {value} %, between {low} and {high} % in 95 cases out of 100 "
        "({method} interval), on {exam}: {texts}. Always answering the commonest subject "
        "would be right {baseline} % of the time. Macro F1: {f1} %.",
        value=percent(accuracy["value"]),
        low=percent(accuracy["low"]),
        high=percent(accuracy["high"]),
        method=accuracy["method"],
        exam=exam,
        texts=texts(facts.rows[1]),
        baseline=percent(facts.result["baseline_accuracy"]),
        f1=percent(facts.result["macro_f1"]),
    )


def _coverage_table(facts: Facts, words: Callable[[Text], str]) -> str:
    header = words(say("| It answers by itself | Right among these | Certainty asked for |"))
    rows = [
        words(_coverage_row(point))
        for point in facts.result["coverage"]
        if point["threshold"] in SHOWN_THRESHOLDS and point["right"] is not None
    ]
    return "\n".join([header, "| ---: | ---: | ---: |", *rows])


def _coverage_row(point: Mapping[str, float]) -> Text:
    values = {
        "answered": percent(point["answered"]),
        "right": percent(point["right"]),
        "threshold": round(100 * point["threshold"]),
    }
    return Text("| {answered} % | {right} % | {threshold} % |", values)


def _confusions(facts: Facts, words: Callable[[Text], str]) -> str:
    pairs = facts.result["confusions"][:MAX_CONFUSIONS]
    if not pairs:
        return words(say("It made no mistake in its examination: it was perhaps too easy."))
    header = words(say("| It says | It should be | Times |"))
    rows = [f"| {p['predicted']} | {p['true']} | {p['count']} |" for p in pairs]
    is_quoted = facts.full_dataset is not None
    note = words(
        say("The mistakes are in `eval.json`, the surest first.")
        if is_quoted
        else say("How often each label is taken for another is in `eval.json`.")
    )
    return "\n".join([header, "| --- | --- | ---: |", *rows]) + f"\n\n{note}"


def _making(facts: Facts) -> Text:
    result = facts.result
    values = {
        "texts": texts(facts.rows[0]),
        "seconds": round(result["training"]["wall_s"]),
        "cpu": result["versions"]["cpu"],
        "version": result["versions"]["scikit_learn"],
        "seed": str(result["seed"]),
    }
    encoder = _encoder(facts)
    if encoder is None:
        return say(
            "By the recipe “words and letters”: TF-IDF of words and of letter sequences, and one "
            "linear classifier for each subject, with no model made by others underneath. Learned "
            "from {texts} in {seconds} s on a processor ({cpu}), with scikit-learn {version} "
            "and the seed {seed}. Certainties and thresholds were fitted on a part of the learning "
            "texts; the examination was taken once, at the end.",
            **values,
        )
    return say(
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


def _encoder(facts: Facts) -> Mapping[str, str] | None:
    """What it stands on."""
    found: Mapping[str, str] | None = facts.result.get("ladder", {}).get("encoder")
    return found


def _data(facts: Facts) -> Text:
    if facts.full_dataset:
        return say("The texts that it was made from: {dataset}.", dataset=facts.full_dataset)
    return say(
        "The texts that it was made from are not published, nor are those that it got wrong. The "
        "single words that occur in them are: `vocab.json` holds what it recognises."
    )


def _cost(facts: Facts) -> Text:
    speed, energy = facts.result["speed"], facts.energy_of_an_answer.times(1000)
    made = facts.energy_to_make
    return say(
        "An answer takes {p50} ms (99 in 100: under {p99} ms). A thousand answers: {energy}, "
        "between {low} and {high}. Making the model: {made}. How: {how}",
        p50=two_digits(speed["p50_ms"]),
        p99=two_digits(speed["p99_ms"]),
        energy=in_unit(energy.wh),
        low=in_unit(energy.low_wh),
        high=in_unit(energy.high_wh),
        made=in_unit(made.wh),
        how=made.how,
    )


def _usage(facts: Facts, words: Callable[[Text], str]) -> str:
    full_name = f"{facts.publication.namespace}/{facts.publication.name}"
    note = words(
        say("Ask it on its page, or by program, at the address of the hub where it is published:")
    )
    return (
        f"{note}\n\n```sh\ncurl $ETABLI/run/{full_name} "
        """-H 'content-type: application/json' -d '{"inputs": "…"}'\n```"""
    )


def _changes(facts: Facts, words: Callable[[Text], str]) -> str:
    dropped = facts.result["data"]["dropped"]
    lines = [words(_CHANGES[fix](count)) for fix, count in dropped.items() if count]
    if facts.personal.is_left:
        lines.append(
            words(say("Personal data is left in {texts}.", texts=texts(facts.personal.rows)))
        )
    if not lines:
        return words(say("Nothing: the texts are as they were given."))
    return "\n".join(f"- {line}" for line in lines)


_CHANGES: Mapping[str, Callable[[int], Text]] = {
    "drop_duplicates": lambda n: say("Repeated texts that were taken out: {count}.", count=n),
    "drop_leaked": lambda n: say(
        "Texts that the examination repeats, taken out of learning: {count}.", count=n
    ),
    "drop_empty": lambda n: say("Empty texts that were taken out: {count}.", count=n),
    "drop_tiny_classes": lambda n: say(
        "Texts of labels with too few examples, taken out: {count}.", count=n
    ),
    "drop_ragged": lambda n: say(
        "Comments, or rows with more or fewer fields than the others, set aside: {count}.", count=n
    ),
    "drop_error_cells": lambda n: say(
        "Rows whose text or label was an error of the spreadsheet, taken out: {count}.", count=n
    ),
    "mask_personal_data": lambda n: say(
        "Texts in which personal data was masked: {count}.", count=n
    ),
    "merge_look_alikes": lambda n: say(
        "Labels that differed in case or spaces, and were made one: {count}.", count=n
    ),
}


def _provenance(facts: Facts, words: Callable[[Text], str]) -> str:
    source = facts.source
    if not (source.attribution or source.url):
        return words(
            say("Whoever published it has not said yet where it comes from: to be written.")
        )
    return "\n\n".join(part for part in (source.attribution, source.url) if part)


def _model_metadata(facts: Facts) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "license": facts.publication.license or facts.source.license,
        "language": [facts.source.language] if facts.source.language else [],
        "pipeline_tag": "text-classification",
        "library_name": "etabli",
        "tags": ["etabli", "customer-service", "small"],
        "datasets": [facts.full_dataset] if facts.full_dataset else [],
        "base_model": (_encoder(facts) or {}).get("repo", ""),
        "model-index": _model_index(facts),
        "co2_eq_emissions": {
            "emissions": round(facts.emissions_to_make.g_co2e, 6),
            "source": str(facts.emissions_to_make.how),
            "training_type": "from scratch",
            "hardware_used": facts.result["versions"]["cpu"],
        },
    }
    return {key: value for key, value in metadata.items() if value}


def _model_index(facts: Facts) -> list[dict[str, Any]]:
    """For programs that compare models: nothing when there is no figure to compare."""
    if not has_figure(facts.result):
        return []
    return [
        {
            "name": facts.publication.name,
            "results": [
                {
                    "task": {"type": "text-classification"},
                    "dataset": {
                        "type": facts.full_dataset or "private",
                        "name": facts.dataset or "private",
                        "split": "test",
                    },
                    "metrics": [
                        {
                            "type": "accuracy",
                            "value": round(facts.result["accuracy"]["value"], 4),
                        },
                        {"type": "f1", "value": round(facts.result["macro_f1"], 4)},
                    ],
                }
            ],
        }
    ]


def _dataset_metadata(facts: Facts) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "license": facts.source.license or facts.publication.license,
        "language": [facts.source.language] if facts.source.language else [],
        "task_categories": ["text-classification"],
        "size_categories": [_size_category(sum(facts.rows))],
        "configs": [
            {
                "config_name": "default",
                "data_files": [
                    {"split": "train", "path": "train.csv"},
                    {"split": "test", "path": "test.csv"},
                ],
            }
        ],
    }
    return {key: value for key, value in metadata.items() if value}


def _size_category(n_rows: int) -> str:
    bounds = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
    return next((name for bound, name in bounds if n_rows < bound), "100K<n<1M")

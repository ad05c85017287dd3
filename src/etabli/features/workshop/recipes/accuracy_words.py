"""What is said of how often a model is right, where each text has a right answer."""

from collections.abc import Mapping
from typing import Any

from etabli.features.workshop.facts import Facts
from etabli.features.workshop.recipes.recipe import Words
from etabli.features.workshop.wording import percent
from etabli.foundation.i18n.messages import Message, msg

SHOWN_THRESHOLDS = (0.0, 0.3, 0.5, 0.7, 0.9)


def too_small(result: Mapping[str, Any]) -> Message:
    """Said in the place of a figure."""
    accuracy, total = result["accuracy"], result["data"]["n_test"]
    return msg(
        "Too few different texts to examine: {texts}. It was right on {right} of {total}, and "
        "the true figure may be anywhere between {low} and {high} out of 100.",
        texts=accuracy["texts"],
        right=round(accuracy["value"] * total),
        total=total,
        low=percent(accuracy["low"]),
        high=percent(accuracy["high"]),
    )


def unlike_training(result: Mapping[str, Any]) -> Message | None:
    """What a test file that nearly repeats the training texts is worth without these."""
    unlike = result["accuracy"].get("unlike_training")
    total = result["data"]["n_test"]
    if not unlike or unlike["rows"] == total or unlike["value"] is None:
        return None
    return msg(
        "Of these texts, {like} of {total} say nearly the same as one that it learned from; on the "
        "rest it is right {right} % of the time.",
        like=total - unlike["rows"],
        total=total,
        right=percent(unlike["value"]),
    )


def examined_on(facts: Facts) -> Message:
    is_given = facts.result["data"]["test_split"] == "official"
    return (
        msg("the test file given with the data")
        if is_given
        else msg("a part of the data kept aside")
    )


def coverage_table(facts: Facts, words: Words) -> str:
    header = words(msg("| It answers by itself | Right among these | Certainty asked for |"))
    rows = [
        words(_coverage_row(point))
        for point in facts.result["coverage"]
        if point["threshold"] in SHOWN_THRESHOLDS and point["right"] is not None
    ]
    return "\n".join([header, "| ---: | ---: | ---: |", *rows])


def _coverage_row(point: Mapping[str, float]) -> Message:
    values = {
        "answered": percent(point["answered"]),
        "right": percent(point["right"]),
        "threshold": round(100 * point["threshold"]),
    }
    return Message("| {answered} % | {right} % | {threshold} % |", values)

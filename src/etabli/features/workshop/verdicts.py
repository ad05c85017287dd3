"""How good a model is, in one sentence; and none where its examination cannot tell."""

from collections.abc import Mapping, Sequence
from typing import Any

from etabli.foundation.i18n.messages import Text, say, say_plural


def has_figure(result: Mapping[str, Any]) -> bool:
    """Whether enough different texts were examined to say a figure: see the recipe's `examine`."""
    return not result["accuracy"].get("is_too_small", False)


def labels_of(result: Mapping[str, Any]) -> Sequence[str]:
    """All that the model can say, those among them that no text of the examination had."""
    labels: Sequence[str] | None = result.get("labels")
    # What was made before has no such list.
    return [row["label"] for row in result["per_class"]] if labels is None else labels


def verdict(result: Mapping[str, Any]) -> Text:
    """How often it was right in its examination, between what, or why no figure can be said."""
    accuracy = result["accuracy"]
    low, high = percent(accuracy["low"]), percent(accuracy["high"])
    if has_figure(result):
        return say(
            "Right {right} times out of 100 on {texts} that it had never seen "
            "(between {low} and {high}).",
            right=percent(accuracy["value"]),
            texts=texts(result["data"]["n_test"]),
            low=low,
            high=high,
        )
    return too_small(result)


def rung_reason(result: Mapping[str, Any]) -> Text | None:
    """Why it is as large as it is; None for what was made before there was a choice."""
    reason = result.get("ladder", {}).get("reason")
    return Text.of_json(reason) if reason else None


def too_small(result: Mapping[str, Any]) -> Text:
    """Said in the place of a figure."""
    accuracy, total = result["accuracy"], result["data"]["n_test"]
    return say(
        "Too few different texts to examine: {texts}. It was right on {right} of {total}, and "
        "the true figure may be anywhere between {low} and {high} out of 100.",
        texts=accuracy["texts"],
        right=round(accuracy["value"] * total),
        total=total,
        low=percent(accuracy["low"]),
        high=percent(accuracy["high"]),
    )


def unlike_training(result: Mapping[str, Any]) -> Text | None:
    """What a test file that nearly repeats the training texts is worth without these."""
    unlike = result["accuracy"].get("unlike_training")
    total = result["data"]["n_test"]
    if not unlike or unlike["rows"] == total or unlike["value"] is None:
        return None
    return say(
        "Of these texts, {like} of {total} say nearly the same as one that it learned from; on the "
        "rest it is right {right} % of the time.",
        like=total - unlike["rows"],
        total=total,
        right=percent(unlike["value"]),
    )


def texts(count: int) -> Text:
    return say_plural("{n} text", "{n} texts", "n", n=count)


def percent(share: float) -> float:
    """`0.9137` as 91.4."""
    return round(100 * share, 1)

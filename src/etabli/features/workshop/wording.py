"""Numbers as the sentences about a model say them."""

from etabli.foundation.i18n.messages import Message, msg_plural


def texts(count: int) -> Message:
    return msg_plural("{n} text", "{n} texts", "n", n=count)


def percent(share: float) -> float:
    """`0.9137` as 91.4."""
    return round(100 * share, 1)

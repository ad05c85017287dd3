"""A model that answers elsewhere, by an API like OpenAI's: what it is asked, and its replies."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from etabli.features.serving.comparison import Example, Score, percentile
from etabli.features.serving.errors import BadOutsideModelError, UnreadableReplyError
from etabli.foundation.proportions import wilson_interval

MAX_OUTSIDE_EXAMPLES = 100
"""Each is a request that somebody pays for."""
MAX_OUTSIDE_LABELS = 300
MAX_REPLY_TOKENS = 64
LONGEST_OUTSIDE_NAME = 300
"""Characters of an address, of the name of a model, and of a key."""
CHARACTERS_A_TOKEN = 4
"""Assumed: about so in English; other languages have fewer."""
_SEED = 1
_COMPLETIONS = "/chat/completions"


@dataclass(frozen=True)
class OutsideModel:
    """Nothing of it is kept or logged; the key goes to its address alone."""

    address: str
    """As clients of OpenAI take it, up to `/v1`."""
    model: str
    key: str = field(default="", repr=False)
    price_in: float | None = None
    """Of a million tokens that are sent, in whatever money the person thinks of: assumed."""
    price_out: float | None = None

    def check(self) -> None:
        """
        Raises:
            BadOutsideModelError: it has no address or no name, or a price is none.
        """
        texts = (self.address, self.model, self.key)
        prices = [one for one in (self.price_in, self.price_out) if one is not None]
        is_clean = all(text.isprintable() and len(text) <= LONGEST_OUTSIDE_NAME for text in texts)
        is_priced = all(isfinite(one) and 0 <= one <= 1_000_000 for one in prices)
        if not (self.address and self.model and is_clean and self.key.isascii() and is_priced):
            raise BadOutsideModelError

    @property
    def url(self) -> str:
        address = self.address.rstrip("/")
        return address if address.endswith(_COMPLETIONS) else address + _COMPLETIONS

    def cost(self, tokens_in: int, tokens_out: int) -> float | None:
        if self.price_in is None or self.price_out is None:
            return None
        return (tokens_in * self.price_in + tokens_out * self.price_out) / 1_000_000


@dataclass(frozen=True)
class OutsidePlan:
    """What asking would take, estimated before anything is sent."""

    requests: int
    examples: int
    """Of the examination, of which the requests are a part."""
    tokens_in: int
    tokens_out: int
    cost: float | None


@dataclass(frozen=True)
class Reply:
    text: str
    tokens_in: int | None
    tokens_out: int | None
    latency_ms: float
    """From here to the reply's end, the network included: measured."""


@dataclass(frozen=True)
class OutsideScore:
    """What it made of a part of the examples."""

    address: str
    model: str
    right: Sequence[bool]
    unreadable: int
    """Replies that were no label: they count as wrong."""
    first_right: Sequence[bool]
    """What the first model of the comparison made of the same examples."""
    p50_ms: float
    p99_ms: float
    tokens_in: int | None
    """By what it says itself; None where it does not."""
    tokens_out: int | None
    cost: float | None

    @property
    def accuracy(self) -> float:
        return sum(self.right) / len(self.right)

    @property
    def interval(self) -> tuple[float, float]:
        return wilson_interval(self.accuracy, len(self.right))


def drawn(count: int) -> Sequence[int]:
    """Which examples it is asked, of so many: always the same."""
    if count <= MAX_OUTSIDE_EXAMPLES:
        return range(count)
    return random.Random(_SEED).sample(range(count), MAX_OUTSIDE_EXAMPLES)  # noqa: S311


def labels_of(examples: Sequence[Example], known: Sequence[str]) -> Sequence[str]:
    """Those that it may choose from: of the examples, and of the first model.

    Raises:
        BadOutsideModelError: they are too many to be named in each request.
    """
    labels = sorted({example.label for example in examples} | set(known))
    if len(labels) > MAX_OUTSIDE_LABELS:
        raise BadOutsideModelError
    return labels


def request_body(outside: OutsideModel, labels: Sequence[str], text: str) -> bytes:
    instruction = (
        "Sort the message into exactly one of these labels, and reply with that label alone, as "
        "it is written here: " + " | ".join(labels)
    )
    messages = [{"role": "system", "content": instruction}, {"role": "user", "content": text}]
    body = {"model": outside.model, "messages": messages, "max_tokens": MAX_REPLY_TOKENS}
    return json.dumps(body, ensure_ascii=False).encode()


def plan(outside: OutsideModel, labels: Sequence[str], examples: Sequence[Example]) -> OutsidePlan:
    chosen = [examples[at] for at in drawn(len(examples))]
    characters = sum(len(request_body(outside, labels, one.text).decode()) for one in chosen)
    tokens_out = sum(-(-len(one.label) // CHARACTERS_A_TOKEN) + 1 for one in chosen)
    tokens_in = -(-characters // CHARACTERS_A_TOKEN)
    cost = outside.cost(tokens_in, tokens_out)
    return OutsidePlan(len(chosen), len(examples), tokens_in, tokens_out, cost)


def read_reply(host: str, said: Any, latency_ms: float) -> Reply:
    """
    Raises:
        UnreadableReplyError: it is not what such an API replies.
    """
    try:
        text = said["choices"][0]["message"]["content"] or ""
        usage = said.get("usage") or {}
        return Reply(
            str(text),
            _count(usage, "prompt_tokens"),
            _count(usage, "completion_tokens"),
            latency_ms,
        )
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise UnreadableReplyError(host) from error


def _count(usage: Mapping[str, Any], name: str) -> int | None:
    said = usage.get(name)
    return said if isinstance(said, int) and 0 <= said <= 10_000_000 else None


def label_in(reply: str, labels: Sequence[str]) -> str | None:
    """The label that a reply says; None where it says none, or several."""
    said = _bare(reply)
    exact = [label for label in labels if _bare(label) == said]
    if exact:
        return exact[0]
    within = [label for label in labels if _bare(label) and _bare(label) in said]
    longest = [
        one for one in within if not any(one != o and _bare(one) in _bare(o) for o in within)
    ]
    return longest[0] if len(longest) == 1 else None


def _bare(text: str) -> str:
    return " ".join(text.casefold().replace("_", " ").strip(" \t\n\"'`.*“”«»").split())


def outside_score(
    outside: OutsideModel,
    host: str,
    labels: Sequence[str],
    examples: Sequence[Example],
    replies: Sequence[Reply],
    first: Score,
) -> OutsideScore:
    """Of a reply to each of the drawn examples, in their order."""
    places = drawn(len(examples))
    found = [label_in(reply.text, labels) for reply in replies]
    times_ms = sorted(reply.latency_ms for reply in replies)
    tokens_in = _sum([reply.tokens_in for reply in replies])
    tokens_out = _sum([reply.tokens_out for reply in replies])
    is_counted = tokens_in is not None and tokens_out is not None
    return OutsideScore(
        address=host,
        model=outside.model,
        right=[label == examples[at].label for label, at in zip(found, places, strict=True)],
        unreadable=found.count(None),
        first_right=[first.right[at] for at in places],
        p50_ms=percentile(times_ms, 0.5),
        p99_ms=percentile(times_ms, 0.99),
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        cost=outside.cost(tokens_in or 0, tokens_out or 0) if is_counted else None,
    )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None

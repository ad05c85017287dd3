"""To ask a model elsewhere the same examples, for whoever has an account there and pays for it.

The key is held while the requests are made, and nowhere else. Connections are those of the one
client that reaches no private network, unless the operator allows it.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from urllib.parse import urlsplit

from etabli.features.serving import (
    Example,
    InsecureOutsideError,
    OutsideModel,
    OutsideRefusedError,
    OutsideScore,
    Reply,
    Score,
    UnreadableReplyError,
    drawn,
    outside_score,
    read_reply,
    request_body,
)
from etabli.pools import OUTSIDE
from etabli.site import Site

MAX_REPLY_BYTES = 200_000
ONE_REPLY_WITHIN_S = 60.0


def check_outside(site: Site, outside: OutsideModel) -> None:
    """What can be said before anything is sent.

    Raises:
        BadOutsideModelError: it is none.
        InsecureOutsideError: a key would go in the clear. An operator who allows private networks
            has machines without a certificate there, and is left to it.
    """
    outside.check()
    is_secure = outside.url.startswith("https://") or not outside.key
    if not is_secure and not site.settings.allowed_private_networks:
        raise InsecureOutsideError


async def ask_outside(
    site: Site,
    outside: OutsideModel,
    labels: Sequence[str],
    examples: Sequence[Example],
    first: Score,
) -> OutsideScore:
    """Ask the drawn examples, some at a time. The first failure ends it.

    Raises:
        BadUrlError, AddressRefusedError: it is not asked at all.
        OutsideRefusedError, UnreadableReplyError, NoAnswerError, AnswerTooSlowError,
        AnswerTooLargeError: it did not answer as such an API does.
        BusyError: too many ask elsewhere just now.
    """
    host = urlsplit(outside.url).hostname or ""
    texts = [examples[at].text for at in drawn(len(examples))]
    asked = [
        asyncio.ensure_future(OUTSIDE.run(_ask, site, outside, host, labels, text))
        for text in texts
    ]
    try:
        replies = await asyncio.gather(*asked)
    finally:
        for one in asked:
            one.cancel()
    return outside_score(outside, host, labels, examples, replies, first)


def _ask(site: Site, outside: OutsideModel, host: str, labels: Sequence[str], text: str) -> Reply:
    headers = {"content-type": "application/json"}
    if outside.key:
        headers["authorization"] = f"Bearer {outside.key}"
    started_s = time.monotonic()
    request = site.backends.http.request(
        "POST",
        outside.url,
        max_bytes=MAX_REPLY_BYTES,
        within_s=ONE_REPLY_WITHIN_S,
        headers=headers,
        content=request_body(outside, labels, text),
    )
    with request as answer:
        body = b"".join(answer.pieces)
        if not 200 <= answer.status < 300:
            raise OutsideRefusedError(host, answer.status)
    latency_ms = (time.monotonic() - started_s) * 1000
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnreadableReplyError(host) from error
    return read_reply(host, said, latency_ms)

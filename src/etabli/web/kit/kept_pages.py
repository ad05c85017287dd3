"""Pages kept in memory: what a page is made of says whether it is the same page.

All that a template is given is read in full, who asks, the language and the address included, and
the page is kept under that. So whatever differs makes another page, and nobody is shown a page that
was made of anything but what they were found to be allowed to see.
"""

import hashlib
import time
from collections.abc import Callable

from etabli.foundation.lru import LruCache

MAX_KEPT_BYTES = 16_000_000
KEPT_S = 60
"""Pages say how long ago things were: they are as old as this, at most."""
_UNREADABLE = " at 0x"
"""In what Python says of a value that does not say all that it is."""

_pages: LruCache[bytes, bytes] = LruCache(MAX_KEPT_BYTES)


def kept_or_made(made_of: object | None, make: Callable[[], str]) -> bytes:
    """The page that is kept under what it is made of, or a new one.

    Args:
        made_of: None: it is neither looked for nor kept.
    """
    key = _key(made_of)
    html = _pages.find(key) if key else None
    if html is None:
        html = make().encode()
        if key:
            _pages.keep(key, html, len(html))
    return html


def _key(made_of: object | None) -> bytes | None:
    """None when a page made of this cannot be told from others."""
    told = "" if made_of is None else repr((made_of, int(time.time() // KEPT_S)))
    if not told or _UNREADABLE in told:
        return None
    return hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=32).digest()

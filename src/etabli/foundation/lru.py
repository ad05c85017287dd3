"""What was made of some content, kept in memory within a bound, the least used going first."""

import hashlib
import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class LruCache(Generic[Value]):
    """Values by their keys, together under a number of bytes. Safe to use from many threads.

    A key is made of the content itself (`digest_of`), never of who may see it: only whoever has the
    content in hand can ask for what was made of it.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: OrderedDict[bytes, tuple[Value, int]] = OrderedDict()
        self._size_bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    @property
    def size_bytes(self) -> int:
        return self._size_bytes

    def find(self, key: bytes) -> Value | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: bytes, value: Value, size_bytes: int) -> None:
        """Keep a value, and forget the least used ones if that is too much. One that is larger than
        the bound is not kept."""
        if size_bytes > self._max_bytes:
            return
        with self._lock:
            _, replaced_bytes = self._kept.pop(key, (None, 0))
            self._kept[key] = (value, size_bytes)
            self._size_bytes += size_bytes - replaced_bytes
            while self._size_bytes > self._max_bytes:
                _, (_, forgotten_bytes) = self._kept.popitem(last=False)
                self._size_bytes -= forgotten_bytes


def digest_of(*parts: str) -> bytes:
    """A key for some texts in this order, none of which runs into the next."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.digest()

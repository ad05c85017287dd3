"""What can be made again, kept in memory within a bound, the least used going first."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class LruCache(Generic[Key, Value]):
    """Values by their keys, together under a size. Safe to use from many threads.

    A key is made of the content itself (`digest_of`, or a hash that it has), never of who may see
    it: only whoever has the content in hand can ask for what was made of it.
    """

    def __init__(self, max_size: int) -> None:
        """`max_size`: in the unit of the sizes that values are kept with: bytes, or how many."""
        self._max_size = max_size
        self._kept: OrderedDict[Key, tuple[Value, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Key) -> bool:
        return key in self._kept

    @property
    def size(self) -> int:
        return self._size

    def find(self, key: Key) -> Value | None:
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Key, value: Value, size: int = 1) -> None:
        """Keep a value, and forget the least used ones if that is too much. One that is larger than
        the bound is not kept."""
        if size > self._max_size:
            return
        with self._lock:
            _, replaced = self._kept.pop(key, (None, 0))
            self._kept[key] = (value, size)
            self._size += size - replaced
            while self._size > self._max_size:
                _, (_, forgotten) = self._kept.popitem(last=False)
                self._size -= forgotten


def digest_of(*parts: str) -> bytes:
    """A key for some texts in this order, none of which runs into the next."""
    digest = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big"))
        digest.update(content)
    return digest.digest()

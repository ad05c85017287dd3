"""Chunks that were unpacked and may be wanted again soon, in a bounded memory."""

import threading
from collections import OrderedDict

Place = tuple[str, int]
"""A xorb's key in the store, and the number of the chunk in it."""


class UnpackedChunks:
    """Keeps the chunks that were used last. For several threads."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._chunks: OrderedDict[Place, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, place: Place) -> bytes | None:
        with self._lock:
            chunk = self._chunks.get(place)
            if chunk is not None:
                self._chunks.move_to_end(place)
            return chunk

    def __contains__(self, place: Place) -> bool:
        return place in self._chunks

    def keep(self, place: Place, chunk: bytes) -> None:
        with self._lock:
            if place in self._chunks:
                return
            self._chunks[place] = chunk
            self._bytes += len(chunk)
            while self._bytes > self._max_bytes:
                _, oldest = self._chunks.popitem(last=False)
                self._bytes -= len(oldest)

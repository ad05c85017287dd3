"""Chunks that were unpacked and may be wanted again soon."""

from etabli.foundation.lru import LruCache

Place = tuple[str, int]
"""A xorb's key in the store, and the number of the chunk in it."""

UnpackedChunks = LruCache[Place, bytes]

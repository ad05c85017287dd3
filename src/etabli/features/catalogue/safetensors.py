"""How many parameters a model has, read from the headers of its safetensors files.

A header is JSON before the numbers themselves, and says the type and the shape of each tensor. What
it says is believed only where the file is large enough to hold so much.

Source: https://github.com/huggingface/safetensors#format, and the names of files in
`huggingface_hub.constants`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from etabli.features.git import Entry, Snapshot

WHOLE, INDEX = "model.safetensors", "model.safetensors.index.json"
MAX_HEADER_BYTES = 8_000_000
"""Of one file. The largest model that is published in one has two of them."""
MAX_HEADERS_BYTES = 40_000_000
"""Of all files of a model."""
MAX_INDEX_BYTES = 12_000_000
MAX_SHARDS = 1000
_LENGTH_BYTES = 8
_BITS = {
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 64),
    **dict.fromkeys(("F32", "I32", "U32"), 32),
    **dict.fromkeys(("F16", "BF16", "I16", "U16"), 16),
    **dict.fromkeys(("F8_E4M3", "F8_E5M2", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I8", "U8", "BOOL"), 8),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    "F4": 4,
}


class NotSafetensorsError(ValueError):
    """The header is none, or says what the file cannot hold. Nothing is to be concluded from it."""


def parameters_in(snapshot: Snapshot) -> Mapping[str, int]:
    """How many parameters of each type, such as `{"BF16": 1543714304}`; empty where it has no such
    files, or they are not what they should be.

    Raises:
        BrokenRepoError, EntryNotFoundError, LostBytesError, OSError: the files cannot be read.
    """
    try:
        return _count(snapshot)
    except NotSafetensorsError:
        return {}


def _count(snapshot: Snapshot) -> Mapping[str, int]:
    found: Counter[str] = Counter()
    left = MAX_HEADERS_BYTES
    for entry in _files(snapshot):
        header, size_bytes = _header(snapshot, entry, min(left, MAX_HEADER_BYTES))
        left -= size_bytes
        found.update(_tensors(header, entry.size_bytes - size_bytes - _LENGTH_BYTES))
    return dict(found)


def _files(snapshot: Snapshot) -> Iterable[Entry]:
    whole = snapshot.find(WHOLE)
    if whole is not None and not whole.is_folder:
        return [whole]
    index = _object(snapshot.find_text(INDEX, MAX_INDEX_BYTES) or "{}")
    return _shards(snapshot, index)


def headers_of(snapshot: Snapshot, path: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """What an index says, and the header of each file that it names, by the file's name.

    Raises:
        NotSafetensorsError: it is no index, or one of the files is not here or none.
        BrokenRepoError, EntryNotFoundError, LostBytesError, OSError: the files cannot be read.
    """
    index = _object(snapshot.find_text(path, MAX_INDEX_BYTES) or "")
    found: dict[str, Any] = {}
    left = MAX_HEADERS_BYTES
    for entry in _shards(snapshot, index):
        header, size_bytes = _header(snapshot, entry, min(left, MAX_HEADER_BYTES))
        left -= size_bytes
        _tensors(header, entry.size_bytes - size_bytes - _LENGTH_BYTES)
        found[entry.path] = header
    return index, found


def _shards(snapshot: Snapshot, index: Mapping[str, Any]) -> list[Entry]:
    named = index.get("weight_map", {})
    if not isinstance(named, dict) or not all(isinstance(name, str) for name in named.values()):
        raise NotSafetensorsError
    names = sorted(set(named.values()))
    entries = [entry for name in names[:MAX_SHARDS] if (entry := snapshot.find(name))]
    if len(entries) < len(names) or any(entry.is_folder for entry in entries):
        raise NotSafetensorsError  # not all of it is here: a part would be taken for the whole
    return entries


def _header(snapshot: Snapshot, entry: Entry, most_bytes: int) -> tuple[dict[str, Any], int]:
    """The header of one file, and how long it is."""
    length = b"".join(snapshot.pieces(entry, 0, min(_LENGTH_BYTES, entry.size_bytes)))
    size_bytes = int.from_bytes(length, "little")
    end = _LENGTH_BYTES + size_bytes
    if len(length) < _LENGTH_BYTES or size_bytes > most_bytes or end > entry.size_bytes:
        raise NotSafetensorsError
    return _object(b"".join(snapshot.pieces(entry, _LENGTH_BYTES, end))), size_bytes


def _tensors(header: Mapping[str, Any], held_bytes: int) -> Counter[str]:
    """
    Raises:
        NotSafetensorsError: a file of `held_bytes` after its header cannot hold them.
    """
    found: Counter[str] = Counter()
    for name, tensor in header.items():
        if name == "__metadata__":
            continue
        dtype, shape = _dtype_and_shape(tensor)
        found[dtype] += _product(shape)
    if sum(_BITS[dtype] * count for dtype, count in found.items()) > 8 * held_bytes:
        raise NotSafetensorsError
    return found


def _dtype_and_shape(tensor: Any) -> tuple[str, list[int]]:
    dtype, shape = (
        (tensor.get("dtype"), tensor.get("shape")) if isinstance(tensor, dict) else (None, None)
    )
    if not isinstance(dtype, str) or dtype not in _BITS or not isinstance(shape, list):
        raise NotSafetensorsError
    if not all(isinstance(side, int) and 0 <= side < 2**48 for side in shape) or len(shape) > 16:
        raise NotSafetensorsError
    return dtype, shape


def _product(shape: Iterable[int]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count


def _object(text: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotSafetensorsError from error
    if not isinstance(found, dict):
        raise NotSafetensorsError
    return found

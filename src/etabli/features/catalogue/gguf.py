"""What a GGUF file says of the model in it: read from its beginning, and no further than a bound.

Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md; the names of what is told from
`GGUFParseOutput` in huggingface.js and the field `gguf` of the Hub's API.
"""

import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from etabli.features.git import Entry, Snapshot

MAX_BYTES = 64_000_000
"""Of the beginning of one file: vocabularies of a million words are within it."""
MAX_ENTRIES = 10_000
"""Of metadata, and of tensors, in one file."""
MAX_ITEMS = 2_000_000
"""In all lists of one file."""
MAX_PARTS = 200
MAX_KEPT_CHARS = 20_000
"""Of a text that is told on: a chat template."""
_SMALLEST_BITS = 1
"""No way of packing uses less for a parameter."""
_NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
_STRING, _LIST = 8, 9
_PART = re.compile(r"(.*)-(\d{5})-of-(\d{5})\.gguf")


class NotGgufError(ValueError):
    """It is none, or says what cannot be. Nothing is to be concluded from it."""


def gguf_in(snapshot: Snapshot, files: Sequence[Entry]) -> Mapping[str, Any]:
    """`total` parameters, `architecture`, `context_length` and more of the first GGUF file among
    these, with the other parts of it; empty where there is none that can be read.

    Raises:
        BrokenRepoError, EntryNotFoundError, LostBytesError, OSError: the files cannot be read.
    """
    parts = _parts(files)
    try:
        read = [_Reader(snapshot, part).read() for part in parts]
    except NotGgufError:
        return {}
    if not read:
        return {}
    return {"total": sum(total for total, _ in read), **read[0][1]}


def _parts(files: Sequence[Entry]) -> Sequence[Entry]:
    """The first that is no projector for pictures; with it, all that it was cut into."""
    named = sorted(
        (file for file in files if file.name.endswith(".gguf")),
        key=lambda file: (file.name.startswith("mmproj"), file.name),
    )
    if not named:
        return []
    cut = _PART.fullmatch(named[0].name)
    if cut is None:
        return named[:1]
    parts = [file for file in named if file.name.startswith(f"{cut[1]}-")]
    parts = [file for file in parts if _PART.fullmatch(file.name)]
    return parts if len(parts) == int(cut[3]) <= MAX_PARTS else []


class _Reader:
    """Reads forward, a piece at a time."""

    def __init__(self, snapshot: Snapshot, file: Entry) -> None:
        self._size_bytes = file.size_bytes
        self._pieces: Iterator[bytes] = snapshot.pieces(file, 0, min(file.size_bytes, MAX_BYTES))
        self._held = b""
        self._at = 0
        self._items = 0

    def read(self) -> tuple[int, dict[str, Any]]:
        """How many parameters, and what else is told."""
        if self._take(4) != b"GGUF" or self._number("I") not in (2, 3):
            raise NotGgufError
        tensors, entries = self._number("Q"), self._number("Q")
        if max(tensors, entries) > MAX_ENTRIES:
            raise NotGgufError
        said = {self._text(): self._value(self._number("I")) for _ in range(entries)}
        total = sum(self._tensor() for _ in range(tensors))
        if total * _SMALLEST_BITS > 8 * self._size_bytes:
            raise NotGgufError
        return total, _told(said)

    def _tensor(self) -> int:
        self._text()
        count = 1
        for _ in range(self._dimensions()):
            count = min(count * int(self._number("Q")), 2**64)
        self._take(12)  # its type, and where it lies
        return count

    def _dimensions(self) -> int:
        count = int(self._number("I"))
        if count > 8:
            raise NotGgufError
        return count

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._text()
        if kind == _LIST:
            self._pass_list()
            return None
        if kind not in _NUMBERS:
            raise NotGgufError
        return self._number(_NUMBERS[kind])

    def _pass_list(self) -> None:
        kind, count = self._number("I"), self._number("Q")
        self._items += count
        if self._items > MAX_ITEMS or kind == _LIST:
            raise NotGgufError
        if kind == _STRING:
            for _ in range(count):
                self._take(self._number("Q"))
        elif kind in _NUMBERS:
            self._take(count * struct.calcsize(f"<{_NUMBERS[kind]}"))
        else:
            raise NotGgufError

    def _text(self) -> str:
        return self._take(self._number("Q")).decode("utf-8", "replace")

    def _number(self, form: str) -> Any:
        return struct.unpack(f"<{form}", self._take(struct.calcsize(f"<{form}")))[0]

    def _take(self, count: int) -> bytes:
        if count > MAX_BYTES:
            raise NotGgufError
        while len(self._held) - self._at < count:
            piece = next(self._pieces, b"")
            if not piece:
                raise NotGgufError  # cut, or longer than the bound
            self._held, self._at = self._held[self._at :] + piece, 0
        self._at += count
        return self._held[self._at - count : self._at]


def _told(said: Mapping[str, Any]) -> dict[str, Any]:
    architecture = said.get("general.architecture")
    told = {
        "architecture": architecture,
        "context_length": said.get(f"{architecture}.context_length"),
        "chat_template": said.get("tokenizer.chat_template"),
    }
    return {
        key: value
        for key, value in told.items()
        if (isinstance(value, str) and len(value) <= MAX_KEPT_CHARS) or type(value) is int
    }

"""JSON: a list of objects, or one object a line. An object is a row, each of its keys a column."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etabli.engine.tables.encodings import NO_DOUBT, Detection
from etabli.engine.tables.errors import (
    BrokenJsonError,
    EmptyFileError,
    NotObjectsError,
    TooManyColumnsError,
    WrongEncodingError,
)

SPACE = re.compile(r"[\s,]*")
IS_JSON = re.compile(r'\s*(?:\[\s*[\[{"\d\]tfn-]|\{\s*["}])')
MAX_COLUMNS = 1_000
DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
"""Numbers stay as they are written."""


def looks_like_json(start: bytes, name: str) -> bool:
    """By its first letters; of a CSV, only where no column would be called so."""
    text = start.decode(json.detect_encoding(start), "replace").lstrip("\ufeff")
    if name.lower().endswith((".csv", ".tsv")):
        return re.match(r'\s*(?:\[\s*)?\{\s*"[^"]*"\s*:', text) is not None
    return IS_JSON.match(text) is not None


@dataclass(frozen=True)
class ObjectRows:
    """The objects of a JSON file, whose text is in memory."""

    file: str
    text: str
    is_list: bool
    names: tuple[str, ...]

    detection: Detection = NO_DOUBT
    delimiter: str = ""
    is_ragged: bool = False

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each object, with its place in the list or its line."""
        for place, one in _objects(self.file, self.text, is_list=self.is_list):
            yield place, [_written(one.get(name)) for name in self.names]


def open_objects(path: Path) -> ObjectRows:
    """
    Raises:
        BrokenJsonError, NotObjectsError, TooManyColumnsError, EmptyFileError, WrongEncodingError:
            it cannot be read.
    """
    content = path.read_bytes()
    encoding = json.detect_encoding(content)
    try:
        text = content.decode(encoding).lstrip("\ufeff").rstrip()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        value = f"0x{content[error.start]:02X}"
        raise WrongEncodingError(path.name, line, error.start, value) from error
    text = _list_within(text)
    is_list = text.lstrip().startswith("[")
    names: dict[str, None] = {}
    for _place, one in _objects(path.name, text, is_list=is_list):
        names |= dict.fromkeys(one)
        if len(names) > MAX_COLUMNS:
            raise TooManyColumnsError(path.name, len(names), MAX_COLUMNS)
    if not names:
        raise EmptyFileError(path.name)
    return ObjectRows(path.name, text, is_list, tuple(names))


def _list_within(text: str) -> str:
    """The list that a single object holds, as programs answer: `{"page": 1, "data": [{…}]}`."""
    if not text.lstrip().startswith("{"):
        return text
    try:
        whole = DECODER.decode(text)
    except (ValueError, RecursionError):
        return text  # one object a line, or broken: found out below
    lists = [value for value in whole.values() if isinstance(value, list) and value
             and all(isinstance(one, dict) for one in value)]  # fmt: skip
    return json.dumps(lists[0], ensure_ascii=False) if len(lists) == 1 else text


def _objects(file: str, text: str, *, is_list: bool) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = _in_list(file, text) if is_list else _in_lines(file, text)
    for place, one in found:
        if not isinstance(one, dict):
            raise NotObjectsError(file, place)
        yield place, one


def _in_list(file: str, text: str) -> Iterator[tuple[int, Any]]:
    at, place = text.index("[") + 1, 0
    while True:
        at = _after_space(text, at)
        if text.startswith("]", at):
            return
        place += 1
        one, at = _decoded(file, text, at)
        yield place, one


def _in_lines(file: str, text: str) -> Iterator[tuple[int, Any]]:
    at, line = 0, 1
    while True:
        following = _after_space(text, at)
        line += text.count("\n", at, following)
        if following == len(text):
            return
        one, at = _decoded(file, text, following)
        yield line, one
        line += text.count("\n", following, at)


def _after_space(text: str, at: int) -> int:
    space = SPACE.match(text, at)
    return space.end() if space else at


def _decoded(file: str, text: str, at: int) -> tuple[Any, int]:
    try:
        return DECODER.raw_decode(text, at)
    except (ValueError, RecursionError) as error:
        where = error.pos if isinstance(error, json.JSONDecodeError) else at
        raise BrokenJsonError(file, text.count("\n", 0, where) + 1) from error


def _written(value: Any) -> str:
    """A list of words as `a|b`, as tables write several labels."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "|".join(value)
    return json.dumps(value, ensure_ascii=False)

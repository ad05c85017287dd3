"""Patterns of paths as git writes them, in `.gitignore` and `.gitattributes`.

Source: gitignore(5). Each star is matched by `fnmatch`, whose expressions never backtrack for
long: these patterns are written by whoever uploads.
"""

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence

_Matcher = Callable[[str], object]


class Glob:
    """One pattern. Without a slash it is for names at any depth."""

    def __init__(self, pattern: str) -> None:
        parts = pattern.removeprefix("/").split("/")
        if parts[-1] == "**":
            parts[-1] = "*"  # all that is inside, and not the folder itself
        self._anywhere = "/" not in pattern
        self._parts = [None if part == "**" else _matcher(part) for part in parts]
        """One for each segment of a path; None is `**`, any number of segments."""

    def matches(self, segments: Sequence[str]) -> bool:
        return _match(self._parts, segments[-1:] if self._anywhere else segments)


def _matcher(part: str) -> _Matcher:
    return re.compile(fnmatch.translate(part)).match


def _match(parts: Sequence[_Matcher | None], segments: Sequence[str]) -> bool:
    """Every segment by its part, in order: which parts could come next, one segment at a time."""
    reached = _with_skips({0}, parts)
    for segment in segments:
        reached = _with_skips(_after(reached, parts, segment), parts)
    return len(parts) in reached


def _after(reached: Iterable[int], parts: Sequence[_Matcher | None], segment: str) -> set[int]:
    following: set[int] = set()
    for place in reached:
        part = parts[place] if place < len(parts) else _nothing
        if part is None:
            following.add(place)
        elif part(segment):
            following.add(place + 1)
    return following


def _with_skips(reached: set[int], parts: Sequence[_Matcher | None]) -> set[int]:
    for place, part in enumerate(parts):
        if part is None and place in reached:
            reached.add(place + 1)
    return reached


def _nothing(_segment: str) -> None:
    return None

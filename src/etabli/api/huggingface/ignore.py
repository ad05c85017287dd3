"""The rules of a .gitignore at the root of a repository.

Source: gitignore(5). Each star is matched by `fnmatch`, whose expressions never backtrack for
long: these rules are written by whoever uploads.
"""

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

LONGEST_RULES = 64 * 1024

_Matcher = Callable[[str], object]


@dataclass(frozen=True)
class _Rule:
    keeps: bool
    """Whether it starts with `!`: what it matches is not ignored after all."""
    folders_only: bool
    anywhere: bool
    parts: Sequence[_Matcher | None]
    """One for each segment of a path; None is `**`, any number of segments."""

    def matches(self, segments: Sequence[str], *, is_folder: bool) -> bool:
        if self.folders_only and not is_folder:
            return False
        return _match(self.parts, segments[-1:] if self.anywhere else segments)


class IgnoreRules:
    def __init__(self, text: str) -> None:
        lines = text[:LONGEST_RULES].splitlines()
        self._rules = [rule for line in lines if (rule := _rule(line)) is not None]

    def ignores(self, path: str) -> bool:
        """Whether a file is ignored, or a folder that it is in."""
        segments = path.split("/")
        return bool(self._rules) and any(
            self._ignores(segments[:depth], is_folder=depth < len(segments))
            for depth in range(1, len(segments) + 1)
        )

    def _ignores(self, segments: Sequence[str], *, is_folder: bool) -> bool:
        for rule in reversed(self._rules):
            if rule.matches(segments, is_folder=is_folder):
                return not rule.keeps
        return False


def _rule(line: str) -> _Rule | None:
    text = line.rstrip()
    if not text or text.startswith("#"):
        return None
    keeps = text.startswith("!")
    pattern = text.removeprefix("!").removeprefix("\\")
    folders_only = pattern.endswith("/")
    pattern = pattern.rstrip("/")
    parts = pattern.removeprefix("/").split("/")
    if parts[-1] == "**":
        parts[-1] = "*"  # all that is inside, and not the folder itself
    return _Rule(
        keeps=keeps,
        folders_only=folders_only,
        anywhere="/" not in pattern,
        parts=[None if part == "**" else _matcher(part) for part in parts],
    )


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

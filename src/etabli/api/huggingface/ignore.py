"""The rules of a .gitignore at the root of a repository. Source: gitignore(5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from etabli.foundation.globs import Glob

LONGEST_RULES = 64 * 1024


@dataclass(frozen=True)
class _Rule:
    keeps: bool
    """Whether it starts with `!`: what it matches is not ignored after all."""
    folders_only: bool
    glob: Glob

    def matches(self, segments: Sequence[str], *, is_folder: bool) -> bool:
        return (is_folder or not self.folders_only) and self.glob.matches(segments)


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
    pattern = text.removeprefix("!").removeprefix("\\")
    return _Rule(
        keeps=text.startswith("!"),
        folders_only=pattern.endswith("/"),
        glob=Glob(pattern.rstrip("/")),
    )

"""The rules of a .gitignore at the root of a repository. Source: gitignore(5), git's dir.c."""

from dataclasses import dataclass

from etabli.foundation.errors import LimitError
from etabli.foundation.globs import Glob, Work
from etabli.foundation.i18n.messages import msg

IGNORE = ".gitignore"
MAX_RULES_BYTES = 64 * 1024
_BOM = b"\xef\xbb\xbf"


class LongIgnoreError(LimitError):
    def __init__(self) -> None:
        super().__init__(
            msg("The .gitignore is over {limit_kb} kB. Make it shorter.", limit_kb="64")
        )


@dataclass(frozen=True)
class _Rule:
    keeps: bool
    """Whether it starts with `!`: what it matches is not ignored after all."""
    folders_only: bool
    glob: Glob

    def matches(self, path: bytes, work: Work, *, is_folder: bool) -> bool:
        return (is_folder or not self.folders_only) and self.glob.matches(path, work)


class IgnoreRules:
    """For the paths of one request."""

    def __init__(self, content: bytes) -> None:
        """
        Raises:
            LongIgnoreError: it is over the limit.
        """
        if len(content) > MAX_RULES_BYTES:
            raise LongIgnoreError
        lines = content.removeprefix(_BOM).split(b"\n")
        self._rules = [rule for line in lines if (rule := _rule(line)) is not None][::-1]
        self._work = Work()
        self._folders: dict[bytes, bool] = {}

    def ignores(self, path: str) -> bool:
        """Whether a file is ignored, or a folder that it is in.

        Raises:
            TooManyMatchesError: the rules are too many for so many paths.
        """
        name = path.encode("utf-8", "surrogatepass")
        return bool(self._rules) and (
            any(self._ignores_folder(name[:at]) for at, byte in enumerate(name) if byte == 0x2F)
            or self._ignores(name, is_folder=False)
        )

    def _ignores_folder(self, path: bytes) -> bool:
        if path not in self._folders:
            self._folders[path] = self._ignores(path, is_folder=True)
        return self._folders[path]

    def _ignores(self, path: bytes, *, is_folder: bool) -> bool:
        for rule in self._rules:
            if rule.matches(path, self._work, is_folder=is_folder):
                return not rule.keeps
        return False


def _rule(line: bytes) -> _Rule | None:
    if not line or line.startswith(b"#"):
        return None
    pattern = _without_spaces(line.removesuffix(b"\r").partition(b"\0")[0])
    keeps = pattern.startswith(b"!")
    pattern = pattern.removeprefix(b"!")
    folders_only = pattern.endswith(b"/")
    return _Rule(keeps, folders_only, Glob(pattern.removesuffix(b"/")))


def _without_spaces(line: bytes) -> bytes:
    """Without the spaces at its end, but for one that is escaped."""
    end, at = 0, 0
    while at < len(line):
        byte = line[at : at + 1]
        at += 2 if byte == b"\\" else 1
        if byte != b" ":
            end = at
    return line[:end]

"""Patterns of paths as git writes them, in `.gitignore` and `.gitattributes`.

Source: gitignore(5), and `dowild` in git's wildmatch.c, byte for byte; `tests/foundation` compares
the two. These patterns are written by whoever uploads. Git's own matcher of 2.39, and libgit2's,
take for ever over a few of them (`**/a/**/a/…/b`); the expressions made here never go back over
what a star has taken, so that one match costs little more than path times pattern.
"""

import re
from collections.abc import Sequence

from etabli.foundation.errors import LimitError
from etabli.foundation.i18n.messages import msg

MAX_WORK_UNITS = 100_000_000
"""Bytes of paths times bytes of patterns, in one request. A unit is ten or twenty nanoseconds of
the worst pattern; 256 files and the rules of a large project take a tenth of this."""

_MIN_UNITS = 20
"""Of one match, however short both are: what the call itself costs."""
_COMPILING_UNITS = 3000
"""Of the first match by a pattern, besides a hundred for each of its bytes."""

_SPECIAL = re.compile(rb"[*?\[\\]")
_SLASH, _STAR = b"/", b"*"
_NOT_SLASH = frozenset(range(256)) - {ord("/")}
_CLASSES = {
    b"alnum": rb"[0-9A-Za-z]",
    b"alpha": rb"[A-Za-z]",
    b"blank": rb"[ \t]",
    b"cntrl": rb"[\x00-\x1f\x7f]",
    b"digit": rb"[0-9]",
    b"graph": rb"[!-~]",
    b"lower": rb"[a-z]",
    b"print": rb"[ -~]",
    b"punct": rb"[!-/:-@\[-`{-~]",
    b"space": rb"[ \t\n\r]",  # as git has it
    b"upper": rb"[A-Z]",
    b"xdigit": rb"[0-9A-Fa-f]",
}


class TooManyMatchesError(LimitError):
    def __init__(self) -> None:
        super().__init__(
            msg(
                "The patterns of .gitignore and .gitattributes are too many, or too long, for so "
                "many paths. Send fewer files at once, or write shorter patterns."
            )
        )


class Work:
    """How much may still be matched for one request."""

    def __init__(self, units: int = MAX_WORK_UNITS) -> None:
        self._left = units

    def spend(self, units: int) -> None:
        """
        Raises:
            TooManyMatchesError: it is more than is left.
        """
        self._left -= units
        if self._left < 0:
            raise TooManyMatchesError


class Glob:
    """One pattern. Without a slash it is for names at any depth."""

    def __init__(self, pattern: bytes) -> None:
        self._anywhere = _SLASH not in pattern
        pattern = pattern.removeprefix(_SLASH)
        special = _SPECIAL.search(pattern)
        # As git does it: what has nothing special is compared, and the rest matched by itself.
        cut = special.start() if special else len(pattern)
        self._start, self._rest = pattern[:cut], pattern[cut:]
        self._is_compiled = False
        self._expression: re.Pattern[bytes] | None = None

    def matches(self, path: bytes, work: Work) -> bool:
        """
        Raises:
            TooManyMatchesError: the work of this request is used up.
        """
        text = path.rpartition(_SLASH)[2] if self._anywhere else path
        work.spend(max(_MIN_UNITS, len(text) * len(self._rest)))
        if not self._rest:
            return text == self._start
        if not text.startswith(self._start):
            return False
        expression = self._compiled(work)
        return expression is not None and expression.match(text, len(self._start)) is not None

    def _compiled(self, work: Work) -> re.Pattern[bytes] | None:
        """Matches what follows the part with nothing special; None: nothing ever does."""
        if not self._is_compiled:
            work.spend(_COMPILING_UNITS + 100 * len(self._rest))
            segments = _segments(self._rest)
            if segments is not None:
                self._expression = re.compile(_joined(segments), re.DOTALL)
            self._is_compiled = True
        return self._expression


_Segment = list[bytes]
"""An expression for each byte of a segment of a path; `*` stands for any number of bytes."""

_ANY_FOLDERS: _Segment = [b"**/"]
_SOME_FOLDERS: _Segment = [b"**\\/"]
"""`**` before an escaped slash: git then wants one folder at least."""
_ALL_INSIDE: _Segment = [b"**"]


def _segments(pattern: bytes) -> list[_Segment] | None:
    """What is between the slashes; None when it cannot match anything."""
    segments: list[_Segment] = [[]]
    at = 0
    while at < len(pattern):
        byte = pattern[at : at + 1]
        if byte == _STAR:
            end = at + len(pattern[at:]) - len(pattern[at:].lstrip(_STAR))
            folders = _folders(pattern, at, end) if not segments[-1] else None
            segments[-1].extend(folders or [_STAR])
            at = end
            continue
        at += 1
        if byte == b"\\":
            byte, at = pattern[at : at + 1], at + 1
            if not byte:
                return None
        elif byte == b"?":
            segments[-1].append(b"[^/]")
            continue
        elif byte == b"[":
            found = _bracket(pattern, at)
            if found is None:
                return None
            expression, at = found
            segments[-1].append(expression)
            continue
        if byte == _SLASH:
            segments.append([])
        else:
            segments[-1].append(re.escape(byte))
    return segments


def _folders(pattern: bytes, start: int, end: int) -> _Segment | None:
    """What the stars at the beginning of a segment are, if they are more than a star."""
    if end - start < 2:
        return None
    if end == len(pattern):
        return _ALL_INSIDE
    if pattern[end : end + 1] == _SLASH:
        return _ANY_FOLDERS
    return _SOME_FOLDERS if pattern[end : end + 2] == b"\\/" else None


def _bracket(pattern: bytes, at: int) -> tuple[bytes, int] | None:
    """The expression of a set whose `[` ends before `at`, and where it ends; None: it is none."""
    negated = pattern[at : at + 1] in (b"!", b"^")
    at += negated
    chosen: set[int] = set()
    before: int | None = None
    is_first = True
    while is_first or pattern[at : at + 1] != b"]":
        is_first = False
        byte = pattern[at : at + 1]
        if not byte:
            return None
        named = _named_class(pattern, at)
        if byte == b"\\":
            at += 1
            if at >= len(pattern):
                return None
            chosen.add(pattern[at])
            before = pattern[at]
        elif byte == b"-" and before and pattern[at + 1 : at + 2] not in (b"", b"]"):
            at += 1 + (pattern[at + 1 : at + 2] == b"\\")
            if at >= len(pattern):
                return None
            chosen.update(range(before, pattern[at] + 1))
            before = None
        elif named is not None:
            name, at = named
            if name not in _CLASSES:
                return None
            chosen.update(c for c in range(256) if re.match(_CLASSES[name], bytes([c])))
            before = None
        else:
            chosen.add(pattern[at])
            before = pattern[at]
        at += 1
    return _one_of(_NOT_SLASH - chosen if negated else _NOT_SLASH & chosen), at + 1


def _named_class(pattern: bytes, at: int) -> tuple[bytes, int] | None:
    """The name in `[:name:]`, and where its last `]` is. A `[:` without an end makes no set."""
    if pattern[at : at + 2] != b"[:":
        return None
    end = pattern.find(b"]", at + 2)
    if end < 0:
        return b"", at
    if end - at < 3 or pattern[end - 1 : end] != b":":
        return None
    return pattern[at + 2 : end - 1], end


def _one_of(chosen: frozenset[int] | set[int]) -> bytes:
    if not chosen:
        return b"(?!)"
    return b"[" + b"".join(b"\\x%02x" % byte for byte in sorted(chosen)) + b"]"


def _joined(segments: Sequence[_Segment]) -> bytes:
    """One expression. What follows any folders is looked for from the left, as far as the next
    ones, and then stands: to find it earlier leaves most of the path for the rest."""
    parts: list[bytes] = []
    is_open = False
    for place, segment in enumerate(segments):
        is_last = place == len(segments) - 1
        if segment == _ALL_INSIDE and is_last:
            parts.append(b".*")
        elif segment in (_ANY_FOLDERS, _SOME_FOLDERS):
            if segment == _ANY_FOLDERS and place and segments[place - 1] == _ANY_FOLDERS:
                continue
            parts.append(b")" if is_open else b"")
            parts.append(b"(?>" + _NEXT_FOLDERS[segment[0]])
            is_open = True
        else:
            parts.append(_whole(segment) + (b"" if is_last else _SLASH))
    if not is_open:
        return b"".join(parts) + rb"\Z"
    # The last ones are tried until they end where the path does.
    return b"".join(parts) + rb"\Z)"


_NEXT_FOLDERS = {b"**/": b"(?:[^/]*/)*?", b"**\\/": b"(?:[^/]*/)+?"}


def _whole(segment: _Segment) -> bytes:
    """An expression for a segment. Between two stars, the leftmost place is as good as any."""
    chunks: list[list[bytes]] = [[]]
    for expression in segment:
        if expression == _STAR:
            chunks.append([])
        else:
            chunks[-1].append(expression)
    first, *others = [b"".join(chunk) for chunk in chunks]
    if not others:
        return first
    between = [b"(?>[^/]*?" + chunk + b")" for chunk in others[:-1]]
    return first + b"".join(between) + b"[^/]*" + others[-1]

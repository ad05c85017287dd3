"""What changed between two commits: lines of text, and sizes of what is no text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

import pygit2

from etabli.features.git.lfs_pointers import Pointer, may_be_pointer, read_pointer

MAX_FILES = 300
LARGEST_COMPARED_BYTES = 1_000_000
"""A text over this is not compared line by line."""


class Change(StrEnum):
    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"


@dataclass(frozen=True)
class Line:
    sign: str
    """`+`, `-` or a space."""
    before: int | None
    """Its number in the file as it was; None when it was not there."""
    after: int | None
    text: str


@dataclass(frozen=True)
class Hunk:
    """Lines that changed, and a few around them."""

    header: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class TextDifference:
    hunks: Sequence[Hunk]
    added: int
    removed: int
    patch: str
    """As `git diff` writes it."""


class Side:
    """A file before or after: its size, and its pointer if it is a large one."""

    def __init__(self, git: pygit2.Repository, file: pygit2.DiffFile) -> None:
        is_there = file.id != _NOTHING
        self.in_git_bytes = git.odb.read_header(file.id)[1] if is_there else 0
        blob = git[file.id] if is_there and may_be_pointer(self.in_git_bytes) else None
        self.large: Pointer | None = (
            read_pointer(blob.data) if isinstance(blob, pygit2.Blob) else None
        )

    @property
    def size_bytes(self) -> int:
        return self.large.size_bytes if self.large else self.in_git_bytes


_NOTHING = pygit2.Oid(hex="0" * 40)


class FileDifference:
    """One file. Its lines are looked for when they are asked for, and not before."""

    def __init__(
        self, git: pygit2.Repository, diff: pygit2.Diff, place: int, delta: pygit2.DiffDelta
    ) -> None:
        self._diff, self._place = diff, place
        self.path: str = delta.new_file.path
        self.change = _CHANGES.get(delta.status, Change.MODIFIED)
        self.before = Side(git, delta.old_file)
        self.after = Side(git, delta.new_file)

    @property
    def is_large(self) -> bool:
        return bool(self.before.large or self.after.large)

    @property
    def is_too_long(self) -> bool:
        """Whether its lines are not looked for, text or not."""
        longest = max(self.before.size_bytes, self.after.size_bytes)
        return not self.is_large and longest > LARGEST_COMPARED_BYTES

    @property
    def compared_bytes(self) -> int:
        """What `text` would read of both sides."""
        if self.is_large or self.is_too_long:
            return 0
        return self.before.size_bytes + self.after.size_bytes

    def text(self) -> TextDifference | None:
        """The lines; None when one side is a large file, no text, or too long to compare."""
        if self.is_large or self.is_too_long:
            return None
        patch = self._diff[self._place]
        if patch is None or patch.delta.is_binary:
            return None
        _, added, removed = patch.line_stats
        hunks = [Hunk(hunk.header.strip(), list(_lines(hunk))) for hunk in patch.hunks]
        return TextDifference(hunks, added, removed, _patch_text(patch))

    @property
    def headline(self) -> str:
        """In place of a patch that is not shown."""
        return f"diff --git a/{self.path} b/{self.path}\nBinary files differ\n"


@dataclass(frozen=True)
class Comparison:
    base_sha: str
    sha: str
    files: Sequence[FileDifference]
    """The first ones, in order of their paths."""
    total: int

    def patch(self, most_characters: int) -> str:
        """As `git diff` writes it; what would be too much is left out, and said so."""
        parts: list[str] = []
        left = most_characters
        for place, file in enumerate(self.files):
            text = file.text()
            part = text.patch if text else file.headline
            left -= len(part)
            if left < 0:
                return "".join([*parts, _cut(self.total - place)])
            parts.append(part)
        missing = self.total - len(self.files)
        return "".join([*parts, _cut(missing)] if missing else parts)


def compare(git: pygit2.Repository, base_sha: str, sha: str) -> Comparison:
    before, after = git[base_sha].peel(pygit2.Commit).tree, git[sha].peel(pygit2.Commit).tree
    diff = before.diff_to_tree(after)
    total = len(diff)
    first = enumerate(islice(diff.deltas, MAX_FILES))
    files = [FileDifference(git, diff, place, delta) for place, delta in first]
    return Comparison(base_sha, sha, files, total)


def _cut(files: int) -> str:
    return f"# {files} more files changed: fetch the ref to see all of it.\n"


_CHANGES = {
    pygit2.enums.DeltaStatus.ADDED: Change.ADDED,
    pygit2.enums.DeltaStatus.DELETED: Change.DELETED,
}


def _lines(hunk: pygit2.DiffHunk) -> Iterator[Line]:
    for line in hunk.lines:
        if line.origin in ("+", "-", " "):
            yield Line(
                line.origin,
                line.old_lineno if line.old_lineno > 0 else None,
                line.new_lineno if line.new_lineno > 0 else None,
                line.raw_content.decode("utf-8", "replace").rstrip("\r\n"),
            )


def _patch_text(patch: pygit2.Patch) -> str:
    return patch.data.decode("utf-8", "replace")
